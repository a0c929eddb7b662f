// A room's page: when it is, what happens in it, and what is done in which order when the page is opened.

import { now } from "./api.js";
import * as time from "./countdown.js";
import { resumePayment, onTickets, tickPayment } from "./checkout.js";
import { tickExtension } from "./extend.js";
import { askAboutMove } from "./giveback.js";
import { t } from "./i18n.js";
import * as keep from "./keep.js";
import { bought, readProviders, refreshOffer, resumePurchase } from "./offer.js";
import { announce, el, hideProblem, put, show } from "./page.js";
import { readPasses } from "./passes.js";
import { checkOffers, takeCode, takeLinkedCode } from "./passing.js";
import { checkResales, onSold } from "./resale.js";
import { onEnd, onWarning } from "./sound.js";
import { readTerms } from "./terms.js";
import { checkTickets, hearWarning, sayWrong, take, takeTyped, tickTicket } from "./ticket.js";
import { readTipTerms } from "./tip.js";
import { resumeTopup } from "./topup.js";
import { draw, onDraw, refreshRoom, theRoom } from "./visit.js";
import { isWaitingForSeats, refreshWaiting, tickWaiting } from "./waiting.js";

async function refresh() {
  await refreshRoom();
  await refreshOffer();
  await refreshWaiting();
}

// Every eight seconds while somebody looks, spread so that visitors do not ask in step.
function keepRefreshing() {
  const wait = 7000 + Math.random() * 2000;
  setTimeout(async () => {
    if (!document.hidden) {
      await refresh();
      await checkOffers();
      await checkResales();
    } else if (isWaitingForSeats()) {
      // Seats are offered for a while only: the title says so also while nobody looks.
      await refreshWaiting();
    }
    keepRefreshing();
  }, wait);
}

function drawRoom(room) {
  const phase = time.phaseOf(room);
  el("state").dataset.phase = phase;
  put("state-text", t(`room_phase_${phase}`));
  put("title", room.title);
  put("when", time.date(room.startsAt));
  put("zone", t("room_zone", { zone: time.zone() }));
  put("length", time.length(Date.parse(room.endsAt) - Date.parse(room.startsAt)));
  const words = { ended: "room_ended_more", cancelled: "room_cancelled_more" }[phase];
  show("phase-more", Boolean(words));
  if (words) put("phase-more", t(words));
}

function tick() {
  const room = theRoom();
  if (!room) return;
  if (el("state").dataset.phase !== time.phaseOf(room)) {
    announce(t(`room_phase_${time.phaseOf(room)}`));
    draw();
    refresh();
    return;
  }
  const moment = time.nextMoment(room);
  show("countdown", Boolean(moment));
  if (moment) {
    put("countdown-label", moment.label);
    put("countdown-value", time.clock(moment.until - now()));
  }
  tickTicket();
  tickExtension();
  tickPayment();
  tickWaiting();
}

/** What the address carries: a ticket, or the code of one that somebody passes on. */
function takeLinked() {
  const linked = keep.takeFromAddress("ticket");
  if (linked !== null) sayWrong(take(linked));
  takeLinkedCode();
}

onDraw(drawRoom);
onDraw(tick);
onEnd(checkTickets);
onWarning(hearWarning);
onTickets(bought);
onSold(checkTickets);
el("refusal-close").addEventListener("click", hideProblem);
el("have-ticket-form").addEventListener("submit", (event) => {
  event.preventDefault();
  takeTyped(takeCode);
});
addEventListener("hashchange", takeLinked);
document.addEventListener("visibilitychange", () => {
  if (!document.hidden) refresh();
});

await refreshRoom();
takeLinked();
await Promise.all([readProviders(), refreshOffer(), readTipTerms(), readTerms(), readPasses()]);
await resumePurchase();
await resumePayment();
await resumeTopup();
await refreshWaiting();
checkTickets().then(askAboutMove).then(checkOffers).then(checkResales);
keepRefreshing();
time.everySecond(tick);
