// The vouchers of a host.

import { actOn, hostKey, instant, note, once, onOpen, roomID, sends, whole } from "./desk.js";
import { locale, t } from "./i18n.js";
import { typed, written } from "./money.js";
import * as office from "./office-api.js";
import { roomCurrency } from "./office-prices.js";
import { el, make, put, show, wrong } from "./page.js";

function benefit(voucher) {
  if (voucher.kind === "free") return t("office_voucher_free");
  if (voucher.kind === "amount") return `−${written(voucher.amount)}`;
  const percent = new Intl.NumberFormat(locale, { style: "percent", maximumFractionDigits: 2 });
  return `−${percent.format(voucher.percentBp / 10_000)}`;
}

function row(voucher) {
  const row = make("tr");
  row.dataset.voucher = voucher.voucher;
  const head = make("th", "", voucher.hint);
  head.scope = "row";
  const used = `${voucher.used} / ${voucher.uses}`;
  const actions = make("td", "buttons");
  if (voucher.revoked) {
    actions.textContent = t("office_revoked");
  } else {
    const end = make("button", "button small", t("office_revoke"));
    end.setAttribute("aria-label", t("office_revoke_named", { name: voucher.hint }));
    end.addEventListener("click", () => actOn(end, () => revoke(voucher)));
    actions.append(end);
  }
  row.append(head, make("td", "figures", benefit(voucher)), make("td", "figures", used), actions);
  return row;
}

async function read() {
  const { vouchers } = await office.vouchers(hostKey());
  const ours = vouchers.filter((voucher) => !voucher.room || voucher.room === roomID);
  el("voucher-rows").replaceChildren(...ours.map(row));
}

async function revoke(voucher) {
  await office.revokeVoucher(voucher.voucher, hostKey());
  await read();
  note(t("office_revoke_done", { name: voucher.hint }));
}

/** What the voucher takes off, as the API takes it; null for what does not fit, which stands beside the field. */
function value(kind) {
  const text = el("voucher-value").value.trim();
  let body = {};
  if (kind === "percent") {
    // Hundredths of a percent are basis points: the same shift as cents of a euro.
    const points = typed(text, "EUR")?.amount;
    body = points > 0 && points <= 10_000 ? { percentBp: points } : null;
  } else if (kind === "amount") {
    const amount = typed(text, roomCurrency());
    body = amount ? { amount } : null;
  }
  wrong("voucher-value", body ? null : t("office_value_wrong"));
  return body;
}

async function send() {
  const kind = el("voucher-kind").value;
  const [taken, uses] = [value(kind), whole("voucher-uses")];
  if (!taken || !uses) return;
  const body = { kind, ...taken, room: roomID, uses: uses.number ?? 1 };
  if (instant("voucher-until")) body.until = instant("voucher-until");
  const made = await once("voucher", body, (key) => office.makeVoucher(body, hostKey(), key));
  // The code is told this once: it stays on the page until another one is made.
  put("voucher-code", made.code ? t("office_voucher_code", { code: made.code }) : t("office_voucher_code_lost"));
  show("voucher-code", true);
  await read();
}

onOpen(read);
sends("voucher-form", "voucher-send", send);
