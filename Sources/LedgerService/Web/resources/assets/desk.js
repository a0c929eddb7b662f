// What every part of the host's office leans on: the key, the room, and how a wish is sent once.

import { t } from "./i18n.js";
import * as keep from "./keep.js";
import { announce, busy, el, hideProblem, put, show, showProblem, wrong } from "./page.js";

export { once } from "./wish.js";

export const roomID = el("main").dataset.room;

let key = keep.hostKey.get(roomID);
const openings = [];

/** The host's key; it stays in this tab. */
export const hostKey = () => key;

export function setHostKey(value) {
  key = value;
  keep.hostKey.set(roomID, value);
}

/** Registers what reads a part of the office when it is opened. */
export const onOpen = (read) => openings.push(read);
export const readAll = () => Promise.all(openings.map((read) => read().catch(showProblem)));

/** Lets a button do its work; a refusal is shown in its own words. */
export function does(id, work) {
  el(id).addEventListener("click", () => act(id, work));
}

/** Lets a form's button do the form's work. */
export function sends(form, button, work) {
  el(form).addEventListener("submit", (event) => {
    event.preventDefault();
    act(button, work);
  });
}

export const act = (id, work) => actOn(el(id), work);

export function actOn(button, work) {
  hideProblem();
  show("office-note", false);
  return busy(button, () => work().catch(showProblem));
}

/** Says that something is done. */
export function note(text) {
  put("office-note", text);
  show("office-note", true);
  announce(text);
}

/** The instant of a date and time field, which is in the visitor's own zone; null while it is empty. */
export function instant(id) {
  const { value } = el(id);
  return value ? new Date(value).toISOString() : null;
}

/** A whole number of a field, or what stands beside it; an empty one is null. Returns null for what is no number. */
export function whole(id) {
  const text = el(id).value.trim();
  const fits = /^\d{0,7}$/.test(text);
  wrong(id, fits ? null : t("office_number_wrong"));
  return fits ? { number: text ? Number(text) : null } : null;
}
