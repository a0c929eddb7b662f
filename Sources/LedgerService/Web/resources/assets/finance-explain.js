// From a payee to the orders behind a payout, and from an order to every posting of it, with the sums that must come out.

import * as api from "./finance-api.js";
import { openStatement } from "./finance-files.js";
import { cell, head, way } from "./finance-desk.js";
import { dayText, short } from "./finance-words.js";
import * as time from "./countdown.js";
import { t } from "./i18n.js";
import { written } from "./money.js";
import { el, make, put, show } from "./page.js";

function postings({ entry, postings: rows }) {
  const table = make("table", "rows fin-postings");
  const caption = make("caption", "", t("fin_entry", { n: entry }));
  const top = make("tr");
  for (const [word, className] of [["fin_debit", ""], ["fin_credit", ""], ["fin_amount", "amount"]]) {
    const name = make("th", className, t(word));
    name.scope = "col";
    top.append(name);
  }
  const thead = make("thead");
  thead.append(top);
  const body = make("tbody");
  for (const { debit, credit, amount } of rows) {
    const row = make("tr");
    row.dataset.amount = amount.amount;
    row.append(cell(make("code", "", debit)), cell(make("code", "", credit)), cell(written(amount), "figures amount"));
    body.append(row);
  }
  table.append(caption, thead, body);
  return table;
}

/** One thing that happened, with its postings and what followed from it. */
function node(step, place) {
  const item = make("li", "fin-step");
  item.dataset.kind = step.kind;
  const line = make("p", "fin-line");
  line.append(make("strong", "", t(`fin_step_${step.kind}`)), " ");
  const linked = step.order && place ? way(step.order, ...place, step.order) : make("code", "", step.id);
  line.append(linked);
  if (step.note && !step.order) line.append(make("span", "fin-note", step.note));
  if (step.day) line.append(make("span", "fin-note", dayText(step.day)));
  else if (step.at) line.append(make("span", "fin-note", time.date(step.at)));
  if (step.amount) line.append(make("span", "figures fin-figure", written(step.amount)));
  item.append(line);
  if (step.postings?.length) item.append(postings(step));
  if (step.steps?.length) item.append(tree(step.steps, place));
  return item;
}

function tree(steps, place) {
  const list = make("ul", "fin-tree");
  list.append(...steps.map((step) => node(step, place)));
  return list;
}

function sum({ name, parts, total, holds }) {
  const row = make("tr");
  row.dataset.sum = name;
  row.dataset.holds = String(holds);
  const words = parts.length > 12 ? t("fin_sum_parts", { n: parts.length }) : parts.map(written).join(" + ") || "0";
  row.append(
    head(t(`fin_sum_${name}`)),
    cell(words, "figures"),
    cell(written(total), "figures amount"),
    cell(t(holds ? "fin_sum_holds" : "fin_sum_broken")),
  );
  return row;
}

/** Draws an explanation into the places of a view. */
function draw(view, { tree: root, sums, addsUp }, place) {
  el(`${view}-tree`).replaceChildren(tree([root], place));
  el(`${view}-sums`).replaceChildren(...sums.map(sum));
  el(view).dataset.addsUp = String(addsUp);
  put(`${view}-word`, t(addsUp ? "fin_adds_up" : "fin_adds_not"));
  el(`${view}-word`).className = addsUp ? "notice" : "notice warn";
}

function crumbs(id, { day, host, currency }, name) {
  const parts = [way(t("fin_heading")), way(dayText(day), day)];
  if (name) parts.push(way(name, day, host, currency));
  el(id).replaceChildren(
    ...parts.map((part) => {
      const item = make("li");
      item.append(part);
      return item;
    }),
  );
}

/** A payee of a night: the reason row, and where a payout was made all that it is made of. */
export async function showPayee({ day, host, currency }) {
  const { rows, words, name, batch } = await api.reasons(host, day);
  const row = rows.find((one) => one.currency === currency);
  const paid = row?.gross ? await api.explanation(row.payout ?? `${batch}:${host}:${currency}`) : null;
  return () => {
    crumbs("fin-payee-crumbs", { day });
    put("fin-payee-heading", name ?? host);
    put("fin-payee-id", host);
    put("fin-payee-reason", row ? t(`fin_reason_${row.reason}`) : t("fin_reason_nothing"));
    put("fin-payee-words", [row?.words, words].filter(Boolean).join(" "));
    put("fin-payee-available", row ? written(row.available) : "–");
    put("fin-payee-pending", row ? written(row.pending) : "–");
    put("fin-payee-net", row?.net ? written(row.net) : "–");
    put("fin-payee-next", row?.nextOn ? dayText(row.nextOn) : "–");
    show("fin-payee-paid", Boolean(paid));
    if (paid) draw("fin-payee", paid, [day, host, currency]);
    openStatement(day, host);
  };
}

/** An order from its sale to the bank. */
export async function showOrder(place) {
  const order = await api.explanation(place.order);
  return () => {
    crumbs("fin-order-crumbs", place, short(place.host));
    put("fin-order-heading", t("fin_order", { id: place.order }));
    draw("fin-order", order, null);
  };
}
