// A room's page: what it is, the ticket, the sound.

import * as api from "./api.js";
import { Problem, now } from "./api.js";
import * as time from "./countdown.js";
import { followRoom } from "./events.js";
import { t, tn } from "./i18n.js";
import * as keep from "./keep.js";
import { Listening } from "./listen.js";
import { isFree, written } from "./money.js";
import { announce, busy, confirm, confirmOn, copy, el, gatewayOf, hideProblem, nameOf, put, show, showProblem } from "./page.js";
import { isPossible } from "./peer.js";

const { room: roomID, host: hostName } = el("main").dataset;
const sandbox = el("main").dataset.sandbox === "true";

let room = null;
let held = keep.ticket.get(roomID);
let listening = null;
let following = null;
let stage = [];
let warned = new Set();

// The room

async function refreshRoom() {
  try {
    room = await api.room(roomID);
  } catch (problem) {
    // The page keeps what it knows; only a first look that fails is worth words.
    if (!room) showProblem(problem);
    return;
  }
  render();
}

// Every eight seconds while somebody looks, spread so that visitors do not ask in step.
function keepRefreshing() {
  const wait = 7000 + Math.random() * 2000;
  setTimeout(async () => {
    if (!document.hidden) await refreshRoom();
    keepRefreshing();
  }, wait);
}

function renderOffer(phase) {
  const { price, seatsLeft, capacity } = room;
  const over = phase === "ended" || phase === "cancelled";
  const early = Boolean(room.saleOpensAt) && now() < Date.parse(room.saleOpensAt);
  show("offer", !held && !over);
  if (!price) put("price", t("room_price_none"));
  else put("price", isFree(price) ? t("room_price_free") : written(price));
  const seats = `${tn("room_seats", seatsLeft)} ${t("room_seats_of", { capacity })}`;
  put("seats", seatsLeft > 0 ? seats : t("room_seats_none"));
  show("buy", Boolean(price) && seatsLeft > 0 && !early);
  if (!price) put("charge", t("room_not_on_sale"));
  else if (early) put("charge", t("room_sale_opens", { date: time.date(room.saleOpensAt) }));
  else if (seatsLeft <= 0) put("charge", t("room_sold_out"));
  else if (isFree(price)) put("charge", t("room_charge_free"));
  else put("charge", t(sandbox ? "room_charge_sandbox" : "room_charge", { price: written(price) }));
  if (price && el("buy").getAttribute("aria-busy") !== "true") {
    put("buy", isFree(price) ? t("room_get_free") : t("room_buy", { price: written(price) }));
  }
  show("counter", !sandbox && !held && !over && Boolean(price) && !isFree(price));
}

function renderHeld(phase) {
  show("held", Boolean(held));
  show("other-device", Boolean(held));
  show("give-back", Boolean(held));
  if (!held) show("player", false);
  show("have-ticket", !held);
  if (!held) return;
  show("seat-fact", held.seat !== undefined);
  put("seat", String(held.seat ?? ""));
  show("paid-fact", Boolean(held.price));
  if (held.price) put("paid", isFree(held.price) ? t("room_price_free") : written(held.price));
  put("until", time.timeOfDay(held.expiresAt));
  put("ticket-number", held.ticket);
  show("refund", held.mine);
  show("show-code", held.mine);
  show("add-calendar", held.mine);
  if (!held.mine) put("give-back-more", t("refund_elsewhere"));
  else put("give-back-more", t("refund_more_terms"));
  const inside = phase === "doors" || phase === "live";
  show("listen", (inside || Boolean(listening)) && Date.parse(held.expiresAt) > now());
  show("listen-more", phase === "upcoming" || phase === "waiting");
  put("listen-more", t(phase === "waiting" ? "room_waiting_more" : "ticket_wait_doors"));
}

function render() {
  if (!room) return;
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
  renderOffer(phase);
  renderHeld(phase);
  tick();
}

function tick() {
  if (!room) return;
  if (el("state").dataset.phase !== time.phaseOf(room)) {
    el("state").dataset.phase = time.phaseOf(room);
    announce(t(`room_phase_${time.phaseOf(room)}`));
    render();
    refreshRoom();
    return;
  }
  const moment = time.nextMoment(room);
  show("countdown", Boolean(moment));
  if (moment) {
    put("countdown-label", moment.label);
    put("countdown-value", time.clock(moment.until - now()));
  }
  if (held) tickTicket();
}

// The ticket's time

function tickTicket() {
  const left = Date.parse(held.expiresAt) - now();
  put("time-left", time.clock(left));
  const over = left <= 0;
  el("time-left").classList.toggle("short", left <= 5 * 60000);
  if (over && el("listen").hidden === false && !listening) show("listen", false);
  const level = over ? "over" : left <= 60000 ? "1" : left <= 5 * 60000 ? "5" : null;
  show("warning", Boolean(level));
  if (!level || warned.has(level)) return;
  warned.add(level);
  el("warning").dataset.level = level;
  put("warning", t(level === "over" ? "ticket_over" : `ticket_warn_${level}`));
}

function setHeld(ticket) {
  held = ticket;
  warned = new Set();
  keep.ticket.set(roomID, ticket);
  render();
}

/** Takes a ticket from text: a link that ends with it or the ticket itself. Returns the key of the words if not. */
function take(text) {
  const token = /([\w-]+\.[\w-]+\.[\w-]+)\s*$/.exec(text)?.[1] ?? "";
  const claims = keep.claims(token);
  if (!claims?.jti || !Number.isFinite(claims.exp)) return "have_ticket_wrong";
  if (claims.room !== roomID) return "have_ticket_other_room";
  const same = held?.ticket === claims.jti;
  const expiresAt = new Date(claims.exp * 1000).toISOString();
  setHeld(same ? held : { ticket: claims.jti, token, expiresAt, mine: false });
  return null;
}

/** Forgets a ticket that was given back elsewhere, for example by the host. */
async function checkTicket() {
  const wallet = keep.wallet.get();
  if (!held?.mine || !wallet) return;
  const asked = held.ticket;
  const found = await api.ticket(asked, wallet).catch(() => null);
  const words = { refunded: "ticket_refunded", withdrawn: "ticket_refunded", replaced: "ticket_replaced" };
  if (held?.ticket !== asked) return;
  // The same ticket with more time: its token says so.
  if (found?.token && !words[found.state] && Date.parse(found.expiresAt) !== Date.parse(held.expiresAt))
    setHeld({ ...held, token: found.token, expiresAt: found.expiresAt });
  if (!words[found?.state]) return;
  // Another one in its place that is still this visitor's: its room moved, or it lasts longer.
  const next = found.successor ? await api.ticket(found.successor, wallet).catch(() => null) : null;
  if (held?.ticket !== asked) return;
  if (next?.token) {
    setHeld({ ...held, ticket: next.ticket, token: next.token, expiresAt: next.expiresAt });
    showNote(t("ticket_moved"));
    return;
  }
  setHeld(null);
  showNote(t(words[found.state]));
}

// Another time

/** Asks the holder of a ticket for the old time to keep it or to give it back. */
async function askAboutMove() {
  const answer = held?.mine && keep.wallet.get() ? await api.moves(roomID).catch(() => null) : null;
  const move = answer?.moves[0];
  // A ticket that ends when the room does fits its times already.
  const open =
    held && move && now() < Date.parse(move.answerUntil) && Date.parse(held.expiresAt) !== Date.parse(move.to.endsAt);
  show("moved", Boolean(open));
  if (!open) return;
  const facts = { date: time.date(move.to.startsAt), until: time.date(move.answerUntil) };
  put("moved-more", t(move.defaultAnswer === "keep" ? "move_more_keep" : "move_more_refund", facts));
  put("moved-notice", move.notice);
}

async function onMove(answer) {
  const { ticket } = held;
  hideProblem();
  try {
    const done = await api.answerMove(ticket, answer, keep.wallet.get(), `${ticket}.${answer}`);
    if (done.token) {
      setHeld({ ...held, ticket: done.ticket, token: done.token, expiresAt: done.expiresAt });
      showNote(t("ticket_moved"));
    } else {
      stopListening(null, true);
      setHeld(null);
      showNote(t("refund_done", { price: written(done.refunded) }));
    }
  } catch (problem) {
    showProblem(problem);
  }
  await askAboutMove();
  await refreshRoom();
}

// Buying

const balanceOf = (wallet, currency) =>
  wallet.balances.find((balance) => balance.currency === currency)?.amount ?? 0;

/** This device's wallet as the server sees it; a new one where there is none or the server does not know it. */
async function ensureWallet() {
  const kept = keep.wallet.get();
  if (kept) {
    try {
      return { ...kept, ...(await api.wallet(kept)), key: kept.key };
    } catch (problem) {
      if (problem.code !== "key_unknown" && problem.code !== "wallet_unknown") throw problem;
    }
  }
  const { holder, key } = await api.openWallet();
  keep.wallet.set({ holder, key });
  return { holder, key, balances: [] };
}

async function purchase() {
  const wallet = await ensureWallet();
  // A purchase that got no answer is sent again just as it was: the same key gives the same ticket.
  let pending = keep.purchase.get(roomID);
  if (!pending || pending.holder !== wallet.holder) {
    pending = { key: keep.newKey(), topUp: keep.newKey(), price: room.price, holder: wallet.holder };
    keep.purchase.set(roomID, pending);
  }
  const { amount, currency } = pending.price;
  try {
    if (sandbox && amount > 0 && !pending.paid) {
      const missing = amount - balanceOf(wallet, currency);
      if (missing > 0) await api.topUp(wallet, { amount: missing, currency }, pending.topUp);
      keep.purchase.set(roomID, { ...pending, paid: true });
    }
    const order = await api.buy(roomID, pending.price, wallet, pending.key);
    keep.purchase.set(roomID, null);
    return order;
  } catch (problem) {
    // Refused is an outcome too: the next attempt is another purchase, at the price of that moment.
    if (!(problem instanceof Problem) || !problem.mayPass) keep.purchase.set(roomID, null);
    throw problem;
  }
}

async function onBuy() {
  hideProblem();
  put("buy", t("room_buying"));
  try {
    const order = await purchase();
    const { ticket, token, seat, price, expiresAt } = order;
    setHeld({ ticket, token, seat, price, expiresAt, mine: true });
    announce(t("ticket_bought", { seat }));
    (el("listen").hidden ? el("held-heading") : el("listen")).focus();
  } catch (problem) {
    showProblem(problem instanceof Problem ? problem : Problem.local("network"));
    if (problem.code === "insufficient_funds" || problem.code === "topup_not_allowed") await openCounter();
  }
  await refreshRoom();
}

async function openCounter() {
  show("counter", true);
  el("counter").open = true;
  await showWallet();
}

async function showWallet() {
  try {
    const wallet = await ensureWallet();
    put("holder", wallet.holder);
    const amounts = wallet.balances.filter((balance) => balance.amount !== 0).map(written);
    put("balance", amounts.join(" · ") || t("counter_empty"));
    show("wallet", true);
    show("wallet-open", false);
    show("wallet-refresh", true);
  } catch (problem) {
    showProblem(problem);
  }
}

async function onRefund() {
  // The gateway may be quicker than the answer to this page: by then `held` is gone already.
  const { ticket } = held;
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
    // A ticket that was given back opens no door any more, not even to say goodbye.
    stopListening(null, true);
    hideProblem();
    setHeld(null);
    const done = t("refund_done", { price: written(price) });
    announce(done);
    el("main").focus({ preventScroll: true });
    showNote(done);
  } catch (problem) {
    showProblem(problem);
  }
  await refreshRoom();
}

function showNote(text) {
  put("note", text);
  show("note", true);
  el("note").scrollIntoView({ block: "nearest" });
}

// Listening

function onLine(state, what) {
  el("connection").dataset.state = state;
  put("connection-text", t(`conn_${state}`));
  put("connection-more", t(`conn_${state}_more`));
  following?.stop();
  following = state === "connected" ? follow(what) : null;
  if (state !== "ended") return;
  const problem = what;
  listening = null;
  setListenButton(false);
  show("player-body", false);
  show("blocked", false);
  setStage([], null);
  render();
  checkTicket();
  if (!problem) return;
  showProblem(problem);
  // Perhaps the room is over: its state should not say otherwise until the next look.
  refreshRoom();
}

function setStage(people, listeners) {
  stage = people;
  const list = el("stage");
  list.replaceChildren(...stage.map(stageRow));
  show("stage-empty", stage.length === 0 && Boolean(listening));
  put("listeners", listeners === null ? "" : tn("stage_listeners", listeners));
}

function stageRow(person) {
  const row = document.createElement("li");
  row.dataset.participant = person.participant;
  row.dataset.role = person.role;
  row.dataset.speaking = String(Boolean(person.speaking));
  const mark = document.createElement("span");
  mark.className = "voice";
  mark.setAttribute("aria-hidden", "true");
  mark.append(...[1, 2, 3].map(() => document.createElement("i")));
  const name = document.createElement("strong");
  name.dir = "auto";
  name.textContent = nameOf(person, hostName);
  const who = document.createElement("span");
  who.className = "who";
  const word = document.createElement("span");
  word.className = "word";
  const doing = t(person.muted ? "stage_muted" : person.speaking ? "stage_speaking" : "stage_quiet");
  word.textContent = person.role === "host" ? `${t("stage_host")} · ${doing}` : doing;
  who.append(name, word);
  row.append(mark, who);
  return row;
}

function setListenButton(on) {
  el("listen").dataset.on = String(on);
  put("listen", t(on ? "listen_stop" : "listen"));
}

function applyVolume() {
  const muted = el("mute").getAttribute("aria-pressed") === "true";
  listening?.setVolume(Number(el("volume").value) / 100, muted);
}

function startListening() {
  hideProblem();
  if (!isPossible()) {
    showProblem(Problem.local("webrtc"));
    return;
  }
  show("player", true);
  show("player-body", true);
  setListenButton(true);
  listening = new Listening({
    base: gatewayOf(room),
    room: roomID,
    token: held.token,
    parent: el("sound"),
    onState: onLine,
    onBlocked: () => show("blocked", true),
  });
  applyVolume();
  setStage([], null);
  if (navigator.mediaSession && typeof MediaMetadata === "function") {
    navigator.mediaSession.metadata = new MediaMetadata({ title: room.title, artist: hostName, album: "Guichet" });
  }
}

/** Follows the room for the stage's sake and for the reason, should the admission end. */
function follow(admission) {
  let listeners = null;
  return followRoom({ base: gatewayOf(room), room: roomID, token: held.token, admission }, {
    state: (value) => {
      listeners = value.listeners ?? null;
      setStage(value.stage ?? [], listeners);
      if (value.roomState && value.roomState !== room.state) refreshRoom();
    },
    speaking: ({ participants = [] }) =>
      setStage(stage.map((person) => ({ ...person, speaking: participants.includes(person.participant) })), listeners),
    ended: (value) => listening?.line.hear(value),
    end: ({ endsAt }) => {
      if (held && endsAt) setHeld({ ...held, expiresAt: endsAt });
      checkTicket();
    },
    refused: (problem) => stopListening(problem),
  });
}

function stopListening(problem = null, gone = false) {
  listening?.stop(problem, gone);
}

// Wiring

function ticketLink() {
  return `${location.origin}/r/${roomID}#ticket=${held.token}`;
}

/** Both come with the wallet's key, so they are fetched and not linked to. */
async function showCode() {
  try {
    const svg = await api.ticketCopy(held.ticket, "qr.svg", keep.wallet.get());
    el("code").src = `data:image/svg+xml,${encodeURIComponent(svg)}`;
    show("code-frame", true);
  } catch (problem) {
    showProblem(problem);
  }
}

async function saveCalendar() {
  try {
    const text = await api.ticketCopy(held.ticket, "calendar.ics", keep.wallet.get());
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([text], { type: "text/calendar" }));
    link.download = `${held.ticket}.ics`;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
  } catch (problem) {
    showProblem(problem);
  }
}

function showForCopying(text) {
  show("copy-area", true);
  el("copy-area").value = text;
  el("copy-area").select();
}

async function copyFrom(button, text) {
  if (await copy(text, showForCopying)) confirmOn(button, t("copied"));
}

el("buy").addEventListener("click", () => busy(el("buy"), onBuy).then(render));
el("listen").addEventListener("click", () => (listening ? stopListening() : startListening()));
el("refund").addEventListener("click", () => busy(el("refund"), onRefund));
el("moved-keep").addEventListener("click", () => busy(el("moved-keep"), () => onMove("keep")));
el("moved-refund").addEventListener("click", () => busy(el("moved-refund"), () => onMove("refund")));
el("refusal-close").addEventListener("click", hideProblem);
el("unblock").addEventListener("click", async () => {
  await listening?.unblock().catch(() => {});
  show("blocked", false);
});
el("volume").addEventListener("input", applyVolume);
el("mute").addEventListener("click", () => {
  const muted = el("mute").getAttribute("aria-pressed") !== "true";
  el("mute").setAttribute("aria-pressed", String(muted));
  applyVolume();
});
el("wallet-open").addEventListener("click", () => busy(el("wallet-open"), showWallet));
el("wallet-refresh").addEventListener("click", () => busy(el("wallet-refresh"), showWallet));
el("copy-link").addEventListener("click", () => copyFrom(el("copy-link"), ticketLink()));
el("copy-token").addEventListener("click", () => copyFrom(el("copy-token"), held.token));
el("show-code").addEventListener("click", () => busy(el("show-code"), showCode));
el("add-calendar").addEventListener("click", () => busy(el("add-calendar"), saveCalendar));
el("forget").addEventListener("click", async () => {
  const words = { heading: t("ticket_forget_heading"), more: t("ticket_forget_more"), yes: t("ticket_forget_yes") };
  if (!(await confirm(words))) return;
  stopListening();
  setHeld(null);
});
el("have-ticket-form").addEventListener("submit", (event) => {
  event.preventDefault();
  const wrong = take(el("token").value);
  show("token-wrong", Boolean(wrong));
  el("token").setAttribute("aria-invalid", String(Boolean(wrong)));
  if (wrong) {
    put("token-wrong", t(wrong));
    el("token").focus();
    return;
  }
  announce(t("ticket_taken"));
});

function takeLinkedTicket() {
  const linked = keep.takeFromAddress("ticket");
  const wrong = linked === null ? null : take(linked);
  if (!wrong) return;
  put("token-wrong", t(wrong));
  show("token-wrong", true);
  el("have-ticket").open = true;
}

addEventListener("hashchange", takeLinkedTicket);
document.addEventListener("visibilitychange", () => {
  if (!document.hidden) refreshRoom();
});

await refreshRoom();
takeLinkedTicket();
checkTicket().then(askAboutMove);
keepRefreshing();
time.everySecond(tick);
