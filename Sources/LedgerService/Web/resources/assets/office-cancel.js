// Cancelling the room: first a plan that says what it gives back, then, above a limit with a second person, the act.

import * as time from "./countdown.js";
import { does, hostKey, note, once, onOpen, roomID } from "./desk.js";
import { t, tn } from "./i18n.js";
import * as keep from "./keep.js";
import { written } from "./money.js";
import * as office from "./office-api.js";
import { confirm, el, make, put, show } from "./page.js";

let plan = null;

function lines() {
  const { counts, refunds, notGivenBack, progress, state } = plan;
  const amounts = (list) => list.map(written).join(" · ");
  const words = [
    tn("office_plan_tickets", counts.tickets),
    refunds.length > 0 ? t("office_plan_refunds", { price: amounts(refunds) }) : t("office_plan_refunds_none"),
  ];
  if (counts.holds > 0) words.push(tn("office_plan_holds", counts.holds));
  for (const { reason, amount } of notGivenBack) {
    words.push(t(`office_kept_${reason}`, { price: written(amount) }));
  }
  if (state === "planned" || state === "approved") words.push(t("office_plan_until", { date: time.date(plan.expiresAt) }));
  if (state === "expired") words.push(t("office_plan_expired"));
  if (progress) words.push(t("office_plan_progress", { orders: progress.orders, price: amounts(progress.refunded) || "0" }));
  if (state === "done") words.push(t("office_plan_done"));
  return words;
}

function draw() {
  show("plan", Boolean(plan));
  if (!plan) return;
  const { state, needsSecond } = plan;
  const waits = state === "planned" && needsSecond;
  el("plan").dataset.state = state;
  el("plan-lines").replaceChildren(...lines().map((text) => make("li", "", text)));
  put("plan-number", plan.cancellation);
  show("plan-second", waits);
  put("plan-second", waits ? t("office_plan_second") : "");
  show("plan-look", waits || state === "underway");
  show("plan-run", (state === "planned" && !needsSecond) || state === "approved" || state === "underway");
}

function set(next) {
  plan = next;
  keep.plan.set(roomID, next?.cancellation ?? null);
  draw();
}

async function read() {
  const id = keep.plan.get(roomID);
  if (id) set(await office.cancellation(id, hostKey()));
}

async function run() {
  const words = { heading: t("office_cancel_heading"), more: lines().join(" "), yes: t("office_plan_run") };
  if (!(await confirm(words))) return;
  try {
    set(await office.runCancellation(plan.cancellation, plan.digest, hostKey()));
    if (plan.state === "done") note(t("office_plan_done"));
  } catch (problem) {
    // The plan may say something else by now than what was agreed to: it is read again before anything is done.
    await read();
    throw problem;
  }
}

onOpen(read);
does("plan-make", async () => {
  set(await once("plan", roomID, (key) => office.planCancellation(roomID, hostKey(), key)));
});
does("plan-look", read);
does("plan-run", run);
