// A room that goes on behind the end of a ticket: what staying costs, before the ticket ends, and buying it without a cut.

import * as api from "./api.js";
import { now } from "./api.js";
import { drawPostings } from "./bill.js";
import * as time from "./countdown.js";
import { t } from "./i18n.js";
import * as keep from "./keep.js";
import { isFree, written } from "./money.js";
import { announce, busy, el, hideProblem, put, show, showProblem } from "./page.js";
import { allTickets, held, onDraw, replaceTicket, roomID, showNote, theRoom } from "./visit.js";
import { ensureWallet, fillWithTestMoney, needsCounter, openCounter } from "./wallet.js";

// With the first warning of the ticket's end.
const warnMilliseconds = 5 * 60_000;

/** What the server offers for a ticket: {ticket, until, price, postings…}. */
let offer = null;
let askedAbout = "";
let announced = "";
let drawn = null;

/** Whether two instants are the same end of a ticket: a token tells it in whole seconds. */
const isSameEnd = (a, b) => Math.abs(Date.parse(a) - Date.parse(b)) < 1000;

/** Whether the offer is about the end that the shown ticket still has. */
const isCurrent = () =>
  offer !== null && offer.ticket === held()?.ticket && isSameEnd(offer.expiresAt, held().expiresAt) &&
  now() < Date.parse(offer.expiresAt);

/** Asks once for each end of the ticket and of the room; a room that only moved has nothing to buy. */
async function look() {
  const [ticket, room, wallet] = [held(), theRoom(), keep.wallet.get()];
  const end = Date.parse(ticket?.expiresAt);
  if (!ticket?.mine || !wallet || now() >= end || Date.parse(room.endsAt) <= end) return;
  const about = `${ticket.ticket} ${ticket.expiresAt} ${room.endsAt}`;
  if (about === askedAbout) return;
  askedAbout = about;
  let found = null;
  try {
    const { overtimes } = await api.overtimes(roomID);
    const isOvertime = overtimes.some(({ from }) => isSameEnd(from, ticket.expiresAt));
    if (isOvertime) found = await api.extensionOffer(ticket.ticket, wallet);
  } catch (problem) {
    if (problem.isOpen) askedAbout = "";
  }
  if (askedAbout && about !== askedAbout) return;
  offer = found;
  drawExtension();
}

function drawExtension() {
  show("extend", isCurrent());
  if (!isCurrent()) return;
  const facts = { time: time.timeOfDay(offer.until), price: written(offer.price) };
  put("extend-heading", t("extend_heading", facts));
  put("extend-more", t(isFree(offer.price) ? "extend_more_free" : "extend_more", facts));
  // Once for each offer: what somebody reads or selects does not change under their hands every second.
  if (drawn !== offer) drawPostings("extend-postings", offer.postings);
  drawn = offer;
  if (el("extend-buy").getAttribute("aria-busy") !== "true")
    put("extend-buy", t(isFree(offer.price) ? "extend_free" : "extend_buy", facts));
  const isSoon = Date.parse(offer.expiresAt) - now() <= warnMilliseconds;
  el("extend").classList.toggle("warn", isSoon);
  if (!isSoon || announced === askedAbout) return;
  announced = askedAbout;
  announce(`${el("extend-heading").textContent}. ${el("extend-more").textContent}`);
}

/**
 * A quote lives for minutes, and what is shown stands for as long as the ticket: it is quoted anew if it still says the
 * same. If not, the old quote is refused, and the page shows what holds.
 */
async function quoteOfWhatIsRead(wallet) {
  if (now() < Date.parse(offer.quoteExpiresAt)) return offer.quote;
  const said = ({ overtime, price, postings }) => JSON.stringify([overtime, price, postings]);
  const fresh = await api.extensionOffer(offer.ticket, wallet);
  return said(fresh) === said(offer) ? fresh.quote : offer.quote;
}

async function onExtend() {
  const { ticket, overtime, price } = offer;
  hideProblem();
  try {
    const wallet = await ensureWallet();
    // What got no answer is sent again under its key.
    const before = keep.extension.get(roomID);
    const isSame = before?.quote && before.ticket === ticket && before.overtime === overtime;
    const pending = isSame
      ? before
      : { key: keep.newKey(), topUp: keep.newKey(), ticket, overtime, quote: await quoteOfWhatIsRead(wallet) };
    keep.extension.set(roomID, pending);
    await fillWithTestMoney(wallet, price, pending.topUp);
    const { token, expiresAt } = await api.extend(ticket, pending.quote, wallet, pending.key);
    keep.extension.set(roomID, null);
    const known = allTickets().find((one) => one.ticket === ticket);
    if (known) replaceTicket(ticket, { ...known, token, expiresAt });
    const done = t("extend_done", { time: time.timeOfDay(expiresAt) });
    announce(done);
    showNote(done);
    if (!el("listen").hidden) el("listen").focus({ preventScroll: true });
  } catch (problem) {
    if (!problem.isOpen) keep.extension.set(roomID, null);
    showProblem(problem);
    if (needsCounter(problem)) return openCounter(problem);
    // Another price by now, or too late: the page shows what holds.
    askedAbout = "";
    await look();
  }
}

onDraw(() => {
  look();
  drawExtension();
});
/** Called every second: the offer ends with the ticket, and is said aloud with its first warning. */
export const tickExtension = drawExtension;
el("extend-buy").addEventListener("click", () => busy(el("extend-buy"), onExtend).then(drawExtension));
