// Everybody whom a night looked at: what they got, or why they did not and when to look again. Among thousands they are
// found by name, and by reason: each reason says how many have it.

import * as api from "./finance-api.js";
import { actOn, cell, does, filters, head, isAt, keepFilters, way } from "./finance-desk.js";
import { has, locale, t, tn } from "./i18n.js";
import { written } from "./money.js";
import { announce, el, hideProblem, make, put, show, showProblem } from "./page.js";

let day = null;
/** What was asked for last; the list shows it once the answer is there. */
let wanted = {};
let turns = 0;
let shown = [];
let next = null;

function row(payee) {
  const row = make("tr");
  row.dataset.host = payee.host;
  row.dataset.reason = payee.reason;
  const name = way(payee.name, day, payee.host, payee.currency);
  name.dir = "auto";
  const reason = make("span");
  reason.append(make("strong", "", t(`fin_reason_${payee.reason}`)), make("small", "fin-words", payee.words));
  row.append(
    head(name),
    cell(reason),
    cell(payee.gross ? written(payee.gross) : "–", "figures amount"),
    cell(payee.withheld ? written(payee.withheld) : "–", "figures amount"),
    cell(payee.net ? written(payee.net) : "–", "figures amount"),
    cell(written(payee.available), "figures amount"),
  );
  return row;
}

function counted() {
  const more = next ? "fin_payees_more_count" : "fin_payees_count";
  return tn(more, shown.length);
}

function draw() {
  el("fin-payee-rows").replaceChildren(...shown.map(row));
  const isCut = Boolean(wanted.find || wanted.reason);
  show("fin-payees-empty", shown.length === 0);
  put("fin-payees-empty", t(isCut ? "fin_payees_not_found" : "fin_payees_none"));
  show("fin-payees-more", Boolean(next));
  put("fin-payees-count", counted());
}

/** A reason with the number of those who have it; pressed while the list shows only them. */
function chip(reason, text, payees) {
  const button = make("button", "button small fin-chip", `${text} `);
  button.type = "button";
  button.dataset.reason = reason;
  button.setAttribute("aria-pressed", String((wanted.reason ?? "") === reason));
  button.append(make("span", "figures", new Intl.NumberFormat(locale).format(payees)));
  button.addEventListener("click", () => actOn(button, () => look({ find: typed(), reason })));
  return button;
}

function drawReasons({ payees, reasons }) {
  const sums = new Map();
  for (const one of reasons) sums.set(one.reason, (sums.get(one.reason) ?? 0) + one.payees);
  el("fin-reasons").replaceChildren(
    chip("", t("fin_reasons_all"), payees),
    ...[...sums].map(([reason, count]) => chip(reason, t(`fin_reason_${reason}`), count)),
  );
}

function press() {
  for (const button of el("fin-reasons").children)
    button.setAttribute("aria-pressed", String(button.dataset.reason === (wanted.reason ?? "")));
}

const typed = () => el("fin-find").value.trim();

/** Looks for others, and says how many were found; the address keeps what was looked for. The last wish wins, and an
 * answer that comes after somebody went on is dropped. */
async function look(filter) {
  const of = day;
  const turn = ++turns;
  wanted = filter;
  const page = await api.payees(of, filter);
  if (turn !== turns || !isAt(of)) return;
  keepFilters(filter);
  take(page);
  press();
  draw();
  announce(counted());
}

function take(page) {
  shown = page.payees;
  next = page.next ?? null;
}

/** What the address asks for; one that was written by hand may ask for what there is not. */
function wantedPayees() {
  const { find = "", reason = "" } = filters();
  return { find: [...find.trim()].slice(0, 80).join(""), reason: has(`fin_reason_${reason}`) ? reason : "" };
}

export async function readPayees(of) {
  const filter = wantedPayees();
  const turn = ++turns;
  const [page, reasons] = await Promise.all([api.payees(of, filter), api.reasonCounts(of)]);
  return () => {
    day = of;
    if (turn === turns) {
      wanted = filter;
      take(page);
      el("fin-find").value = filter.find;
    }
    drawReasons(reasons);
    draw();
  };
}

el("fin-find-form").addEventListener("submit", (event) => {
  event.preventDefault();
  // Not as a button's act: a second wish does not wait for the answer to the first.
  hideProblem();
  look({ ...wanted, find: typed() }).catch(showProblem);
});
// The cross of a search field empties it, and everybody is there again.
el("fin-find").addEventListener("search", () => {
  if (typed() === "" && wanted.find) el("fin-find-form").requestSubmit();
});
does("fin-payees-more", async () => {
  const [of, turn] = [day, turns];
  const more = await api.payees(of, wanted, next);
  if (of !== day || turn !== turns) return;
  shown = [...shown, ...more.payees];
  next = more.next ?? null;
  draw();
});
