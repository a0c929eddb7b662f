// Passing a ticket on: a link to send, which whoever opens it accepts.

import * as api from "./api.js";
import * as time from "./countdown.js";
import { t } from "./i18n.js";
import * as keep from "./keep.js";
import { announce, busy, confirmOn, copy, el, hideProblem, put, show, showProblem } from "./page.js";
import { roomTerms } from "./terms.js";
import { checkTickets } from "./ticket.js";
import { addTickets, held, onDraw, refreshRoom, roomID, showNote } from "./visit.js";
import { ensureWallet } from "./wallet.js";

/** Whether tickets of the room are passed on at all; until that is known they are. */
const isAllowed = () => (roomTerms()?.maximumTransfers ?? 1) > 0;

const offers = () => keep.offers.get(roomID) ?? {};
const offerOf = (ticket) => offers()[ticket?.ticket] ?? null;

function setOffer(ticket, offer) {
  const { [ticket]: _, ...others } = offers();
  const all = offer ? { ...others, [ticket]: offer } : others;
  keep.offers.set(roomID, Object.keys(all).length > 0 ? all : null);
}

const linkOf = (offer) => `${location.origin}/r/${roomID}#accept=${offer.code}`;

function drawPassing() {
  const ticket = held();
  show("pass-on", Boolean(ticket?.mine) && isAllowed());
  if (!ticket?.mine) return;
  const offer = offerOf(ticket);
  const isOpen = Boolean(offer?.code);
  show("pass-make", !isOpen);
  show("pass-open", isOpen);
  put("pass-more", isOpen ? t("pass_open_more", { date: time.date(offer.expiresAt) }) : t("pass_more"));
  if (isOpen) {
    el("pass-link").value = linkOf(offer);
    put("pass-code", offer.code);
  }
}

/** Offers the shown ticket. The code is told once: an offer whose code got lost on the way is taken back first. */
async function onOffer() {
  const { ticket } = held();
  const wallet = keep.wallet.get();
  hideProblem();
  const pending = offerOf(held()) ?? { key: keep.newKey() };
  setOffer(ticket, pending);
  try {
    const made = await api.offerTransfer(ticket, wallet, pending.key);
    if (made.code) {
      setOffer(ticket, made);
      announce(t("pass_made"));
    } else {
      await api.withdrawTransfer(made.transfer, wallet, `${made.transfer}.back`);
      setOffer(ticket, null);
      return onOffer();
    }
  } catch (problem) {
    if (!problem.isOpen) setOffer(ticket, null);
    showProblem(problem);
  }
  drawPassing();
  if (!el("pass-open").hidden) el("copy-pass").focus();
}

async function onWithdraw() {
  const { ticket } = held();
  const offer = offerOf(held());
  hideProblem();
  try {
    await api.withdrawTransfer(offer.transfer, keep.wallet.get(), `${offer.transfer}.back`);
    setOffer(ticket, null);
    announce(t("pass_withdrawn"));
    showNote(t("pass_withdrawn"));
  } catch (problem) {
    showProblem(problem);
    await checkTickets();
  }
  drawPassing();
}

/** Looks whether open offers were accepted or have run out. */
export async function checkOffers() {
  for (const [ticket, offer] of Object.entries(offers())) {
    if (!offer.transfer) continue;
    const found = await api.transfer(offer.transfer, keep.wallet.get()).catch(() => null);
    if (!found || found.state === "open") continue;
    if (found.state === "accepted") await checkTickets();
    setOffer(ticket, null);
  }
  drawPassing();
}

// Accepting

/** Finds the code of an offer in a text: a link that ends with it, or the code alone. */
const codeIn = (text) => (/#accept=([\w-]+)\s*$/.exec(text) ?? /^\s*([0-9A-Za-z]{4}(?:-?[0-9A-Za-z]{4}){2,7})\s*$/.exec(text))?.[1] ?? null;

const plain = (code) => code.replaceAll("-", "").toUpperCase();

/** Takes a code to be accepted, and asks. Returns whether the text had one. */
export function takeCode(text) {
  const code = codeIn(text);
  if (!code) return false;
  // The same code again is the same command: its first answer may have been lost.
  const before = keep.gift.get(roomID);
  keep.gift.set(roomID, before && plain(before.code) === plain(code) ? before : { code, key: keep.newKey() });
  drawGift();
  el("gift-heading").focus();
  return true;
}

/** Takes the code out of the address. It is kept, so that a reload loses nothing. */
export function takeLinkedCode() {
  const code = keep.takeFromAddress("accept");
  if (code) takeCode(`#accept=${code}`);
  else drawGift();
}

const drawGift = () => show("gift", Boolean(keep.gift.get(roomID)));

async function onAccept() {
  const { code, key } = keep.gift.get(roomID);
  hideProblem();
  try {
    const { ticket, token, seat, expiresAt } = await api.acceptTransfer(code, await ensureWallet(), key);
    keep.gift.set(roomID, null);
    addTickets([{ ticket, token, seat, expiresAt, mine: true }]);
    announce(t("ticket_bought", { seat }));
    (el("listen").hidden ? el("held-heading") : el("listen")).focus();
  } catch (problem) {
    if (!problem.isOpen) keep.gift.set(roomID, null);
    showProblem(problem);
  }
  drawGift();
  await refreshRoom();
}

function onDecline() {
  keep.gift.set(roomID, null);
  drawGift();
}

onDraw(drawPassing);
el("pass-make").addEventListener("click", () => busy(el("pass-make"), onOffer));
el("pass-back").addEventListener("click", () => busy(el("pass-back"), onWithdraw));
el("copy-pass").addEventListener("click", async () => {
  if (await copy(el("pass-link").value, () => el("pass-link").select())) confirmOn(el("copy-pass"), t("copied"));
});
el("gift-accept").addEventListener("click", () => busy(el("gift-accept"), onAccept));
el("gift-decline").addEventListener("click", onDecline);
