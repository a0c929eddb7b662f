// What the room's page knows: the room, the tickets of this visitor, and who draws what when that changes.

import * as api from "./api.js";
import * as keep from "./keep.js";
import { el, put, show, showProblem } from "./page.js";

export const { room: roomID, host: hostName } = el("main").dataset;
/** Whether money of this house is test money, with which a wallet fills itself. */
export const sandbox = el("main").dataset.sandbox === "true";

let room = null;
let tickets = keep.tickets.get(roomID);
const drawers = [];
const dropped = [];

export const theRoom = () => room;

/** The ticket that the page shows; null without one. */
export const held = () => tickets[0] ?? null;
export const allTickets = () => tickets;

/** Registers what draws a part of the page from what is known. */
export const onDraw = (draw) => drawers.push(draw);
/** Registers what happens when a ticket is here no more: called with it, and with whether it has ended everywhere. */
export const onDrop = (heard) => dropped.push(heard);

export function draw() {
  if (room) drawers.forEach((one) => one(room));
}

function setTickets(next, hasEnded = true) {
  const left = tickets.filter((before) => !next.some((ticket) => ticket.ticket === before.ticket));
  tickets = next;
  keep.tickets.set(roomID, next);
  left.forEach((ticket) => dropped.forEach((heard) => heard(ticket, hasEnded)));
  draw();
}

/** Adds tickets, each {ticket, token, seat?, price?, expiresAt, mine}; the first of them is shown. */
export function addTickets(added) {
  const known = [...tickets, ...boughtElsewhere()];
  const others = known.filter((ticket) => !added.some((one) => one.ticket === ticket.ticket));
  setTickets([...added, ...others]);
}

/** Tickets that another page of this visitor has put beside these: with a pass, or in a second tab. */
function boughtElsewhere() {
  return keep.tickets.get(roomID).filter((one) => !tickets.some(({ ticket }) => ticket === one.ticket));
}

function takeBoughtElsewhere() {
  const found = boughtElsewhere();
  if (found.length > 0) setTickets([...tickets, ...found]);
}
addEventListener("storage", takeBoughtElsewhere);
addEventListener("pageshow", ({ persisted }) => persisted && takeBoughtElsewhere());

export function showTicket(id) {
  const found = tickets.find((ticket) => ticket.ticket === id);
  if (found) setTickets([found, ...tickets.filter((ticket) => ticket !== found)]);
}

/** Another ticket takes the place of one: later, longer, or the same with something learnt. */
export function replaceTicket(id, next) {
  // The new one may be here already, from another page of this visitor.
  const others = tickets.filter((ticket) => ticket.ticket === id || ticket.ticket !== next.ticket);
  setTickets(others.map((ticket) => (ticket.ticket === id ? next : ticket)));
}

export function dropTicket(id) {
  setTickets(tickets.filter((ticket) => ticket.ticket !== id));
}

/** Takes a ticket off this device; it stays good elsewhere. */
export function forgetTicket(id) {
  setTickets(tickets.filter((ticket) => ticket.ticket !== id), false);
}

export async function refreshRoom() {
  try {
    room = await api.room(roomID);
  } catch (problem) {
    // The page keeps what it knows; only a first look that fails is worth words.
    if (!room) showProblem(problem);
    return;
  }
  draw();
}

/** Says on the page, for everybody, that something is done. */
export function showNote(text) {
  put("note", text);
  show("note", true);
  el("note").scrollIntoView({ block: "nearest" });
}
