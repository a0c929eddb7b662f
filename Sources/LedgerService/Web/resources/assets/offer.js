// The offer: price, seats and the ways to pay; buying from the wallet.

import * as api from "./api.js";
import { Problem, now } from "./api.js";
import { isOnSale, refreshPrices, refuse, tier } from "./basket.js";
import { isPaying, payBy } from "./checkout.js";
import * as time from "./countdown.js";
import { t, tn } from "./i18n.js";
import * as keep from "./keep.js";
import { isFree, written } from "./money.js";
import { announce, busy, el, hideProblem, make, put, show, showProblem } from "./page.js";
import { forgetQuote, quoteToBuy, refreshQuote, sayChanged, shownQuote, whyNoQuote } from "./quote.js";
import { addTickets, draw, held, onDraw, refreshRoom, roomID, sandbox, theRoom } from "./visit.js";
import { ensureWallet, fillWithTestMoney, needsCounter, openCounter } from "./wallet.js";

let wantsMore = false;
let providers = [];

// A card first: whoever pays at a desk comes for it.
const waysToPay = ["stripe", "sandbox", "manual"];

/** What the buttons say that a purchase costs: the quote, or before it is here the room's price. */
const total = (room) => shownQuote()?.quote.total ?? room.price;

function drawOffer(room) {
  const phase = time.phaseOf(room);
  const { price, seatsLeft, capacity } = room;
  const over = phase === "ended" || phase === "cancelled";
  const early = Boolean(room.saleOpensAt) && now() < Date.parse(room.saleOpensAt);
  show("offer", (!held() || wantsMore) && !over && !isPaying());
  if (!price) put("price", t("room_price_none"));
  else if (tier()?.most) put("price", t("buy_tier_floor", { price: written(tier().price) }));
  else put("price", isFree(price) ? t("room_price_free") : written(price));
  const seats = `${tn("room_seats", seatsLeft)} ${t("room_seats_of", { capacity })}`;
  put("seats", seatsLeft > 0 ? seats : t("room_seats_none"));
  const onSale = isOnSale(room, phase);
  const cost = onSale ? total(room) : price;
  // Nobody pays what the page has not shown line by line.
  show("buy", onSale && Boolean(shownQuote()));
  show("providers", onSale && Boolean(shownQuote()) && !isFree(cost));
  if (!price) put("charge", t("room_not_on_sale"));
  else if (early) put("charge", t("room_sale_opens", { date: time.date(room.saleOpensAt) }));
  else if (seatsLeft <= 0) put("charge", t("room_sold_out"));
  else if (whyNoQuote()) put("charge", whyNoQuote());
  else if (isFree(cost)) put("charge", t("room_charge_free"));
  else put("charge", t(sandbox ? "room_charge_sandbox" : "room_charge", { price: written(cost) }));
  if (onSale && el("buy").getAttribute("aria-busy") !== "true") {
    // A purchase without an answer comes first, whatever is chosen meanwhile: the button says what it buys.
    const open = keep.purchase.get(roomID);
    if (open) put("buy", t("room_buy_open", { price: written(open.total) }));
    else put("buy", isFree(cost) ? t("room_get_free") : t("room_buy", { price: written(cost) }));
  }
}

/** A button for each provider of the house; `test` is what tests call them by. */
export function drawWays(id, test, pay) {
  el(id).replaceChildren(
    ...providers.map((name) => {
      const button = make("button", "button wide", t(`pay_by_${name}`));
      button.type = "button";
      button.dataset.test = `${test}-${name}`;
      button.addEventListener("click", () => busy(button, () => pay(name)).then(draw));
      return button;
    }),
  );
}

async function purchase() {
  const wallet = await ensureWallet();
  // A purchase that got no answer is sent again just as it was: the same key gives the same tickets.
  let pending = keep.purchase.get(roomID);
  if (!pending || pending.holder !== wallet.holder) {
    const quote = await quoteToBuy(wallet);
    if (!quote) return null;
    const body = { quote: quote.quote };
    pending = { key: keep.newKey(), topUp: keep.newKey(), body, total: quote.total, holder: wallet.holder };
    keep.purchase.set(roomID, pending);
  }
  try {
    if (!pending.paid) await fillWithTestMoney(wallet, pending.total, pending.topUp);
    keep.purchase.set(roomID, { ...pending, paid: true });
    const order = await api.buy(pending.body, wallet, pending.key);
    keep.purchase.set(roomID, null);
    return order;
  } catch (problem) {
    // Refused is an outcome too: the next attempt is another purchase, at the price of that moment.
    if (problem instanceof Problem && !problem.isOpen) keep.purchase.set(roomID, null);
    throw problem;
  }
}

/** A purchase that was under way when the page was left is sent again: its key and its quote say that it is the same. */
export async function resumePurchase() {
  const pending = keep.purchase.get(roomID);
  if (!pending) return;
  // Another wallet's: nothing is bought here that nobody asked for.
  if (pending.holder !== keep.wallet.get()?.holder) return keep.purchase.set(roomID, null);
  const order = await purchase().catch((problem) => (problem.isOpen ? showProblem(problem) : null));
  if (order) bought(order);
}

/** Whether the same purchase may be tried again by itself: only its quote was too old. */
const isTooOld = (problem) => problem.code === "quote_expired";

async function onBuy() {
  hideProblem();
  sayChanged(false);
  put("buy", t("room_buying"));
  try {
    const order = await purchase().catch(async (problem) => {
      if (!isTooOld(problem)) throw problem;
      return (await refreshQuote()) ? purchase() : null;
    });
    if (order) bought(order);
  } catch (problem) {
    await onRefusal(problem);
  }
  await refreshRoom();
}

async function onRefusal(problem) {
  showProblem(problem instanceof Problem ? problem : Problem.local("network"));
  refuse(problem);
  if (needsCounter(problem)) return openCounter(problem);
  if (!/^quote_|^price_|^tier_|^voucher_|^not_enough/.test(problem.code)) return;
  // What is shown does not hold any more: the page shows what does, and asks again.
  await refreshRoom();
  await refreshPrices(theRoom());
  await refreshQuote();
}

/** Takes tickets into the page, from an order or from a hold that was paid. */
export function bought({ ticket, token, seat, price, expiresAt, tickets }) {
  const all = (tickets ?? [{ ticket, token, seat }]).map((one) => {
    const end = expiresAt ?? new Date(keep.claims(one.token).exp * 1000).toISOString();
    return { ticket: one.ticket, token: one.token, seat: one.seat, price, expiresAt: end, mine: true };
  });
  wantsMore = false;
  el("count").value = "1";
  forgetQuote();
  addTickets(all);
  announce(all.length > 1 ? tn("ticket_bought_many", all.length) : t("ticket_bought", { seat: all[0].seat }));
  (el("listen").hidden ? el("held-heading") : el("listen")).focus();
}

async function onPayBy(name) {
  hideProblem();
  sayChanged(false);
  try {
    const wallet = await ensureWallet();
    const quote = await quoteToBuy(wallet, name);
    if (quote) await payBy(name, { quote: quote.quote }, quote.total, wallet);
  } catch (problem) {
    await onRefusal(problem);
  }
  await refreshRoom();
}

/** Reads what is on sale; called whenever the room was read again. */
export async function refreshOffer() {
  const room = theRoom();
  if (!room) return;
  await refreshPrices(room);
  const old = shownQuote() && Date.parse(shownQuote().quote.expiresAt) - now() < 60_000;
  const isLookedAt = !el("offer").hidden && isOnSale(room, time.phaseOf(room));
  if (isLookedAt && (!shownQuote() || old)) await refreshQuote();
}

export async function readProviders() {
  const found = await api.providers().then((list) => list.providers, () => []);
  providers = waysToPay.filter((name) => found.includes(name));
  drawWays("providers", "pay", onPayBy);
}

onDraw(drawOffer);
onDraw((room) => {
  show("buy-more", Boolean(held()) && !wantsMore && !isPaying() && isOnSale(room, time.phaseOf(room)));
});
el("buy").addEventListener("click", () => busy(el("buy"), onBuy).then(draw));
el("buy-more").addEventListener("click", () => {
  wantsMore = true;
  draw();
  refreshQuote();
  el("buy").focus();
});
