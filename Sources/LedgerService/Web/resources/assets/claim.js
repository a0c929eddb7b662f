// Tickets of rooms that want a holder key: this browser claims them with its own, and from then on they work here only.

import * as api from "./api.js";
import { t } from "./i18n.js";
import * as keep from "./keep.js";
import { put, show, showProblem } from "./page.js";
import { allTickets, held, onDraw, replaceTicket, theRoom } from "./visit.js";

const isAsked = () => theRoom()?.holderKey === "required";
export const isBound = (ticket) => Boolean(keep.claims(ticket?.token)?.cnf);

/** Whether copies of a ticket are worth anything. */
export const isCopied = (ticket) => !isAsked() && !isBound(ticket);

/** What is tried by itself once: a refusal stays one until the visitor asks. */
const tried = new Set();

/** The ticket as it opens the door: bound to this browser where the room wants that. */
export async function claimed(ticket) {
  const wallet = keep.wallet.get();
  if (!ticket?.mine || !wallet || !isAsked() || isBound(ticket)) return ticket;
  tried.add(ticket.ticket);
  const { token, expiresAt } = await api.claimTicket(ticket.ticket, wallet);
  const next = { ...ticket, token, expiresAt };
  replaceTicket(ticket.ticket, next);
  return next;
}

function drawKey() {
  const ticket = held();
  show("bound", Boolean(ticket) && isAsked());
  if (!ticket || !isAsked()) return;
  put("bound", t(isBound(ticket) ? "ticket_bound" : "ticket_to_bind"));
  // The only ticket is this visitor's own; which of several stays here is known when somebody listens with it.
  const isOnly = allTickets().length === 1;
  if (isOnly && ticket.mine && !isBound(ticket) && !tried.has(ticket.ticket)) claimed(ticket).catch(showProblem);
}

onDraw(drawKey);
