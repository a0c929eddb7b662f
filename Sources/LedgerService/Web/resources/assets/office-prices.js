// The price list as its host sets it.

import * as api from "./api.js";
import * as time from "./countdown.js";
import { hostKey, actOn, instant, note, onOpen, roomID, sends, whole } from "./desk.js";
import { t } from "./i18n.js";
import { plain, typed, written } from "./money.js";
import * as office from "./office-api.js";
import { confirm, el, make, wrong } from "./page.js";

let tiers = [];
let currency = "EUR";

function when(tier) {
  const words = [t(`office_phase_${tier.phase}`)];
  if (tier.from) words.push(t("buy_tier_from", { date: time.date(tier.from) }));
  if (tier.until) words.push(t("buy_tier_until", { date: time.date(tier.until) }));
  return words.join(", ");
}

function row(tier) {
  const row = make("tr");
  row.dataset.tier = tier.tier;
  const head = make("th", "", tier.tier);
  head.scope = "row";
  const cost = tier.most ? `${written(tier.price)} – ${written(tier.most)}` : written(tier.price);
  const places = tier.places === undefined ? t("office_no_limit") : `${tier.placesLeft} / ${tier.places}`;
  const actions = make("td", "buttons");
  const change = make("button", "button small", t("office_change"));
  change.setAttribute("aria-label", t("office_change_named", { name: tier.tier }));
  change.addEventListener("click", () => fill(tier));
  const end = make("button", "button small", t("office_withdraw"));
  end.setAttribute("aria-label", t("office_withdraw_named", { name: tier.tier }));
  end.addEventListener("click", () => actOn(end, () => withdraw(tier)));
  actions.append(change, end);
  row.append(head, make("td", "figures", cost), make("td", "figures", places), make("td", "", when(tier)), actions);
  return row;
}

function draw(list) {
  tiers = list;
  currency = tiers[0]?.price.currency ?? currency;
  el("price-rows").replaceChildren(...tiers.map(row));
}

/** The instant as a date and time field takes it: local, to the minute. */
function local(text) {
  if (!text) return "";
  const date = new Date(text);
  return new Date(date - date.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}

function fill(tier) {
  el("price-name").value = tier.tier;
  el("price-amount").value = plain(tier.price);
  el("price-most").value = tier.most ? plain(tier.most) : "";
  el("price-places").value = tier.places ?? "";
  el("price-from").value = local(tier.from);
  el("price-until").value = local(tier.until);
  el("price-amount").focus();
}

/** An amount of a field, or what stands beside it; an empty one is null where that is allowed. */
function amount(id, isOptional) {
  const text = el(id).value.trim();
  const money = text ? typed(text, currency) : null;
  const fits = money !== null || (isOptional && !text);
  wrong(id, fits ? null : t("office_amount_wrong"));
  return fits ? { money } : null;
}

async function send() {
  const [price, most, places] = [amount("price-amount", false), amount("price-most", true), whole("price-places")];
  if (!price || !most || !places) return;
  const body = { price: price.money };
  if (most.money) body.most = most.money;
  if (places.number !== null) body.places = places.number;
  if (instant("price-from")) body.from = instant("price-from");
  if (instant("price-until")) body.until = instant("price-until");
  const name = el("price-name").value.trim();
  draw((await office.setPrice(roomID, encodeURIComponent(name), body, hostKey())).prices);
  note(t("office_price_done", { name }));
}

async function withdraw(tier) {
  const words = { heading: t("office_withdraw_named", { name: tier.tier }), more: t("office_withdraw_more"), yes: t("office_withdraw") };
  if (!(await confirm(words))) return;
  draw((await office.setPrice(roomID, tier.tier, { price: tier.price, withdrawn: true }, hostKey())).prices);
  note(t("office_withdraw_done", { name: tier.tier }));
}

onOpen(async () => draw((await api.prices(roomID)).prices));
sends("price-form", "price-send", send);

/** The currency in which the room sells. */
export const roomCurrency = () => currency;
