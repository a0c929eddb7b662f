// What it will cost, line by line, before anybody pays: the server's quote of what is in the basket.

import * as api from "./api.js";
import { now } from "./api.js";
import { nameOfTier, onChoice, order, refuse } from "./basket.js";
import { drawPostings, line, totals } from "./bill.js";
import { t } from "./i18n.js";
import * as keep from "./keep.js";
import { times } from "./money.js";
import { announce, el, show } from "./page.js";
import { draw } from "./visit.js";

// A quote holds for five minutes. One that has less than this left is asked for again before it is paid.
const leastMilliseconds = 20_000;
// Between a choice and the question what it costs, so that ten taps on + are one question.
const pauseMilliseconds = 250;

let shown = null;
let refused = null;
let refusedCode = null;
let asked = 0;
let timer = null;

/** What the page shows: {order, quote}; null while nothing is. */
export const shownQuote = () => shown;

/** Why there is no quote, in words, where no choice of the basket is to blame; null otherwise. */
export const whyNoQuote = () => refused;

/** Whether the seats that are wanted are not free, or gather for others: then one can wait for them. */
export const isForWaiting = () => ["sold_out", "not_enough_seats", "waiting_first"].includes(refusedCode);

/** Whether two quotes are the same to whoever pays: every amount that the page shows. */
function saysTheSame(a, b) {
  const parts = ["count", "tier", "price", "discount", "gross", "vat", "fee", "total"];
  return parts.every((part) => JSON.stringify(a[part]) === JSON.stringify(b[part]));
}

const isSameWish = (a, b) => JSON.stringify(a) === JSON.stringify(b);

function drawLines({ quote }) {
  const { count, tier, price, discount, total } = quote;
  const rows = [line(t("quote_tickets", { n: count, tier: nameOfTier(tier) }), times(price, count))];
  if (discount.amount > 0) rows.push(line(t("quote_voucher"), times(discount, -count)));
  rows.push(...totals(total, quote, count));
  el("lines").replaceChildren(...rows);
  drawPostings("postings", quote.postings);
}

function setShown(next, problem = null) {
  shown = next;
  if (next) refusedCode = null;
  refused = problem && [problem.title + ".", problem.detail, problem.next].filter(Boolean).join(" ");
  show("quote", Boolean(next));
  if (next) drawLines(next);
  draw();
}

/**
 * Asks what the basket costs and shows it. A refusal stands beside the choice that it is about.
 * - isOwn: whether the visitor has chosen something else; another amount of the same choice is pointed out.
 * Resolves to whether what is shown says the same as before.
 */
export async function refreshQuote({ isOwn = false } = {}) {
  clearTimeout(timer);
  const wish = order();
  const mine = ++asked;
  const before = shown;
  if (!wish) {
    setShown(null);
    return false;
  }
  try {
    const quote = await api.quote(wish, keep.wallet.get());
    if (mine !== asked) return false;
    setShown({ order: wish, quote });
    const isSame = before !== null && isSameWish(before.order, wish) && saysTheSame(before.quote, quote);
    if (!isOwn && before && isSameWish(before.order, wish) && !isSame) sayChanged(true);
    return isSame;
  } catch (problem) {
    if (mine !== asked) return false;
    // No answer says nothing about seats.
    if (!problem.isOpen) refusedCode = problem.code;
    // A wallet that this server does not know is replaced when it is needed; a price can be read without.
    if (problem.code === "key_unknown") {
      const quote = await api.quote(wish, null).catch(() => null);
      setShown(quote && { order: wish, quote });
      return false;
    }
    const isVoucher = Boolean(wish.voucher);
    const isPlaced = refuse(problem);
    if (isPlaced && isVoucher && !order()?.voucher) return refreshQuote({ isOwn });
    setShown(null, isPlaced ? null : problem);
    return false;
  }
}

/**
 * A quote of this wallet that says what the page shows, to be bought: from the wallet, or through a provider, which
 * posts the fee elsewhere and has a quote of its own.
 * Null if it says something else by now: the page then shows that, and whoever pays decides again.
 */
export async function quoteToBuy(wallet, provider = null) {
  const wish = order();
  if (!wish || !shown || !isSameWish(wish, shown.order)) {
    // Something else was chosen a moment ago, and its cost has not been seen yet.
    await refreshQuote();
    sayChanged(shown !== null);
    return null;
  }
  const { quote } = shown;
  const isMine = !provider && quote.quote && keep.claims(quote.quote)?.sub === wallet.holder;
  if (isMine && Date.parse(quote.expiresAt) - now() > leastMilliseconds) return quote;
  const fresh = await api.quote(provider ? { ...wish, provider } : wish, wallet);
  if (!provider) setShown({ order: wish, quote: fresh });
  if (saysTheSame(quote, fresh)) return fresh;
  if (provider) await refreshQuote();
  sayChanged(true);
  return null;
}

/** What was shown is bought, or nobody looks at it any more: it is asked for again when somebody does. */
export function forgetQuote() {
  clearTimeout(timer);
  asked += 1;
  setShown(null);
}

/** Says that what is shown is another price than a moment ago. */
export function sayChanged(isChanged) {
  show("quote-changed", isChanged);
  if (isChanged) announce(t("quote_changed"));
}

onChoice((isOwn) => {
  if (isOwn) sayChanged(false);
  clearTimeout(timer);
  // Of what is not on sale, or not looked at, nobody asks the price.
  const isLookedAt = () => !el("basket").hidden && !el("offer").hidden;
  timer = setTimeout(() => isLookedAt() && refreshQuote({ isOwn }), pauseMilliseconds);
});
