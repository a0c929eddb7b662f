// The waiting list of a room that has no seats left: joining with a number of tickets, one's place, and the seats that are
// offered for a while. A group is offered all of its seats or none.

import * as api from "./api.js";
import { now } from "./api.js";
import { drawPostings, line, totals } from "./bill.js";
import { isPaying, payBy } from "./checkout.js";
import * as time from "./countdown.js";
import { country } from "./country.js";
import { t, tn } from "./i18n.js";
import * as keep from "./keep.js";
import { isFree, times, typed, written } from "./money.js";
import { bought, drawWays } from "./offer.js";
import { announce, busy, confirm, el, hideProblem, put, show, showProblem, wrong } from "./page.js";
import { isForWaiting } from "./quote.js";
import { allTickets, draw, held, onDraw, refreshRoom, roomID, showNote, theRoom } from "./visit.js";
import { ensureWallet, fillWithTestMoney, needsCounter, openCounter } from "./wallet.js";

const mostTickets = 20;
const title = document.title;

/** The place of this visitor as the server shows it; null while there is none. */
let party = null;

export const isWaitingForSeats = () => party !== null;

const isOffered = () => party?.state === "offered";

/** Whether one may wait: tickets are sold, and none is free for whoever comes. */
function isSoldOut(room, phase) {
  const isOver = phase === "ended" || phase === "cancelled";
  const isEarly = Boolean(room.saleOpensAt) && now() < Date.parse(room.saleOpensAt);
  return Boolean(room.price) && !isOver && !isEarly && (room.seatsLeft <= 0 || isForWaiting());
}

// What one waits for

function count() {
  const text = el("wait-count").value.trim();
  const n = /^\d{1,2}$/.test(text) ? Number(text) : 0;
  const fits = n >= 1 && n <= mostTickets;
  wrong("wait-count", fits ? null : t("buy_count_wrong", { most: mostTickets }));
  return fits ? n : null;
}

/** What the API takes; null while something does not fit, which stands beside its field. */
function wish() {
  const n = count();
  const text = el("wait-most").value.trim();
  const most = text ? typed(text, theRoom().price.currency) : null;
  const isWrong = text !== "" && !most;
  wrong("wait-most", isWrong ? t("wait_most_wrong") : null);
  if (!n || isWrong) return null;
  const body = { count: n };
  if (most) body.most = most;
  if (country()) body.country = country();
  return body;
}

function refuse(problem) {
  const words = [problem.detail, problem.next].filter(Boolean).join(" ");
  if (["count_out_of_range", "waiting_too_many"].includes(problem.code)) wrong("wait-count", words);
  else if (problem.code === "waiting_price") wrong("wait-most", words);
  else showProblem(problem);
}

async function onJoin() {
  const body = wish();
  if (!body) return el(el("wait-count").getAttribute("aria-invalid") === "true" ? "wait-count" : "wait-most").focus();
  hideProblem();
  try {
    const { holder } = await ensureWallet();
    // What got no answer is sent again under its key; another wish is another command.
    const before = keep.waiting.get(roomID);
    const isSame = before?.holder === holder && JSON.stringify(before.body) === JSON.stringify(body);
    keep.waiting.set(roomID, isSame ? before : { key: keep.newKey(), body, holder });
    await join();
  } catch (problem) {
    if (problem.code === "waiting_already") await adopt();
    else refuse(problem);
    await refreshRoom();
    // There are free seats again: the page offers them.
    if (problem.code === "waiting_not_needed") el("main").focus();
  }
  if (party) el("waiting-heading").focus();
}

async function join() {
  const kept = keep.waiting.get(roomID);
  try {
    const made = await api.joinWaiting(roomID, kept.body, keep.wallet.get(), kept.key);
    keep.waiting.set(roomID, { ...kept, waiting: made.waiting });
    setParty(made);
  } catch (problem) {
    if (!problem.isOpen) keep.waiting.set(roomID, null);
    throw problem;
  }
}

/** This wallet waits already, though this page did not know of it. */
async function adopt() {
  const wallet = keep.wallet.get();
  const own = (await api.waitingList(roomID, wallet).catch(() => null))?.waiting[0];
  if (!own) return;
  keep.waiting.set(roomID, { key: keep.newKey(), body: {}, holder: wallet.holder, waiting: own.waiting });
  setParty(own);
}

// The place and what becomes of it

function setParty(next) {
  const before = party?.state ?? null;
  const isOpen = ["waiting", "passed", "offered"].includes(next.state);
  party = isOpen ? next : null;
  if (!isOpen) keep.waiting.set(roomID, null);
  // Whoever waits looks at other pages meanwhile.
  document.title = isOffered() ? `${t("wait_offered_heading")} · ${title}` : title;
  if (next.state === "bought") {
    // A payment through a provider brings them by itself.
    const areNew = next.tickets?.some((one) => !allTickets().some(({ ticket }) => ticket === one.ticket));
    if (areNew && !isPaying()) bought({ tickets: next.tickets, price: next.offer.price });
  }
  draw();
  if (before === next.state && party) return;
  if (party) announce(`${el("waiting-heading").textContent}. ${el("waiting-more").textContent}`);
  else if (next.state !== "bought") {
    const words = t(`wait_${next.state}_more`);
    announce(words);
    showNote(words);
  }
}

/** Looks how it stands; what got no answer when joining is sent again. */
export async function refreshWaiting() {
  const kept = keep.waiting.get(roomID);
  const wallet = keep.wallet.get();
  if (!kept || kept.holder !== wallet?.holder) {
    party = null;
    document.title = title;
    return draw();
  }
  try {
    if (!kept.waiting) return await join();
    const found = await api.waiting(kept.waiting, wallet);
    // A late answer says nothing of a place that was taken since.
    if (keep.waiting.get(roomID)?.waiting === kept.waiting) setParty(found);
  } catch (problem) {
    if (problem.isOpen) return;
    // Not this wallet's, or none any more.
    keep.waiting.set(roomID, null);
    party = null;
    document.title = title;
    draw();
  }
}

let askedAt = 0;

/** The seconds for which seats are offered; over, the server is asked what it is now. */
export function tickWaiting() {
  if (!isOffered()) return;
  const left = Date.parse(party.offer.expiresAt) - now();
  put("wait-left", time.clock(left));
  el("wait-left").classList.toggle("short", left <= 5 * 60_000);
  // At most once a second: what is answered draws the page, which comes here again.
  if (left > 0 || left <= -3500 || Date.now() - askedAt < 900) return;
  askedAt = Date.now();
  refreshWaiting();
}

async function onPay() {
  hideProblem();
  const { waiting, offer } = party;
  try {
    const wallet = await ensureWallet();
    await fillWithTestMoney(wallet, offer.total, keep.newKey());
    // The hold is the key: paying it twice is paying it once.
    setParty(await api.payWaiting(waiting, wallet, `${offer.hold}.pay`));
  } catch (problem) {
    showProblem(problem);
    if (needsCounter(problem)) await openCounter(problem);
    await refreshWaiting();
  }
  await refreshRoom();
}

async function onPayBy(provider) {
  hideProblem();
  const { waiting, offer } = party;
  try {
    await payBy(provider, { waiting }, offer.total, await ensureWallet());
  } catch (problem) {
    showProblem(problem);
    await refreshWaiting();
  }
}

async function onLeave() {
  const about = isOffered() ? "wait_give_up" : "wait_leave";
  const words = { heading: t(`${about}_heading`), more: t(`${about}_more`), yes: t(about), no: t("wait_stay") };
  if (!(await confirm(words))) return;
  hideProblem();
  const { waiting } = party ?? {};
  if (!waiting) return;
  try {
    setParty(await api.leaveWaiting(waiting, keep.wallet.get(), `${waiting}.leave`));
    el("waiting-heading").focus();
  } catch (problem) {
    showProblem(problem);
    await refreshWaiting();
  }
  await refreshRoom();
}

// Drawing

function words(room) {
  if (!party) return t("wait_join_more");
  if (party.state === "passed") return t(`wait_passed_${party.reason ?? "places"}`);
  if (isOffered()) return t("wait_offered_more", { date: time.date(party.offer.expiresAt) });
  if (party.position > 1) return tn("wait_place_more", party.position - 1);
  return t(room.seatsLeft > 0 ? "wait_gather_more" : "wait_first_more");
}

function drawOffer() {
  const { offer } = party;
  show("wait-seats-fact", offer.seats.length > 0);
  put("wait-seats", offer.seats.join(", "));
  const tickets = line(tn("wait_tickets", party.count), times(offer.price, party.count));
  el("wait-lines").replaceChildren(tickets, ...totals(offer.total, offer, party.count));
  drawPostings("wait-postings", offer.postings);
  if (el("wait-pay").getAttribute("aria-busy") !== "true")
    put("wait-pay", isFree(offer.total) ? t("wait_take") : t("room_buy", { price: written(offer.total) }));
}

let drawnFor = null;

function drawWaiting(room) {
  const phase = time.phaseOf(room);
  const mayJoin = !party && !held() && isSoldOut(room, phase);
  show("waiting", (mayJoin || Boolean(party)) && !isPaying());
  if (isOffered()) show("offer", false);
  if (el("waiting").hidden) return;
  el("waiting").dataset.state = party?.state ?? "none";
  put("waiting-heading", t(isOffered() ? "wait_offered_heading" : party ? "wait_heading" : "wait_join_heading"));
  put("waiting-more", words(room));
  show("waiting-form", mayJoin);
  show("waiting-facts", Boolean(party));
  show("wait-place-fact", Boolean(party?.position));
  put("wait-place", String(party?.position ?? ""));
  put("wait-tickets", String(party?.count ?? ""));
  for (const id of ["wait-left-fact", "wait-quote", "wait-pay"]) show(id, isOffered());
  show("wait-providers", isOffered() && !isFree(party.offer.total));
  show("wait-seats-fact", isOffered());
  show("wait-leave", Boolean(party));
  put("wait-leave", t(isOffered() ? "wait_give_up" : "wait_leave"));
  if (!isOffered()) return;
  drawOffer();
  if (drawnFor === party.offer.hold) return;
  drawnFor = party.offer.hold;
  drawWays("wait-providers", "wait-pay", onPayBy);
}

function step(by) {
  const n = Math.min(mostTickets, Math.max(1, (Number(el("wait-count").value) || 1) + by));
  el("wait-count").value = String(n);
  count();
}

onDraw(drawWaiting);
el("waiting-form").addEventListener("submit", (event) => {
  event.preventDefault();
  busy(el("wait-join"), onJoin).then(draw);
});
el("wait-fewer").addEventListener("click", () => step(-1));
el("wait-more").addEventListener("click", () => step(1));
el("wait-count").addEventListener("change", count);
el("wait-pay").addEventListener("click", () => busy(el("wait-pay"), onPay).then(draw));
el("wait-leave").addEventListener("click", () => busy(el("wait-leave"), onLeave).then(draw));
