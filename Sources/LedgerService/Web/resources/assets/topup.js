// Filling the wallet by card: what is paid from the wallet alone, passes, longer tickets and tips, can be paid by card so. The
// visitor goes to the provider's page and comes back, and this page waits until the money is there. All that it needs stands
// in this browser, so that it may be closed.

import * as api from "./api.js";
import { pause } from "./charge.js";
import { t } from "./i18n.js";
import * as keep from "./keep.js";
import { plain, typed, written } from "./money.js";
import { announce, busy, el, hideProblem, leaveTo, put, safePage, show, showProblem, wrong } from "./page.js";
import { showNote, theRoom } from "./visit.js";
import { ensureWallet, onCounter, openCounter } from "./wallet.js";

const { room, series } = el("main").dataset;
const page = series ? { series } : { room };
const pageID = series ?? room;
const byCard = "stripe";

let currency = null;
/** How much is put into a wallet at one time, by currency. */
let ranges = [];
/** A payment whose end is not known yet: {key, amount, holder}, with {charge} once the server has given it. */
let pending = keep.topups.get(pageID);
let charge = null;
/** What the page says of a payment that is over. */
let last = "";
let looks = 0;
let timer = null;

const keepPending = (next) => keep.topups.set(pageID, (pending = next));

/** Whoever listens stays here: the payment page opens beside this one. */
const isListening = () => document.getElementById("connection")?.dataset.state === "connected";

function word() {
  if (!pending?.charge) return "form";
  return charge?.state === "processing" ? "processing" : charge?.url ? "open" : "starting";
}

function draw() {
  const said = word();
  el("topup").dataset.state = said;
  show("topup-form", said === "form");
  put("topup-state", said === "form" ? last : t(`topup_${said}`, { price: written(pending.amount) }));
  const link = said === "open" ? safePage(charge.url) : null;
  show("topup-go", Boolean(link));
  if (link) el("topup-go").href = link;
  show("topup-other", said === "open");
}

/** Forgets a payment here. What still comes of it is in the wallet all the same. */
function forget(words = "") {
  clearTimeout(timer);
  keepPending(null);
  [charge, last] = [null, words];
  draw();
}

/** Shows the way by card, where the house takes cards, with what is missing. */
async function offer(missing) {
  currency = missing?.currency ?? currency ?? theRoom()?.price?.currency;
  const { providers, topups } = await api.providers().catch(() => ({ providers: [], topups: [] }));
  ranges = topups;
  show("topup", Boolean(range()) && providers.includes(byCard));
  const least = range()?.least.amount ?? 0;
  if (missing) el("topup-amount").value = plain({ ...missing, amount: Math.max(missing.amount, least) });
  draw();
}

const range = () => ranges.find(({ least }) => least.currency === currency);

/** What is wrong with an amount, in words. */
function wrongAmount(amount) {
  if (!(amount?.amount > 0)) return t("topup_wrong");
  const { least, most } = range() ?? {};
  if (!least || (amount.amount >= least.amount && amount.amount <= most.amount)) return null;
  return t("topup_range", { least: written(least), most: written(most) });
}

async function onPay() {
  const amount = typed(el("topup-amount").value, currency);
  const problem = wrongAmount(amount);
  wrong("topup-amount", problem);
  if (problem) return el("topup-amount").focus();
  hideProblem();
  try {
    const wallet = await ensureWallet();
    // What got no answer is sent again under its key; another amount is another payment.
    const isSame = pending?.holder === wallet.holder && JSON.stringify(pending.amount) === JSON.stringify(amount);
    if (!isSame) keepPending({ key: keep.newKey(), amount, holder: wallet.holder });
    charge = await api.topUpBy(byCard, amount, page, wallet, pending.key);
    const leaves = Boolean(charge.url) && !isListening();
    keepPending({ ...pending, charge: charge.charge, isAway: leaves, hasLeft: leaves });
    draw();
    if (pending.isAway) leaveTo(charge.url);
    else await lookAgain();
  } catch (problem) {
    if (!problem.isOpen) forget();
    showProblem(problem);
  }
}

/** Looks how it stands, and again later if more is to come. */
async function look() {
  clearTimeout(timer);
  const mine = pending;
  if (!mine?.charge) return;
  const wallet = keep.wallet.get();
  if (wallet?.holder !== mine.holder) return forget();
  const said = el("topup").dataset.state;
  try {
    // Whoever comes back from the payment page does not wait for the provider to tell.
    const asks = mine.hasLeft && charge?.state !== "captured";
    const seen = await (asks ? api.askedCharge(mine.charge, wallet, keep.newKey()) : api.charge(mine.charge, wallet));
    if (mine !== pending) return;
    charge = seen;
  } catch (problem) {
    if (mine !== pending) return;
    if (problem.code === "charge_unknown") return forget();
  }
  const price = written(mine.amount);
  if (charge?.state === "captured") return finish(charge.purchase === "suspended" ? "suspended" : "done", price);
  if (charge?.state === "ended") return forget(t("topup_ended", { price }));
  draw();
  if (said !== word()) announce(el("topup-state").textContent);
  const wait = pause(looks++);
  if (wait !== null) timer = setTimeout(look, wait);
}

function lookAgain() {
  looks = 0;
  return look();
}

async function finish(how, price) {
  const words = t(`topup_${how}`, { price });
  forget();
  announce(words);
  showNote(words);
  await openCounter();
}

/** Goes on with what was under way when the page was left. */
export async function resumeTopup() {
  if (!pending?.charge) return;
  currency = pending.amount.currency;
  keepPending({ ...pending, isAway: false });
  await openCounter();
  await lookAgain();
}

onCounter(offer);
el("topup-form").addEventListener("submit", (event) => {
  event.preventDefault();
  busy(el("topup-pay"), onPay);
});
el("topup-other").addEventListener("click", () => {
  forget();
  el("topup-amount").focus();
});
document.addEventListener("visibilitychange", () => {
  if (!document.hidden) lookAgain();
});
addEventListener("pageshow", ({ persisted }) => persisted && lookAgain());
for (const click of ["click", "auxclick"]) {
  el("topup-go").addEventListener(click, () => {
    pending.hasLeft = true;
    keepPending(pending);
  });
}
