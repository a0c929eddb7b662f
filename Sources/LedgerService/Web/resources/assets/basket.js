// What the visitor wants to buy: which price, how many, how much above a floor, with which voucher, from where.

import * as api from "./api.js";
import { now } from "./api.js";
import * as time from "./countdown.js";
import { askCountry, country, onCountry } from "./country.js";
import { t, tn } from "./i18n.js";
import { isFree, plain, typed, written } from "./money.js";
import { el, make, put, show, wrong } from "./page.js";
import { onDraw, roomID } from "./visit.js";

const mostTickets = 20;

let tiers = [];
let countries = null;
let chosen = null;
let voucher = "";
let seen = "";
let heardChange = () => {};

/** Registers what follows from another choice: told whether it is the visitor's, or another price list. */
export const onChoice = (heard) => (heardChange = heard);

const isOpen = (tier) => tier.phase === "open";

/** The tier that is chosen, else the one that the room shows: the cheapest that is open. */
export const tier = () => tiers.find((one) => one.tier === chosen && isOpen(one)) ?? tiers.find(isOpen) ?? null;

function count() {
  const text = el("count").value.trim();
  const n = /^\d{1,2}$/.test(text) ? Number(text) : 0;
  const fits = n >= 1 && n <= mostTickets;
  wrong("count", fits ? null : t("buy_count_wrong", { most: mostTickets }));
  return fits ? n : null;
}

function price(of) {
  if (!of.most) return of.price;
  const amount = typed(el("floor").value, of.price.currency);
  const fits = amount && amount.amount >= of.price.amount && amount.amount <= of.most.amount;
  wrong("floor", fits ? null : t("buy_floor_wrong", { least: written(of.price), most: written(of.most) }));
  return fits ? amount : null;
}

/** What is to be bought, as the API takes it; null while something does not fit, which the page says beside it. */
export function order() {
  const of = tier();
  if (!of) return null;
  const [n, amount] = [count(), price(of)];
  if (!n || !amount) return null;
  const order = { room: roomID, tier: of.tier, count: n };
  if (of.most) order.price = amount;
  if (voucher) order.voucher = voucher;
  if (country()) order.country = country();
  return order;
}

/** Shows a refusal beside the choice that it is about. Returns whether there is one. */
export function refuse(problem) {
  const words = [problem.detail, problem.next].filter(Boolean).join(" ");
  if (/^voucher_|^quote_voucher$/.test(problem.code)) {
    voucher = "";
    el("voucher-field").open = true;
    wrong("voucher", words);
  } else if (["count_out_of_range", "tier_full", "not_enough_seats", "hold_limit"].includes(problem.code)) {
    wrong("count", words);
  } else if (["price_below_floor", "price_above_most"].includes(problem.code)) {
    wrong("floor", words);
  } else {
    return false;
  }
  return true;
}

export function nameOfTier(name) {
  if (name === "regular") return t("buy_tier_regular");
  const words = name.replaceAll("-", " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** Reads the price list when something of the room says that it may have changed. */
export async function refreshPrices(room) {
  const limited = tiers.some((one) => one.places || one.from || one.until);
  const now = `${room.priceVersion} ${room.seatsLeft} ${room.price?.amount}`;
  if (now === seen && !limited) return;
  seen = now;
  const before = JSON.stringify([tiers, countries]);
  try {
    const list = await api.prices(roomID);
    tiers = list.prices;
    countries = list.countries ?? null;
  } catch {
    // The page keeps the list that it has.
    return;
  }
  if (JSON.stringify([tiers, countries]) === before) return;
  drawTiers();
  askCountry(Boolean(countries));
  drawFloor();
  heardChange(false);
}

function facts(one) {
  const words = [];
  if (one.phase === "not_yet") words.push(t("buy_tier_from", { date: time.date(one.from) }));
  else if (one.phase === "over") words.push(t("buy_tier_over"));
  else if (one.phase === "full") words.push(t("buy_tier_full"));
  else {
    if (one.placesLeft !== undefined) words.push(tn("buy_tier_left", one.placesLeft));
    if (one.until) words.push(t("buy_tier_until", { date: time.date(one.until) }));
  }
  return words.join(" · ");
}

function tierRow(one) {
  const row = make("label", "tier");
  row.dataset.tier = one.tier;
  row.dataset.test = `tier-${one.tier}`;
  const input = make("input");
  Object.assign(input, { type: "radio", name: "tier", value: one.tier, disabled: !isOpen(one) });
  input.checked = one === tier();
  input.addEventListener("change", () => {
    chosen = one.tier;
    drawFloor(true);
    heardChange(true);
  });
  const words = make("span", "tier-words");
  const shown = isFree(one.price) && !one.most ? t("room_price_free") : written(one.price);
  const name = make("span", "tier-name", nameOfTier(one.tier));
  const cost = make("span", "figures", one.most ? t("buy_tier_floor", { price: shown }) : shown);
  words.append(name, cost, make("small", "hint", facts(one)));
  row.append(input, words);
  return row;
}

function drawTiers() {
  const focused = document.activeElement?.name === "tier" ? document.activeElement.value : null;
  const [only] = tiers;
  // One plain price needs no list: it stands above already.
  show("tiers-field", tiers.length > 1 || Boolean(only && (only.from || only.until || only.places || only.most)));
  el("tiers").replaceChildren(...tiers.map(tierRow));
  if (focused) el("tiers").querySelector(`input[value="${focused}"]`)?.focus();
}

function drawFloor(isNew = false) {
  const of = tier();
  show("floor-field", Boolean(of?.most));
  if (!of?.most) return;
  put("floor-hint", t("buy_floor_hint", { least: written(of.price), most: written(of.most) }));
  if (isNew || !el("floor").value) el("floor").value = plain(of.price);
}

/** Whether the visitor could buy now. */
export function isOnSale(room, phase) {
  const over = phase === "ended" || phase === "cancelled";
  const early = Boolean(room.saleOpensAt) && now() < Date.parse(room.saleOpensAt);
  return Boolean(room.price) && room.seatsLeft > 0 && !over && !early;
}

function step(by) {
  const n = Math.min(mostTickets, Math.max(1, (Number(el("count").value) || 1) + by));
  el("count").value = String(n);
  heardChange(true);
}

function useVoucher() {
  voucher = el("voucher").value.trim();
  wrong("voucher", null);
  heardChange(true);
}

onDraw((room) => show("basket", isOnSale(room, time.phaseOf(room)) && tier() !== null));
el("basket").addEventListener("submit", (event) => {
  event.preventDefault();
  useVoucher();
});
el("fewer").addEventListener("click", () => step(-1));
el("more").addEventListener("click", () => step(1));
el("count").addEventListener("change", () => heardChange(true));
el("floor").addEventListener("change", () => heardChange(true));
onCountry(() => heardChange(true));
