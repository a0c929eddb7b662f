// Passes on a room's page: the series in which the room is, as far as they are on sale.

import * as api from "./api.js";
import * as time from "./countdown.js";
import { t, tn } from "./i18n.js";
import { written } from "./money.js";
import { el, make, show } from "./page.js";
import { onDraw, roomID, theRoom } from "./visit.js";

let all = [];

function row({ series, title, price, together, rooms }) {
  const item = make("li", "person");
  const words = make("div", "who");
  const name = make("strong", "", title);
  name.dir = "auto";
  const isCheaper = together.amount > price.amount;
  const facts = [tn("series_for", rooms.length), isCheaper ? t("series_instead", { price: written(together) }) : ""];
  words.append(name, make("span", "word", facts.filter(Boolean).join(" ")));
  const link = make("a", "button", t("series_see", { price: written(price) }));
  link.href = `/s/${series}`;
  link.setAttribute("aria-label", t("series_see_named", { title, price: written(price) }));
  link.dataset.test = "pass-link-to";
  item.append(words, link);
  return item;
}

function drawPasses(room) {
  const isOver = ["ended", "cancelled"].includes(time.phaseOf(room));
  show("passes", all.length > 0 && !isOver);
}

export async function readPasses() {
  all = (await api.seriesOfRoom(roomID).catch(() => null))?.series ?? [];
  el("passes-list").replaceChildren(...all.map(row));
  if (theRoom()) drawPasses(theRoom());
}

onDraw(drawPasses);
