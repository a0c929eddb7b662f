// Tipping the host, while listening and for a while after.

import * as api from "./api.js";
import { now } from "./api.js";
import * as time from "./countdown.js";
import { country } from "./country.js";
import { t } from "./i18n.js";
import * as keep from "./keep.js";
import { plain, typed, written } from "./money.js";
import { announce, busy, el, hideProblem, make, put, show, showProblem, wrong } from "./page.js";
import { allTickets, hostName, onDraw, roomID, showNote, theRoom } from "./visit.js";
import { ensureWallet, fillWithTestMoney, needsCounter, openCounter } from "./wallet.js";

let terms = null;

/** Least and most in the currency of the room's tickets, else in the first that is taken. */
function range() {
  const currency = theRoom()?.price?.currency;
  return terms?.amounts.find((one) => one.least.currency === currency) ?? terms?.amounts[0] ?? null;
}

function drawTip(room) {
  const hasOpened = room.state === "open" || room.state === "closed";
  const isPossible = terms?.accepts && hasOpened && now() < Date.parse(terms.until);
  show("tip", Boolean(isPossible) && allTickets().some((ticket) => ticket.mine));
}

/** Two, five and ten of the currency, as far as they are taken: one tap for most. */
function drawSuggestions() {
  const { least, most } = range();
  put("tip-more", t("tip_more", { host: hostName, date: time.date(terms.until) }));
  put("tip-hint", t("tip_between", { least: written(least), most: written(most) }));
  el("tip-message").maxLength = terms.messageLength;
  const amounts = ["2", "5", "10"].map((text) => typed(text, least.currency));
  const fitting = amounts.filter(({ amount }) => amount >= least.amount && amount <= most.amount);
  el("tip-suggestions").replaceChildren(
    ...fitting.map((money) => {
      const button = make("button", "button small figures", written(money));
      button.type = "button";
      button.addEventListener("click", () => {
        el("tip-amount").value = plain(money);
        wrong("tip-amount", null);
      });
      return button;
    }),
  );
  if (!el("tip-amount").value && fitting.length > 0) el("tip-amount").value = plain(fitting[0]);
}

export async function readTipTerms() {
  terms = await api.tipTerms(roomID).catch(() => null);
  if (range()) drawSuggestions();
  if (theRoom()) drawTip(theRoom());
}

function wish() {
  const { least, most } = range();
  const amount = typed(el("tip-amount").value, least.currency);
  const fits = amount && amount.amount >= least.amount && amount.amount <= most.amount;
  wrong("tip-amount", fits ? null : t("tip_wrong", { least: written(least), most: written(most) }));
  if (!fits) return null;
  const body = { amount };
  const message = el("tip-message").value.trim();
  if (message) body.message = message;
  if (country()) body.country = country();
  return body;
}

async function onTip() {
  const body = wish();
  if (!body) return el("tip-amount").focus();
  hideProblem();
  try {
    const wallet = await ensureWallet();
    // What got no answer is sent again under its key; another amount or message is another tip.
    const before = keep.tip.get(roomID);
    const isSame = before?.holder === wallet.holder && JSON.stringify(before.body) === JSON.stringify(body);
    const pending = isSame ? before : { key: keep.newKey(), topUp: keep.newKey(), body, holder: wallet.holder };
    keep.tip.set(roomID, pending);
    await fillWithTestMoney(wallet, body.amount, pending.topUp);
    await api.tip(roomID, body, wallet, pending.key);
    keep.tip.set(roomID, null);
    el("tip-message").value = "";
    const done = t("tip_done", { price: written(body.amount), host: hostName });
    announce(done);
    showNote(done);
  } catch (problem) {
    if (!problem.isOpen) keep.tip.set(roomID, null);
    showProblem(problem);
    if (needsCounter(problem)) await openCounter(problem);
  }
}

onDraw(drawTip);
el("tip-form").addEventListener("submit", (event) => {
  event.preventDefault();
  busy(el("tip-send"), onTip);
});
