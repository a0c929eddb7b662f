// A series of rooms: what a pass for all of them costs, buying it, and entering each room with its ticket.

import * as api from "./api.js";
import { Problem, now } from "./api.js";
import { drawPostings, line, totals } from "./bill.js";
import * as time from "./countdown.js";
import { askCountry, country, onCountry } from "./country.js";
import { t, tn } from "./i18n.js";
import * as keep from "./keep.js";
import { isFree, written } from "./money.js";
import { announce, busy, confirm, el, hideProblem, make, put, show, showProblem } from "./page.js";
import { resumeTopup } from "./topup.js";
import { sandbox, showNote } from "./visit.js";
import { ensureWallet, fillWithTestMoney, needsCounter, openCounter } from "./wallet.js";

const { series: seriesID } = el("main").dataset;
// A quote that has less than this left is asked for again before it is paid.
const leastMilliseconds = 20_000;
const refreshMilliseconds = 10_000;

let series = null;
/** What a pass costs, as it is shown; null while it is not sold. */
let quote = null;
/** This visitor's pass with its tickets; null without one. */
let pass = null;

const wish = () => (country() ? { country: country() } : {});
const isInForce = ({ state }) => state === "valid" || state === "not_yet_valid";

// The tickets of a pass

/** Gives each room's page its ticket, and takes away those that are over. */
function keepTickets(tickets) {
  for (const one of tickets) {
    const others = keep.tickets.get(one.room).filter(({ ticket }) => ticket !== one.ticket);
    const known = keep.tickets.get(one.room).length > others.length;
    if (isInForce(one) && one.token && !known) {
      const expiresAt = new Date(keep.claims(one.token).exp * 1000).toISOString();
      const { ticket, token, seat, share: price } = one;
      keep.tickets.set(one.room, [{ ticket, token, seat, price, expiresAt, mine: true }, ...others]);
    } else if (!isInForce(one) && known) {
      keep.tickets.set(one.room, others);
    }
  }
}

function setPass(next) {
  keepTickets(next.tickets);
  pass = next.tickets.some(isInForce) ? next : null;
}

/**
 * Looks whether this wallet has a pass of the series: the last one that is good for something. Without an answer what is
 * known stays: a pass that seems to be gone would be bought twice.
 */
async function readPass() {
  const wallet = keep.wallet.get();
  if (!wallet) return;
  const list = await api.passes(wallet).catch(() => null);
  if (!list) return;
  for (const one of list.passes.filter(({ series }) => series === seriesID).reverse()) {
    const found = await api.seriesPass(one.pass, wallet).catch(() => null);
    if (!found) return;
    setPass(found);
    // A purchase whose answer was lost has its answer: the next one is another.
    if (pass) return keep.passPurchase.set(seriesID, null);
  }
  pass = null;
}

// What it costs

/** What the page shows of a quote; postings name the wallet as well, which nobody has before the first purchase. */
const shown = ({ price, parts }) =>
  JSON.stringify([price, parts.map(({ room, share, vat, fee }) => [room, share, vat, fee])]);

async function readQuote() {
  if (series.state !== "on_sale") {
    quote = null;
    return;
  }
  try {
    quote = await api.passQuote(seriesID, wish(), keep.wallet.get());
  } catch (problem) {
    // A wallet that this server does not know is replaced when it is needed; a price can be read without.
    if (problem.code === "key_unknown") quote = await api.passQuote(seriesID, wish(), null).catch(() => null);
    else if (!problem.isOpen || !quote) {
      quote = null;
      showProblem(problem);
    }
  }
}

/** Tax of each room follows the buyer's country where the rooms' policy asks for it. */
async function readCountries() {
  const { countries } = await api.prices(series.rooms[0].room).catch(() => ({}));
  askCountry(Boolean(countries));
}

async function read() {
  series = await api.series(seriesID);
}

// Buying

/** A quote of this wallet that says what the page shows. Null if it says something else by now: the page shows that. */
async function quoteToBuy(wallet) {
  const isMine = quote?.quote && keep.claims(quote.quote)?.sub === wallet.holder;
  if (isMine && Date.parse(quote.expiresAt) - now() > leastMilliseconds) return quote;
  const fresh = await api.passQuote(seriesID, wish(), wallet);
  const isSame = quote !== null && shown(quote) === shown(fresh);
  quote = fresh;
  show("quote-changed", !isSame);
  if (!isSame) announce(t("quote_changed"));
  return isSame ? fresh : null;
}

async function purchase() {
  const wallet = await ensureWallet();
  // A purchase that got no answer is sent again just as it was: the same key gives the same pass.
  let pending = keep.passPurchase.get(seriesID);
  if (pending?.holder !== wallet.holder) {
    const fresh = await quoteToBuy(wallet);
    if (!fresh) return null;
    pending = { key: keep.newKey(), topUp: keep.newKey(), quote: fresh.quote, price: fresh.price, holder: wallet.holder };
    keep.passPurchase.set(seriesID, pending);
  }
  try {
    await fillWithTestMoney(wallet, pending.price, pending.topUp);
    const bought = await api.buyPass(pending.quote, wallet, pending.key);
    keep.passPurchase.set(seriesID, null);
    return bought;
  } catch (problem) {
    if (problem instanceof Problem && !problem.isOpen) keep.passPurchase.set(seriesID, null);
    throw problem;
  }
}

function bought(next) {
  setPass(next);
  draw();
  announce(tn("series_bought", next.tickets.length));
  el("held-heading").focus();
}

async function onBuy() {
  hideProblem();
  show("quote-changed", false);
  try {
    const next = await purchase();
    if (next) return bought(next);
  } catch (problem) {
    showProblem(problem instanceof Problem ? problem : Problem.local("network"));
    if (needsCounter(problem)) await openCounter(problem);
    else await refresh();
  }
  draw();
}

// Giving it back

async function onRefund() {
  const wallet = keep.wallet.get();
  const { pass: id } = pass;
  hideProblem();
  try {
    const { total } = await api.passRefund(id, wallet);
    const price = written(total);
    const words = { heading: t("series_refund_heading"), more: t("series_refund_more", { price }), yes: t("series_refund") };
    if (!(await confirm(words))) return;
    // What was shown comes back, or nothing.
    await api.refundPass(id, total, wallet, keep.newKey());
    const done = t("series_refund_done", { price });
    announce(done);
    showNote(done);
  } catch (problem) {
    showProblem(problem);
  }
  await refresh();
}

// Drawing

function roomRow(room) {
  const row = make("li", "person");
  row.dataset.test = `room-${room.room}`;
  const words = make("div", "who");
  const name = make("a", "", room.title);
  name.href = `/r/${room.room}`;
  name.dir = "auto";
  words.append(name, make("span", "word", time.date(room.startsAt)));
  row.append(words);
  const ticket = pass?.tickets.find((one) => one.room === room.room);
  const isOver = room.state === "closed" || room.state === "cancelled" || now() >= Date.parse(room.endsAt);
  if (ticket && isInForce(ticket) && !isOver) {
    const enter = make("a", "button small", t("series_enter"));
    enter.href = `/r/${room.room}`;
    enter.setAttribute("aria-label", t("series_enter_named", { title: room.title }));
    enter.dataset.test = "enter";
    words.append(make("span", "word", t("ticket_of_seat", { seat: ticket.seat })));
    row.append(enter);
  } else {
    const cost = isFree(room.price) ? t("room_price_free") : written(room.price);
    const state = room.state === "cancelled" ? t("room_phase_cancelled") : isOver ? t("room_phase_ended") : cost;
    row.append(make("span", "figures", ticket && !isOver ? t(`series_ticket_${ticket.state}`) : state));
  }
  return row;
}

const codes = { series_sold_out: "series_sold_out", series_room_full: "series_room_full" };

function drawOffer() {
  show("offer", !pass);
  show("held", Boolean(pass));
  put("price", written(series.price));
  const isCheaper = series.together.amount > series.price.amount;
  put("instead", tn("series_for", series.rooms.length) + (isCheaper ? ` ${t("series_instead", { price: written(series.together) })}` : ""));
  put("seats", series.state === "on_sale" ? tn("series_left", series.passesLeft) : t(codes[series.state] ?? "series_not_sold"));
  show("quote", Boolean(quote));
  show("buy", Boolean(quote));
  if (!quote) return put("charge", "");
  const titles = new Map(series.rooms.map(({ room, title }) => [room, title]));
  const sum = (part) => ({ amount: quote.parts.reduce((all, one) => all + one[part].amount, 0), currency: quote.price.currency });
  const rooms = quote.parts.map((part) => line(titles.get(part.room) ?? part.room, part.share));
  el("lines").replaceChildren(...rooms, ...totals(quote.price, { vat: sum("vat"), fee: sum("fee") }, 1));
  drawPostings("postings", quote.parts.flatMap(({ postings }) => postings));
  const price = written(quote.price);
  put("charge", isFree(quote.price) ? "" : t(sandbox ? "room_charge_sandbox" : "room_charge", { price }));
  if (el("buy").getAttribute("aria-busy") === "true") return;
  put("buy", isFree(quote.price) ? t("series_get_free") : t("series_buy", { price }));
}

function draw() {
  put("series-count", tn("series_for", series.rooms.length));
  const focused = document.activeElement?.closest?.("#rooms li")?.dataset.test;
  const which = document.activeElement?.dataset?.test === "enter" ? ".button" : "a";
  el("rooms").replaceChildren(...series.rooms.map(roomRow));
  if (focused) el("rooms").querySelector(`[data-test="${focused}"] ${which}`)?.focus();
  drawOffer();
}

async function refresh() {
  await read().catch(() => {});
  await readPass();
  if (!pass) await readQuote();
  draw();
}

function keepRefreshing() {
  setTimeout(async () => {
    if (!document.hidden) await refresh();
    keepRefreshing();
  }, refreshMilliseconds * (0.9 + Math.random() / 5));
}

el("refusal-close").addEventListener("click", hideProblem);
el("buy").addEventListener("click", () => busy(el("buy"), onBuy).then(draw));
el("refund").addEventListener("click", () => busy(el("refund"), onRefund));
onCountry(async () => {
  await readQuote();
  draw();
});

try {
  await read();
  await readCountries();
  await readPass();
  // What was under way when the page was left is sent again: its key says that it is the same.
  const pending = keep.passPurchase.get(seriesID);
  if (pending && pending.holder === keep.wallet.get()?.holder && !pass) {
    const next = await purchase().catch(() => null);
    if (next) setPass(next);
  }
  if (!pass) await readQuote();
  draw();
  keep.takeFromAddress("payment");
  await resumeTopup();
} catch (problem) {
  showProblem(problem);
}
if (series) keepRefreshing();
