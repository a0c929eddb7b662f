// Everybody whom a night looked at: what they got, or why they did not and when to look again.

import * as api from "./finance-api.js";
import { cell, does, head, way } from "./finance-desk.js";
import { t, tn } from "./i18n.js";
import { written } from "./money.js";
import { el, make, put, show } from "./page.js";

let day = null;
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

function draw() {
  el("fin-payee-rows").replaceChildren(...shown.map(row));
  show("fin-payees-empty", shown.length === 0);
  show("fin-payees-more", Boolean(next));
  put("fin-payees-count", tn("fin_payees_count", shown.length));
}

export function drawPayees(of, page) {
  day = of;
  shown = page.payees;
  next = page.next ?? null;
  draw();
}

does("fin-payees-more", async () => {
  const of = day;
  const more = await api.payees(of, next);
  if (of !== day) return;
  shown = [...shown, ...more.payees];
  next = more.next ?? null;
  draw();
});
