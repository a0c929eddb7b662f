// Tipping the host, while listening and for a while after.

import * as api from "./api.js";
import { now } from "./api.js";
import { drawPostings } from "./bill.js";
import * as time from "./countdown.js";
import { country } from "./country.js";
import { t } from "./i18n.js";
import * as keep from "./keep.js";
import { plain, typed, written } from "./money.js";
import { announce, busy, el, hideProblem, make, put, show, showProblem, wrong } from "./page.js";
import { allTickets, hostName, onDraw, roomID, showNote, theRoom } from "./visit.js";
import { ensureWallet, fillWithTestMoney, needsCounter, openCounter } from "./wallet.js";

// Long enough to type the next digit.
const typingMilliseconds = 300;

let terms = null;
/** What the server has quoted last: {of, postings, quote, quoteExpiresAt}; `of` is what was asked about. */
let quoted = null;
let asked = "";
let typing = null;

/** Least and most in the currency of the room's tickets, else in the first that is taken. */
function range() {
  const currency = theRoom()?.price?.currency;
  return terms?.amounts.find((one) => one.least.currency === currency) ?? terms?.amounts[0] ?? null;
}

function drawTip(room) {
  const hasOpened = room.state === "open" || room.state === "closed";
  const isPossible = terms?.accepts && hasOpened && now() < Date.parse(terms.until);
  show("tip", Boolean(isPossible) && allTickets().some((ticket) => ticket.mine));
  if (!el("tip").hidden) showQuote();
}

/** The amount in the field and the country, as they are asked about; null where it is no amount that is taken. */
function question() {
  const { least, most } = range();
  const amount = typed(el("tip-amount").value, least.currency);
  if (!amount || amount.amount < least.amount || amount.amount > most.amount) return null;
  return country() ? { amount, country: country() } : { amount };
}

async function quote(body, wallet) {
  const of = JSON.stringify(body);
  const { postings, quote, quoteExpiresAt } = await api.quoteTip(roomID, body, wallet);
  return { of, postings, quote, quoteExpiresAt };
}

/** Shows what the amount in the field posts; asks once for each. */
async function showQuote() {
  const [wallet, body] = [keep.wallet.get(), range() && question()];
  const of = body ? JSON.stringify(body) : "";
  if (of === asked) return;
  asked = of;
  drawPostings("tip-postings", []);
  if (!wallet || !body) return;
  const found = await quote(body, wallet).catch(() => null);
  if (of !== asked || !found) return;
  quoted = found;
  drawPostings("tip-postings", quoted.postings);
}

/**
 * A quote lives for minutes, and what is shown stands for as long as somebody reads: it is quoted anew if it still says the
 * same. If not, the old quote is refused, and the page shows what holds.
 */
async function quoteOfWhatIsRead(body, wallet) {
  const read = quoted?.of === JSON.stringify(body) ? quoted : null;
  if (read && now() < Date.parse(read.quoteExpiresAt)) return read.quote;
  const fresh = await quote(body, wallet);
  return !read || JSON.stringify(fresh.postings) === JSON.stringify(read.postings) ? fresh.quote : read.quote;
}

function onAmount() {
  clearTimeout(typing);
  typing = setTimeout(showQuote, typingMilliseconds);
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
        showQuote();
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

/** What is asked about and what is said, or null where the amount is none that is taken. */
function wish() {
  const { least, most } = range();
  const about = question();
  wrong("tip-amount", about ? null : t("tip_wrong", { least: written(least), most: written(most) }));
  return about && { about, message: el("tip-message").value.trim() };
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
    const pending = isSame
      ? before
      : {
          key: keep.newKey(), topUp: keep.newKey(), body, holder: wallet.holder,
          quote: await quoteOfWhatIsRead(body.about, wallet),
        };
    keep.tip.set(roomID, pending);
    await fillWithTestMoney(wallet, body.about.amount, pending.topUp);
    const message = body.message ? { message: body.message } : {};
    await api.tip(roomID, { quote: pending.quote, ...message }, wallet, pending.key);
    keep.tip.set(roomID, null);
    el("tip-message").value = "";
    const done = t("tip_done", { price: written(body.about.amount), host: hostName });
    announce(done);
    showNote(done);
  } catch (problem) {
    if (!problem.isOpen) keep.tip.set(roomID, null);
    showProblem(problem);
    if (needsCounter(problem)) return openCounter(problem);
    // It would post something else by now: that is shown.
    [quoted, asked] = [null, ""];
    await showQuote();
  }
}

onDraw(drawTip);
el("tip-amount").addEventListener("input", onAmount);
el("tip-form").addEventListener("submit", (event) => {
  event.preventDefault();
  busy(el("tip-send"), onTip);
});
