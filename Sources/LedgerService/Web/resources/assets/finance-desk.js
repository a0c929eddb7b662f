// What every part of the finance page leans on: the key, what it may do, and how an act is done and told.

import * as keep from "./keep.js";
import { announce, busy, el, hideProblem, make, put, show, showProblem } from "./page.js";

let key = keep.financeKey.get();

/** The key of whoever answers for the money; it stays in this tab. */
export const financeKey = () => key;

export function setFinanceKey(value) {
  key = value;
  keep.financeKey.set(value);
}

/** Whether the key acts; an auditor's only reads. */
export const mayAct = () => /^gk_(finance|operator)_/.test(key ?? "");

export function actOn(button, work) {
  hideProblem();
  show("fin-note", false);
  return busy(button, () => work().catch(showProblem));
}

/** Lets a button do its work; a refusal is shown in its own words. */
export function does(id, work) {
  el(id).addEventListener("click", () => actOn(el(id), work));
}

/** Lets a form's button do the form's work. */
export function sends(form, button, work) {
  el(form).addEventListener("submit", (event) => {
    event.preventDefault();
    actOn(el(button), work);
  });
}

/** Says that something is done. */
export function note(text) {
  put("fin-note", text);
  show("fin-note", true);
  announce(text);
}

/** What the list at this place is cut down to, from the address. */
export const filters = () => Object.fromEntries(new URLSearchParams(location.hash.split("?")[1] ?? ""));

/** Whether the page is at the list of a day, and not at another day, a payee or an order. */
export const isAt = (day) => location.hash.replace(/^#\/?/, "").split("?")[0] === day;

/** Keeps it in the address, so that whoever comes back from a payee, or opens the link, sees the same. */
export function keepFilters(filter) {
  const given = Object.entries(filter).filter(([, value]) => value);
  const query = given.length > 0 ? `?${new URLSearchParams(given)}` : "";
  history.replaceState(history.state, "", location.hash.split("?")[0] + query);
}

/** A link to a place of this page: a day, a payee of it, an order of theirs. */
export function way(text, ...place) {
  const link = make("a", "", text);
  link.href = `#/${place.join("/")}`;
  return link;
}

/** A cell of a table. */
export function cell(content, className = "") {
  const node = make("td", className);
  node.append(content);
  return node;
}

/** The cell that names its row. */
export function head(content) {
  const node = make("th");
  node.scope = "row";
  node.append(content);
  return node;
}
