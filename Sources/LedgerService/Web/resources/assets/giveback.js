// Giving a ticket back, and answering when the room takes place at another time.

import * as api from "./api.js";
import { now } from "./api.js";
import * as time from "./countdown.js";
import { t } from "./i18n.js";
import * as keep from "./keep.js";
import { written } from "./money.js";
import { announce, busy, confirm, el, hideProblem, put, show, showProblem } from "./page.js";
import { dropTicket, held, onDraw, refreshRoom, replaceTicket, roomID, showNote } from "./visit.js";

let offer = null;
let askedOf = null;

/** What giving the shown ticket back would give now and until when; asked when somebody opens the question. */
async function readOffer() {
  const ticket = held();
  if (!ticket?.mine) return;
  offer = { ticket: ticket.ticket };
  try {
    const { amount, kept, until } = await api.refundOffer(ticket.ticket, keep.wallet.get());
    offer = { ticket: ticket.ticket, amount, kept, until };
  } catch (problem) {
    offer = { ticket: ticket.ticket, no: [problem.title + ".", problem.detail, problem.next].filter(Boolean).join(" ") };
  }
  drawOffer();
}

function drawOffer() {
  const ticket = held();
  show("give-back", Boolean(ticket));
  if (!ticket) return;
  if (offer?.ticket !== ticket.ticket) {
    offer = null;
    if (el("give-back").open) readOffer();
  }
  show("refund", ticket.mine && !offer?.no);
  const words = [];
  if (!ticket.mine) words.push(t("refund_elsewhere"));
  else if (offer?.no) words.push(offer.no);
  else if (!offer?.amount) words.push(t("refund_more_terms"));
  else {
    words.push(t("refund_gives", { price: written(offer.amount) }));
    if (offer.kept.amount > 0) words.push(t("refund_keeps", { price: written(offer.kept) }));
    if (offer.until) words.push(t("refund_until", { date: time.date(offer.until) }));
    words.push(t("refund_frees"));
  }
  put("give-back-more", words.join(" "));
}

async function onRefund() {
  // The gateway may be quicker than the answer to this page: by then the ticket is gone already.
  const { ticket } = held();
  const wallet = keep.wallet.get();
  if (!wallet) return;
  hideProblem();
  let price;
  try {
    price = (await api.refundOffer(ticket, wallet)).amount;
  } catch (problem) {
    return showProblem(problem);
  }
  const more = t("refund_more", { price: written(price) });
  if (!(await confirm({ heading: t("refund_heading"), more, yes: t("refund_yes") }))) return;
  hideProblem();
  try {
    // The ticket's number is the key: giving it back twice is giving it back once. Not for less than was shown.
    await api.refund(ticket, price, wallet, ticket);
    dropTicket(ticket);
    hideProblem();
    const done = t("refund_done", { price: written(price) });
    announce(done);
    el("main").focus({ preventScroll: true });
    showNote(done);
  } catch (problem) {
    showProblem(problem);
    await readOffer();
  }
  await refreshRoom();
}

// Another time

/** Asks the holder of a ticket for the old time to keep it or to give it back. */
export async function askAboutMove() {
  const ticket = held();
  askedOf = ticket?.ticket ?? null;
  const answer = ticket?.mine && keep.wallet.get() ? await api.moves(roomID).catch(() => null) : null;
  const move = answer?.moves[0];
  // A ticket that ends when the room does fits its times already.
  const open =
    ticket && move && now() < Date.parse(move.answerUntil) &&
    Date.parse(ticket.expiresAt) !== Date.parse(move.to.endsAt);
  show("moved", Boolean(open));
  if (!open) return;
  const facts = { date: time.date(move.to.startsAt), until: time.date(move.answerUntil) };
  put("moved-more", t(move.defaultAnswer === "keep" ? "move_more_keep" : "move_more_refund", facts));
  put("moved-notice", move.notice);
}

async function onMove(answer) {
  const ticket = held();
  hideProblem();
  try {
    const done = await api.answerMove(ticket.ticket, answer, keep.wallet.get(), `${ticket.ticket}.${answer}`);
    if (done.token) {
      const { ticket: id, token, expiresAt } = done;
      replaceTicket(ticket.ticket, { ...ticket, ticket: id, token, expiresAt });
      showNote(t("ticket_moved"));
    } else {
      dropTicket(ticket.ticket);
      showNote(t("refund_done", { price: written(done.refunded) }));
    }
  } catch (problem) {
    showProblem(problem);
  }
  await askAboutMove();
  await refreshRoom();
}

onDraw(drawOffer);
onDraw(() => {
  // Each ticket is asked about by itself.
  if (askedOf !== null && held() && askedOf !== held().ticket) askAboutMove();
});
el("give-back").addEventListener("toggle", () => {
  if (el("give-back").open) readOffer();
});
el("refund").addEventListener("click", () => busy(el("refund"), onRefund));
el("moved-keep").addEventListener("click", () => busy(el("moved-keep"), () => onMove("keep")));
el("moved-refund").addEventListener("click", () => busy(el("moved-refund"), () => onMove("refund")));
