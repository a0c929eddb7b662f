// Filling the wallet by card: what is paid from the wallet alone, passes, longer tickets and tips, can be paid by card so. The
// visitor goes to the provider's page and comes back, and this page waits until the money is there. All that it needs stands
// in this browser, so that it may be closed.

import * as api from "./api.js";
import { pause } from "./charge.js";
import { t } from "./i18n.js";
import * as keep from "./keep.js";
import { plain, typed, written } from "./money.js";
import { announce, busy, el, hideProblem, leaveTo, put, show, showProblem, wrong } from "./page.js";
import { showNote, theRoom } from "./visit.js";
import { ensureWallet, onCounter, openCounter } from "./wallet.js";

const { room, series } = el("main").dataset;
const page = series ? { series } : { room };
const pageID = series ?? room;
const byCard = "stripe";
// Less is not put into a wallet at one time.
const leastAmount = 100;

let currency = null;
/** A payment whose end is not known yet: {key, amount, holder}, with {charge} once the server has given it. */
let pending = keep.topups.get(pageID);
let charge = null;
let looks = 0;
let timer = null;

const keepPending = (next) => keep.topups.set(pageID, (pending = next));

/** Who listens stays here: the payment page opens beside this one. */
const isListening = () => document.getElementById("connection")?.dataset.state === "connected";

function word() {
  if (!pending?.charge) return "form";
  if (!charge) return "starting";
  if (charge.state === "processing" || charge.state === "ended") return charge.state;
  return charge.url ? "open" : "starting";
}

function draw() {
  const said = word();
  const isForm = said === "form" || said === "ended";
  el("topup").dataset.state = said;
  show("topup-form", isForm);
  put("topup-state", said === "form" ? "" : t(`topup_${said}`, { price: written(pending.amount) }));
  show("topup-go", said === "open");
  if (said === "open") el("topup-go").href = charge.url;
}

/** Shows the way by card, where the house takes cards, with what is missing. */
async function offer(missing) {
  currency = missing?.currency ?? currency ?? theRoom()?.price?.currency;
  const { providers } = await api.providers().catch(() => ({ providers: [] }));
  show("topup", Boolean(currency) && providers.includes(byCard));
  if (missing) el("topup-amount").value = plain({ ...missing, amount: Math.max(missing.amount, leastAmount) });
  draw();
}

async function onPay() {
  const amount = typed(el("topup-amount").value, currency);
  wrong("topup-amount", amount?.amount > 0 ? null : t("topup_wrong"));
  if (!(amount?.amount > 0)) return el("topup-amount").focus();
  hideProblem();
  try {
    const wallet = await ensureWallet();
    // What got no answer is sent again under its key; another amount is another payment.
    const isSame = pending && !pending.charge && pending.holder === wallet.holder && pending.amount.amount === amount.amount;
    if (!isSame) keepPending({ key: keep.newKey(), amount, holder: wallet.holder });
    charge = await api.topUpBy(byCard, amount, page, wallet, pending.key);
    keepPending({ ...pending, charge: charge.charge });
    draw();
    if (charge.url && !isListening()) leaveTo(charge.url);
    else await lookAgain();
  } catch (problem) {
    if (!problem.isOpen) keepPending(null);
    showProblem(problem);
    draw();
  }
}

async function look() {
  clearTimeout(timer);
  const wallet = keep.wallet.get();
  if (!pending?.charge || wallet?.holder !== pending.holder) return;
  try {
    charge = await api.charge(pending.charge, wallet);
  } catch (problem) {
    if (!problem.isOpen) return keepPending(null);
  }
  const before = el("topup").dataset.state;
  draw();
  if (charge?.state === "captured") return finish();
  if (before !== word()) announce(el("topup-state").textContent);
  const wait = charge?.state === "ended" ? null : pause(looks++);
  if (wait !== null) timer = setTimeout(look, wait);
}

function lookAgain() {
  looks = 0;
  return look();
}

async function finish() {
  const done = t("topup_done", { price: written(charge.amount) });
  keepPending(null);
  charge = null;
  draw();
  announce(done);
  showNote(done);
  await openCounter();
}

/** Goes on with what was under way when the page was left. */
export async function resumeTopup() {
  if (!pending?.charge) return;
  currency = pending.amount.currency;
  await openCounter();
  await lookAgain();
}

onCounter(offer);
el("topup-form").addEventListener("submit", (event) => {
  event.preventDefault();
  busy(el("topup-pay"), onPay);
});
document.addEventListener("visibilitychange", () => {
  if (!document.hidden) lookAgain();
});
addEventListener("pageshow", ({ persisted }) => persisted && lookAgain());
