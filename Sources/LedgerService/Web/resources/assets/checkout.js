// Paying through a provider: seats are kept, the buyer goes to the provider's page and comes back, and the page waits
// until the provider has said what became of it. All that it needs stands in this browser, so that it may be closed.

import * as api from "./api.js";
import { Problem, now } from "./api.js";
import { isOver, isWaiting, pause, standing } from "./charge.js";
import * as time from "./countdown.js";
import { t } from "./i18n.js";
import * as keep from "./keep.js";
import { written } from "./money.js";
import { announce, busy, confirm, el, hideProblem, leaveTo, put, show, showProblem } from "./page.js";
import { draw, onDraw, refreshRoom, roomID, showNote } from "./visit.js";

// What was put aside is looked after for so long: the slowest bank debits take two weeks.
const keptMilliseconds = 30 * 86_400_000;

let current = null;
let charge = null;
let hold = null;
let back = null;
let looks = 0;
let timer = null;
let isStopped = false;
let heardTickets = () => {};

/** Registers what takes the tickets of a hold that was paid. */
export const onTickets = (heard) => (heardTickets = heard);
export const isPaying = () => current !== null;

const word = () => standing(charge, back);

function keepCurrent() {
  const others = (keep.payments.get(roomID) ?? []).filter((one) => one.key !== current.key);
  keep.payments.set(roomID, [...others, current]);
}

function dropKept(key) {
  const left = (keep.payments.get(roomID) ?? []).filter((one) => one.key !== key);
  keep.payments.set(roomID, left.length > 0 ? left : null);
}

function setCurrent(payment) {
  current = payment;
  [charge, hold, back, looks, isStopped] = [null, null, null, 0, false];
  clearTimeout(timer);
}

/** Begins a payment of what was quoted, or of seats that are offered to whoever waits: {waiting}. Sends the buyer to the provider's page as soon as there is one. */
export async function payBy(provider, order, total, wallet) {
  setCurrent({ key: keep.newKey(), body: { provider, ...order }, total, holder: wallet.holder, startedAt: now() });
  keepCurrent();
  try {
    await open(wallet);
  } catch (problem) {
    // A refusal is final: no seat is kept. Anything else may have worked: the same request is sent again.
    if (!problem.isOpen) abandon();
    throw problem;
  }
  draw();
  if (charge.url) leave();
  else {
    el("payment-heading").focus();
    await look();
  }
}

/** Asks for the checkout: the same key gives the same one. */
async function open(wallet) {
  const { waiting, provider } = current.body;
  charge = waiting
    ? await api.checkoutWaiting(waiting, provider, wallet, current.key)
    : await api.checkout(current.body, wallet, current.key);
  Object.assign(current, { charge: charge.charge, hold: charge.hold });
  keepCurrent();
  // What is paid is what was shown, or nothing is.
  if (charge.amount.amount !== current.total.amount) {
    await api.cancelHold(charge.hold, wallet, `${charge.hold}.cancel`);
    throw Problem.local("amount", {}, 409);
  }
}

function abandon() {
  dropKept(current.key);
  setCurrent(null);
  draw();
}

/** To the provider's page; this one is found again by its address. */
function leave() {
  current.hasLeft = true;
  keepCurrent();
  leaveTo(charge.url);
}

/** Looks how it stands, acts on it, and looks again later if more is to come. */
async function look() {
  clearTimeout(timer);
  const mine = current;
  const wallet = keep.wallet.get();
  if (!mine || wallet?.holder !== mine.holder) return;
  try {
    if (!mine.charge) await open(wallet);
    // Whoever comes back from the provider's page does not wait for it to tell.
    const asks = mine.hasLeft && charge?.state !== "captured";
    const seen = await (asks ? api.askedCharge(mine.charge, wallet, keep.newKey()) : api.charge(mine.charge, wallet));
    const kept = await api.hold(mine.hold, wallet);
    if (mine !== current) return;
    [charge, hold] = [seen, kept];
  } catch (problem) {
    if (mine !== current) return;
    if (!problem.isOpen) {
      showProblem(problem);
      return abandon();
    }
  }
  const said = el("payment").dataset.state;
  draw();
  if (word() === "tickets") return finish();
  if (said !== word()) announce(`${el("payment-heading").textContent}. ${el("payment-more").textContent}`);
  lookLater();
}

function lookLater() {
  clearTimeout(timer);
  const wait = isWaiting(word(), charge) ? pause(looks++) : null;
  isStopped = wait === null;
  if (wait === null) draw();
  else timer = setTimeout(() => (document.hidden ? lookLater() : look()), wait);
}

function lookAgain() {
  if (!current) return;
  [looks, isStopped] = [0, false];
  return look();
}

function finish() {
  const done = hold;
  abandon();
  hideProblem();
  heardTickets({ ...done.tickets[0], price: done.price, tickets: done.tickets });
}

/** Lets the payment go on by itself and shows the offer again; what comes of it later is not lost. */
function putAside() {
  if (isOver(word(), charge)) return abandon();
  current.isAside = true;
  keepCurrent();
  setCurrent(null);
  draw();
}

async function giveUp() {
  const words = [t("pay_give_up_more"), current.body.waiting ? t("pay_give_up_waiting") : ""];
  const more = words.filter(Boolean).join(" ");
  if (!(await confirm({ heading: t("pay_give_up_heading"), more, yes: t("pay_give_up") }))) return;
  await endHold();
  await refreshRoom();
}

async function endHold() {
  try {
    await api.cancelHold(current.hold, keep.wallet.get(), `${current.hold}.cancel`);
    putAside();
  } catch (problem) {
    // Its time may be over by now, or the money here: how it stands says what it is.
    if (problem.code === "hold_expired") return putAside();
    if (problem.code !== "hold_paid") showProblem(problem);
    await lookAgain();
  }
}

/** From a payment that came to nothing back to the offer: its seats become free for the next attempt. */
async function again() {
  hideProblem();
  const { waiting } = current.body;
  // Seats that are offered stay so until their time is over: another payment may follow.
  if (waiting && word() === "declined") abandon();
  else if (word() === "declined") await endHold();
  else putAside();
  await refreshRoom();
  el(waiting ? "waiting-heading" : "buy").focus();
}

/** Payments that were put aside: late money may have made tickets of them, or wait for its owner. */
async function lookAfterOthers() {
  const wallet = keep.wallet.get();
  for (const one of keep.payments.get(roomID) ?? []) {
    if (!one.isAside || wallet?.holder !== one.holder) continue;
    const seen = await api.charge(one.charge, wallet).catch(() => null);
    if (!seen) continue;
    const said = standing(seen);
    if (said === "tickets") {
      const kept = await api.hold(one.hold, wallet).catch(() => null);
      if (!kept) continue;
      const { tickets, price } = kept;
      dropKept(one.key);
      heardTickets({ ...tickets[0], price, tickets });
      showNote(t("pay_late_tickets"));
    } else if (["suspended", "returned"].includes(said) && !current) {
      setCurrent({ ...one, isAside: false });
      await look();
    } else if (isOver(said, seen) || now() - one.startedAt > keptMilliseconds) {
      dropKept(one.key);
    }
  }
}

/** Goes on with what was under way when the page was left. */
export async function resumePayment() {
  const hint = keep.takeFromAddress("payment");
  // Whoever went to fill the wallet comes back from there.
  const came = keep.topups.get(roomID)?.isAway ? null : hint;
  const holder = keep.wallet.get()?.holder;
  const payment = (keep.payments.get(roomID) ?? []).findLast((one) => !one.isAside && one.holder === holder);
  if (payment) {
    setCurrent(payment);
    back = came;
    draw();
    if (came) el("payment-heading").focus();
    await look();
  }
  await lookAfterOthers();
}

// Drawing

const reasonsForSuspense = ["no_seat", "cancelled", "room_closed", "amount", "paid_twice"];

function more() {
  if (!["suspended", "returned"].includes(word())) return t(`pay_${word()}_more`, { price: written(charge?.amount ?? current.total) });
  const reason = hold?.payments.find((one) => one.reason)?.reason;
  return t(`pay_reason_${reasonsForSuspense.includes(reason) ? reason : "no_seat"}`);
}

export function drawPayment() {
  show("payment", Boolean(current));
  if (!current) return;
  const said = word();
  el("payment").dataset.state = said;
  put("payment-heading", t(`pay_${said}_heading`));
  put("payment-more", more());
  put("payment-next", isStopped && isWaiting(said, charge) ? t("pay_stopped") : t(`pay_${said}_next`));
  put("payment-amount", written(charge?.amount ?? current.total));
  put("payment-number", current.charge ?? "");
  show("payment-number-line", Boolean(current.charge));
  const isKept = hold?.state === "held";
  show("payment-left-fact", isKept);
  if (isKept) put("payment-left", time.clock(Date.parse(hold.expiresAt) - now()));
  show("payment-go", Boolean(charge?.url) && ["open", "left", "confirming"].includes(said));
  show("payment-look", ["desk", "confirming", "processing", "suspended"].includes(said) || isStopped);
  show("payment-again", ["declined", "expired", "cancelled", "suspended", "returned", "refunded"].includes(said));
  show("payment-give-up", isKept && ["starting", "open", "left", "desk"].includes(said));
}

/** The seconds that the seats are kept; over, the server is asked what it is now. */
export function tickPayment() {
  if (hold?.state !== "held" || !current) return;
  const left = Date.parse(hold.expiresAt) - now();
  put("payment-left", time.clock(left));
  if (left <= 0 && left > -1500) lookAgain();
}

onDraw(drawPayment);
el("payment-go").addEventListener("click", leave);
el("payment-look").addEventListener("click", () => busy(el("payment-look"), lookAgain));
el("payment-again").addEventListener("click", () => busy(el("payment-again"), again));
el("payment-give-up").addEventListener("click", () => busy(el("payment-give-up"), giveUp));
document.addEventListener("visibilitychange", () => {
  if (!document.hidden) lookAgain();
});
addEventListener("pageshow", (event) => {
  if (event.persisted) lookAgain();
});
addEventListener("hashchange", () => {
  const came = keep.takeFromAddress("payment");
  if (!came) return;
  back = came;
  lookAgain();
});
