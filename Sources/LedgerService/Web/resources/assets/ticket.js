// The tickets that this visitor holds: which one is shown, its time, and its ways to other devices.

import * as api from "./api.js";
import { now } from "./api.js";
import { isCopied } from "./claim.js";
import * as time from "./countdown.js";
import { t } from "./i18n.js";
import * as keep from "./keep.js";
import { isFree, written } from "./money.js";
import { announce, busy, confirm, confirmOn, copy, el, make, put, show, showProblem, wrong } from "./page.js";
import { drawCode } from "./qr.js";
import { wordsOfSale } from "./resale.js";
import { isListening } from "./sound.js";
import {
  addTickets, allTickets, dropTicket, forgetTicket, held, onDraw, refreshRoom, replaceTicket, roomID, showNote,
  showTicket,
} from "./visit.js";

let warned = new Set();
let warnedOf = null;
let codeOf = null;

function drawChoice(ticket) {
  const tickets = [...allTickets()].sort((a, b) => (a.seat ?? 0) - (b.seat ?? 0));
  show("choice", tickets.length > 1);
  const focused = document.activeElement?.name === "held-ticket";
  el("choices").replaceChildren(
    ...tickets.map((one) => {
      const row = make("label", "choice");
      const input = make("input");
      Object.assign(input, { type: "radio", name: "held-ticket", value: one.ticket, checked: one === ticket });
      input.addEventListener("change", () => showTicket(one.ticket));
      row.append(input, make("span", "figures", t("ticket_of_seat", { seat: one.seat ?? "–" })));
      return row;
    }),
  );
  if (focused) el("choices").querySelector("input:checked")?.focus();
}

function drawTicket(room) {
  const ticket = held();
  const phase = time.phaseOf(room);
  show("held", Boolean(ticket));
  // A copy of a bound ticket opens nothing.
  show("other-device", Boolean(ticket) && isCopied(ticket));
  if (!ticket) show("player", false);
  show("have-ticket", !ticket);
  if (!ticket) return;
  drawChoice(ticket);
  show("seat-fact", ticket.seat !== undefined);
  put("seat", String(ticket.seat ?? ""));
  show("paid-fact", Boolean(ticket.price));
  if (ticket.price) put("paid", isFree(ticket.price) ? t("room_price_free") : written(ticket.price));
  put("until", time.timeOfDay(ticket.expiresAt));
  put("ticket-number", ticket.ticket);
  show("show-code", ticket.mine);
  show("add-calendar", ticket.mine);
  if (codeOf !== ticket.ticket) {
    show("code-frame", false);
    show("copy-area", false);
  }
  const inside = phase === "doors" || phase === "live";
  show("listen", (inside || isListening()) && Date.parse(ticket.expiresAt) > now());
  // What the room says of a ticket on several devices, unless it is what everybody expects.
  const { sharing = "newest" } = room;
  show("sharing", sharing !== "newest");
  put("sharing", sharing === "first" ? t("ticket_sharing_first") : t("ticket_sharing_devices", { n: sharing.split("-")[1] }));
  show("listen-more", phase === "upcoming" || phase === "waiting");
  put("listen-more", t(phase === "waiting" ? "room_waiting_more" : "ticket_wait_doors"));
}

/**
 * Counts the time of the ticket that is shown down, and warns before it is over. `said` is the warning that the gateway
 * gives by its own clock, in seconds before the end.
 */
export function tickTicket(said = null) {
  const ticket = held();
  if (!ticket) return;
  // An end that moves has warnings of its own.
  const end = `${ticket.ticket} ${ticket.expiresAt}`;
  if (warnedOf !== end) [warned, warnedOf] = [new Set(), end];
  const left = Date.parse(ticket.expiresAt) - now();
  put("time-left", time.clock(left));
  const over = left <= 0;
  el("time-left").classList.toggle("short", left <= 5 * 60000);
  if (over && el("listen").hidden === false && !isListening()) show("listen", false);
  const level = over ? "over" : left <= 60000 || said === 60 ? "1" : left <= 5 * 60000 || said === 300 ? "5" : null;
  show("warning", Boolean(level));
  if (!level || warned.has(level)) return;
  warned.add(level);
  el("warning").dataset.level = level;
  put("warning", t(level === "over" ? "ticket_over" : `ticket_warn_${level}`));
}

/** What the gateway says about the end of the ticket that is listened with. */
export function hearWarning(listenedWith, { secondsLeft, endsAt }) {
  const ticket = held();
  if (!endsAt || ticket?.ticket !== listenedWith) return;
  if (Date.parse(endsAt) !== Date.parse(ticket.expiresAt)) replaceTicket(ticket.ticket, { ...ticket, expiresAt: endsAt });
  tickTicket(secondsLeft);
  // Whoever listens in a hidden tab is asked now whether they want what was added to the room meanwhile.
  if (document.hidden) refreshRoom();
}

/** Takes a ticket from text: a link that ends with it or the ticket itself. Returns the key of the words if not. */
export function take(text) {
  const token = /([\w-]+\.[\w-]+\.[\w-]+)\s*$/.exec(text)?.[1] ?? "";
  const claims = keep.claims(token);
  if (!claims?.jti || !Number.isFinite(claims.exp)) return "have_ticket_wrong";
  if (claims.room !== roomID) return "have_ticket_other_room";
  const known = allTickets().find((ticket) => ticket.ticket === claims.jti);
  const expiresAt = new Date(claims.exp * 1000).toISOString();
  addTickets([known ?? { ticket: claims.jti, token, expiresAt, mine: false }]);
  return null;
}

/** Forgets tickets that were given back, passed on or replaced elsewhere, and says so. */
export async function checkTickets() {
  for (const ticket of allTickets()) await checkTicket(ticket);
}

async function checkTicket(ticket) {
  const wallet = keep.wallet.get();
  if (!ticket.mine || !wallet) return;
  const found = await api.ticket(ticket.ticket, wallet).catch(() => null);
  const words = { refunded: "ticket_refunded", withdrawn: "ticket_refunded", replaced: "ticket_replaced" };
  const isHere = () => allTickets().some((one) => one.ticket === ticket.ticket);
  if (!isHere() || !found) return;
  // The same ticket with more time: its token says so.
  if (found.token && !words[found.state] && found.token !== ticket.token)
    replaceTicket(ticket.ticket, { ...ticket, token: found.token, expiresAt: found.expiresAt });
  if (!words[found.state]) return;
  // Another one in its place that is still this visitor's: its room moved, or it lasts longer.
  const next = found.successor ? await api.ticket(found.successor, wallet).catch(() => null) : null;
  if (!isHere()) return;
  if (next?.token) {
    replaceTicket(ticket.ticket, { ...ticket, ticket: next.ticket, token: next.token, expiresAt: next.expiresAt });
    showNote(t("ticket_moved"));
    return;
  }
  const offered = (keep.offers.get(roomID) ?? {})[ticket.ticket];
  const sold = found.state === "refunded" ? await wordsOfSale(ticket.ticket, wallet) : null;
  if (!isHere()) return;
  dropTicket(ticket.ticket);
  if (sold) announce(sold);
  showNote(sold ?? t(found.state === "replaced" && offered ? "pass_gone" : words[found.state]));
}

// Other devices

const ticketLink = () => `${location.origin}/r/${roomID}#ticket=${held().token}`;

/** Both come with the wallet's key, so they are fetched and not linked to. */
async function showCode() {
  const { ticket } = held();
  try {
    const text = await api.ticketCopy(ticket, "qr.svg", keep.wallet.get());
    codeOf = ticket;
    show("code-frame", drawCode(el("code"), text));
  } catch (problem) {
    showProblem(problem);
  }
}

async function saveCalendar() {
  const { ticket } = held();
  try {
    const text = await api.ticketCopy(ticket, "calendar.ics", keep.wallet.get());
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([text], { type: "text/calendar" }));
    link.download = `${ticket}.ics`;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
  } catch (problem) {
    showProblem(problem);
  }
}

function showForCopying(text) {
  codeOf = held().ticket;
  show("copy-area", true);
  el("copy-area").value = text;
  el("copy-area").select();
}

async function copyFrom(button, text) {
  if (await copy(text, showForCopying)) confirmOn(button, t("copied"));
}

async function forget() {
  const { ticket } = held();
  const words = { heading: t("ticket_forget_heading"), more: t("ticket_forget_more"), yes: t("ticket_forget_yes") };
  if (await confirm(words)) forgetTicket(ticket);
}

/** Says beside the field why a text is no ticket of this room. */
export function sayWrong(key) {
  wrong("token", key ? t(key) : null);
  if (key) el("have-ticket").open = true;
}

/** Takes what stands in the field; `instead` is asked first whether it is something else that it knows. */
export function takeTyped(instead) {
  const text = el("token").value;
  if (instead(text)) return sayWrong(null);
  const key = take(text);
  sayWrong(key);
  if (key) el("token").focus();
  else announce(t("ticket_taken"));
}

onDraw(drawTicket);
el("copy-link").addEventListener("click", () => copyFrom(el("copy-link"), ticketLink()));
el("copy-token").addEventListener("click", () => copyFrom(el("copy-token"), held().token));
el("show-code").addEventListener("click", () => busy(el("show-code"), showCode));
el("add-calendar").addEventListener("click", () => busy(el("add-calendar"), saveCalendar));
el("forget").addEventListener("click", forget);
