// Giving a ticket back if it is resold: whoever finds no other seat takes it over, and the money comes back. Until then the
// ticket stays its holder's and lets in.

import * as api from "./api.js";
import { now } from "./api.js";
import * as time from "./countdown.js";
import { locale, t, tn } from "./i18n.js";
import * as keep from "./keep.js";
import { written } from "./money.js";
import { announce, busy, el, hideProblem, put, show, showProblem } from "./page.js";
import { roomTerms } from "./terms.js";
import { allTickets, held, onDraw, refreshRoom, roomID, theRoom } from "./visit.js";

/** The resale of each ticket that was put up, as the server showed it last, by the ticket. */
const resales = new Map();
let heardSold = () => {};

/** Registers what looks after the tickets when one of them was resold. */
export const onSold = (heard) => (heardSold = heard);

const marked = () => keep.resales.get(roomID) ?? [];

function mark(ticket, isOnList) {
  const others = marked().filter((one) => one !== ticket);
  const all = isOnList ? [...others, ticket] : others;
  keep.resales.set(roomID, all.length > 0 ? all : null);
}

const isOnList = (ticket) => ["offered", "lent"].includes(resales.get(ticket)?.state);

function hear(resale) {
  resales.set(resale.ticket, resale);
  // One that was resold is kept in mind until its ticket is gone from the page.
  mark(resale.ticket, isOnList(resale.ticket) || resale.state === "resold");
}

function forget(ticket) {
  resales.delete(ticket);
  mark(ticket, false);
}

/** Looks how the tickets stand that were put up. */
export async function checkResales() {
  const wallet = keep.wallet.get();
  if (!wallet) return;
  for (const ticket of marked()) {
    try {
      hear(await api.resale(ticket, wallet));
    } catch (problem) {
      // Never put up, or not this wallet's.
      if (!problem.isOpen) mark(ticket, false);
    }
    if (resales.get(ticket)?.state !== "resold") continue;
    await heardSold();
    // One that is not on this page any more has nobody to be told of.
    if (!allTickets().some((one) => one.ticket === ticket)) forget(ticket);
  }
  drawResale();
}

/** What to say of a ticket that is gone, if it was resold; null otherwise. */
export async function wordsOfSale(ticket, wallet) {
  if (!marked().includes(ticket)) return null;
  const found = await api.resale(ticket, wallet).catch(() => null);
  if (found?.state !== "resold") return null;
  forget(ticket);
  return t("resell_sold", { price: written(found.amount) });
}

/** Until when tickets of the room are taken over. */
function deadline(room, rule) {
  return { doors_open: room.doorsOpenAt, room_starts: room.startsAt, room_ends: room.endsAt }[rule.resaleUntil];
}

const percent = (basisPoints) =>
  new Intl.NumberFormat(locale, { style: "percent", maximumFractionDigits: 2 }).format(basisPoints / 10_000);

function words(ticket, rule, until) {
  if (!ticket.mine) return t("refund_elsewhere");
  const resale = resales.get(ticket.ticket);
  if (resale?.state === "offered") {
    const place = resale.position > 1 ? tn("resell_behind", resale.position - 1) : t("resell_next");
    return [t("resell_offered", { price: written(resale.amount), date: time.date(resale.until) }), place].join(" ");
  }
  if (resale?.state === "lent")
    return t("resell_lent", { price: written(resale.amount), time: time.timeOfDay(resale.lentUntil) });
  if (now() >= Date.parse(until)) return t("resell_over");
  return t("resell_more", { share: percent(rule.resaleShareBp), date: time.date(until) });
}

function drawResale() {
  const ticket = held();
  const rule = roomTerms();
  show("resale", Boolean(ticket && rule?.resaleShareBp));
  if (!ticket || !rule?.resaleShareBp) return;
  const until = deadline(theRoom(), rule);
  const isListed = isOnList(ticket.ticket);
  put("resale-more", words(ticket, rule, until));
  show("resale-offer", ticket.mine && !isListed && now() < Date.parse(until));
  show("resale-keep", ticket.mine && isListed);
}

/** Sends a command of the shown ticket: `name` is part of its key, so that a second tap is the same command. */
async function command(send, said) {
  const { ticket } = held();
  hideProblem();
  try {
    const resale = await send(ticket, keep.wallet.get());
    hear(resale);
    if (resale.state === "resold") await heardSold();
    else announce(t(said));
  } catch (problem) {
    showProblem(problem);
    // Perhaps it was done all the same, or elsewhere.
    mark(ticket, true);
    await checkResales();
  }
  drawResale();
  // The button that was pressed is gone; the other one is where the focus goes on.
  const next = ["resale-keep", "resale-offer"].find((id) => !el(id).hidden);
  if (next && !el("resale").hidden) el(next).focus();
  await refreshRoom();
}

onDraw(drawResale);
el("resale-offer").addEventListener("click", () =>
  // It may be put up again after it was kept, so each time has a key of its own.
  busy(el("resale-offer"), () => command((ticket, wallet) => api.putUp(ticket, wallet, keep.newKey()), "resell_put_up")),
);
el("resale-keep").addEventListener("click", () =>
  busy(el("resale-keep"), () => command((ticket, wallet) => api.keepTicket(ticket, wallet, keep.newKey()), "resell_kept")),
);
