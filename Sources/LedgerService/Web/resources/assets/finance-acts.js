// Agreeing to a batch, stopping it, and sending it: each for the digest that stands on the page, and no other.

import * as api from "./finance-api.js";
import { redraw } from "./finance-batch.js";
import { does, mayAct, note, sends } from "./finance-desk.js";
import { drawGates } from "./finance-gates.js";
import { t, tn } from "./i18n.js";
import { written } from "./money.js";
import { confirm, el, put, show, wrong } from "./page.js";
import { once } from "./wish.js";

/** The batch as it was drawn: what people agree to is what they see. */
let seen = null;

/** Draws an answer unless the page has moved on to another batch meanwhile. */
function drawIfSeen(day, draw) {
  if (seen.day === day) draw();
}

/** How many payouts a batch has. */
export const payouts = ({ standing }) => standing.reduce((sum, { count }) => sum + count, 0);

/** Shows what can be done with a batch now. */
export function offer(batch) {
  seen = batch;
  const isOpen = mayAct() && !["sent", "settled"].includes(batch.state);
  const needsReason = batch.approval.findingsCount > 0;
  show("fin-approve-form", isOpen);
  show("fin-reject-form", isOpen);
  const planned = batch.standing.some(({ state }) => ["planned", "refused"].includes(state));
  show("fin-send", mayAct() && (batch.state === "approved" || (batch.state === "sent" && planned)));
  show("fin-reads-only", !mayAct());
  put("fin-reason-hint", t(needsReason ? "fin_reason_needed" : "fin_reason_free"));
  el("fin-reason").required = needsReason;
}

/** What the dialog says of the batch: how many, how much, and the digest. */
function facts() {
  const totals = seen.approval.totals.map(written).join(" · ") || "0";
  return t("fin_confirm_more", { payouts: tn("fin_payouts_count", payouts(seen)), totals, digest: seen.digest });
}

/** The reason of a field; null with the words beside it where one is needed and missing. */
function reason(id, isNeeded) {
  const text = el(id).value.trim();
  const fits = text.length > 0 || !isNeeded;
  wrong(id, fits ? null : t("fin_reason_wrong"));
  if (!fits) el(id).focus();
  return fits ? text : null;
}

async function approve() {
  const why = reason("fin-reason", seen.approval.findingsCount > 0);
  if (why === null) return;
  const { day, digest } = seen;
  if (!(await confirm({ heading: t("fin_approve_heading"), more: facts(), yes: t("fin_approve") }))) return;
  const body = why ? { digest, reason: why } : { digest };
  const batch = await once("approve", { day, body }, (key) => api.approve(day, body, key));
  el("fin-reason").value = "";
  await redraw(batch);
  note(t(batch.state === "approved" ? "fin_approved_all" : "fin_approved_partly"));
}

async function reject() {
  const why = reason("fin-reject-reason", true);
  if (why === null) return;
  const { day, digest } = seen;
  if (!(await confirm({ heading: t("fin_reject_heading"), more: facts(), yes: t("fin_reject") }))) return;
  const body = { digest, reason: why };
  const batch = await once("reject", { day, body }, (key) => api.reject(day, body, key));
  el("fin-reject-reason").value = "";
  await redraw(batch);
  note(t("fin_rejected"));
}

async function sendIt() {
  const { day, digest } = seen;
  if (!(await confirm({ heading: t("fin_send_heading"), more: facts(), yes: t("fin_send") }))) return;
  try {
    const batch = await once("send", { day, digest }, (key) => api.sendBatch(day, digest, key));
    await redraw(batch);
    note(t("fin_sent"));
  } finally {
    // What held it, or let it through, was written down.
    const gates = await api.gates(day);
    drawIfSeen(day, () => drawGates(gates));
  }
}

sends("fin-approve-form", "fin-approve", approve);
sends("fin-reject-form", "fin-reject", reject);
does("fin-send", sendIt);
