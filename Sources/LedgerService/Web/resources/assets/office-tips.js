// Tips that came, giving one back, and whether the room takes any.

import * as api from "./api.js";
import * as time from "./countdown.js";
import { actOn, does, hostKey, note, onOpen, roomID } from "./desk.js";
import { t, tn } from "./i18n.js";
import { written } from "./money.js";
import * as office from "./office-api.js";
import { confirm, el, make, put } from "./page.js";

let accepts = true;

function row(tip) {
  const row = make("li", "person");
  row.dataset.tip = tip.tip;
  const words = make("span", "who");
  const message = make("span", "", tip.message);
  message.dir = "auto";
  const word = tip.refunded ? t("office_tip_back") : time.date(tip.at);
  words.append(make("strong", "figures", written(tip.amount)), message, make("span", "word", word));
  row.append(words);
  if (tip.refunded) return row;
  const back = make("button", "button small", t("office_tip_give_back"));
  back.addEventListener("click", () => actOn(back, () => giveBack(tip)));
  row.append(back);
  return row;
}

/** All pages: a room has as many tips as its listeners gave. */
async function all() {
  const tips = [];
  let cursor = null;
  do {
    const page = await office.tips(roomID, hostKey(), cursor);
    tips.push(...page.tips);
    cursor = page.next ?? null;
  } while (cursor);
  return tips;
}

async function read() {
  const [tips, terms] = await Promise.all([all(), api.tipTerms(roomID)]);
  accepts = terms.accepts;
  const sums = {};
  for (const { amount, refunded } of tips) {
    if (!refunded) sums[amount.currency] = (sums[amount.currency] ?? 0) + amount.amount;
  }
  const sum = Object.entries(sums).map(([currency, amount]) => written({ currency, amount }));
  put("tips-sum", [tn("office_tips_count", tips.length), ...sum].join(" · "));
  el("tip-rows").replaceChildren(...tips.reverse().map(row));
  put("tips-switch", t(accepts ? "office_tips_stop" : "office_tips_start"));
}

async function giveBack(tip) {
  const price = written(tip.amount);
  const words = { heading: t("office_tip_heading", { price }), more: t("office_tip_more"), yes: t("office_tip_give_back") };
  if (!(await confirm(words))) return;
  // The tip's number is the key: giving it back twice is giving it back once.
  await office.refundTip(tip.tip, hostKey(), tip.tip);
  await read();
  note(t("office_tip_done", { price }));
}

onOpen(read);
does("tips-switch", async () => {
  await office.takeTips(roomID, !accepts, hostKey());
  await read();
  note(t(accepts ? "office_tips_on" : "office_tips_off"));
});
