// The ledger's API under /v1 and the gateways' routes, with every "no" as a Problem in the visitor's language.

import { proofOf, proofToClaim } from "./holder-key.js";
import { has, language, t } from "./i18n.js";

/** A refusal or a fault, in words that can be shown. */
export class Problem extends Error {
  constructor({ status = 0, code, title, detail, next = "", facts = {} }) {
    super(code);
    Object.assign(this, { status, code, title, detail, next, facts });
  }

  /** Whether the same request may succeed a moment later. */
  get mayPass() {
    return this.status === 0 || this.status === 425 || this.status === 429 || this.status >= 500;
  }

  /** Whether it is open what became of the request: no answer, and no proxy's page, says that nothing was done. */
  get isOpen() {
    return this.mayPass || this.code === "server";
  }

  static local(name, facts, status = 0) {
    return new Problem({
      status,
      code: name,
      title: t(`problem_${name}_title`),
      detail: t(`problem_${name}_detail`, facts),
      next: t(`problem_${name}_next`),
    });
  }

  static async from(response) {
    try {
      const body = await response.json();
      if (typeof body.code === "string" && typeof body.title === "string") {
        // Where the server names a command, the page names what stands on it.
        const own = `next_${body.code}`;
        const next = has(own) ? t(own) : body.next;
        return new Problem({ ...body, detail: body.detail ?? "", next, status: response.status });
      }
    } catch {
      // Not problem details: some proxy's own page.
    }
    return Problem.local("server", { status: response.status }, response.status);
  }
}

// Clocks of phones may be minutes off, and a countdown to an end that money depends on must not be.
let aheadMilliseconds = 0;

function readServerClock(response) {
  const served = Date.parse(response.headers.get("Date") ?? "");
  if (Number.isNaN(served)) return;
  // The header has whole seconds and travelled for a while: below two seconds it says nothing.
  const ahead = served + 500 - Date.now();
  aheadMilliseconds = Math.abs(ahead) > 2000 ? ahead : 0;
}

/** The server's time in milliseconds since 1970. */
export const now = () => Date.now() + aheadMilliseconds;

/** Sends a request; throws a Problem for anything but success. */
export async function send(method, url, { headers = {}, body, bearer, keepalive = false, signal, timeout = 15000 } = {}) {
  const all = { Accept: "application/json, application/problem+json", "Accept-Language": language, ...headers };
  if (bearer) all.Authorization = `Bearer ${bearer}`;
  const proof = bearer ? await proofOf(method, url, bearer, now()) : null;
  if (proof) all.DPoP = proof;
  const limit = timeout ? [AbortSignal.timeout(timeout)] : [];
  const signals = signal ? [signal, ...limit] : limit;
  let response;
  try {
    response = await fetch(url, {
      method,
      headers: all,
      body,
      keepalive,
      cache: "no-store",
      credentials: "omit",
      signal: signals.length > 1 && AbortSignal.any ? AbortSignal.any(signals) : signals[0],
    });
  } catch (error) {
    if (signal?.aborted) throw error;
    throw Problem.local("network");
  }
  readServerClock(response);
  if (!response.ok) throw await Problem.from(response);
  return response;
}

/** A request of the API with a JSON body and answer. */
export async function json(method, path, { body, bearer, key } = {}) {
  const headers = body === undefined ? {} : { "Content-Type": "application/json" };
  if (key) headers["Idempotency-Key"] = key;
  const text = body === undefined ? undefined : JSON.stringify(body);
  const response = await send(method, path, { headers, body: text, bearer });
  if (response.status === 204) return null;
  return response.json().catch(() => {
    // Cut off on the way: as good as no answer.
    throw Problem.local("network");
  });
}

export const room = (id) => json("GET", `/v1/rooms/${id}`);
export const openWallet = () => json("POST", "/v1/wallets", { body: {} });
export const wallet = ({ holder, key }) => json("GET", `/v1/wallets/${holder}`, { bearer: key });
export const topUp = ({ holder, key: bearer }, amount, key) =>
  json("POST", `/v1/wallets/${holder}/topups`, { body: { amount }, bearer, key });
/** The provider's page on which to fill the wallet; `page` is this one: {room} or {series}. */
export const topUpBy = (provider, amount, page, { holder, key: bearer }, key) =>
  json("POST", `/v1/wallets/${holder}/checkouts`, { body: { provider, amount, ...page }, bearer, key });
export const ticket = (id, { key: bearer }) => json("GET", `/v1/tickets/${id}`, { bearer });
/** Binds a ticket to this browser's key, for good; the answer's token says so. */
export async function claimTicket(id, { key: bearer }) {
  const path = `/v1/tickets/${id}/claim`;
  const proof = await proofToClaim(path, now());
  if (!proof) throw Problem.local("holder_key");
  const headers = { DPoP: proof, "Idempotency-Key": `${id}.${crypto.randomUUID()}`.slice(-64) };
  const response = await send("POST", path, { headers, bearer });
  return response.json();
}
/** The ticket as another program reads it: `qr.svg` or `calendar.ics`, as text. */
export async function ticketCopy(id, name, { key: bearer }) {
  const response = await send("GET", `/v1/tickets/${id}/${name}`, { bearer, headers: { Accept: "*/*" } });
  return response.text();
}
export const prices = (room) => json("GET", `/v1/rooms/${room}/prices`);
/** What an order would cost and post. With a wallet it can be bought. */
export const quote = (order, wallet) => json("POST", "/v1/quotes", { body: order, bearer: wallet?.key });
/** Buys a quote: {quote}. */
export const buy = (body, { key: bearer }, key) => json("POST", "/v1/orders", { body, bearer, key });
export const providers = () => json("GET", "/v1/providers");
export const checkout = (body, { key: bearer }, key) => json("POST", "/v1/checkouts", { body, bearer, key });
export const charge = (id, { key: bearer }) => json("GET", `/v1/charges/${id}`, { bearer });
/** The same, once the provider was asked: its own word may be late. */
export const askedCharge = (id, { key: bearer }, key) => json("POST", `/v1/charges/${id}/ask`, { bearer, key });
export const hold = (id, { key: bearer }) => json("GET", `/v1/holds/${id}`, { bearer });
export const cancelHold = (id, { key: bearer }, key) => json("POST", `/v1/holds/${id}/cancel`, { bearer, key });
export const joinWaiting = (room, body, { key: bearer }, key) =>
  json("POST", `/v1/rooms/${room}/waiting`, { body, bearer, key });
/** The waiting list of a room: its length, and one's own place. */
export const waitingList = (room, { key: bearer }) => json("GET", `/v1/rooms/${room}/waiting`, { bearer });
export const waiting = (id, { key: bearer }) => json("GET", `/v1/waiting/${id}`, { bearer });
/** Pays the seats that are offered from the wallet. */
export const payWaiting = (id, { key: bearer }, key) => json("POST", `/v1/waiting/${id}/pay`, { bearer, key });
export const checkoutWaiting = (id, provider, { key: bearer }, key) =>
  json("POST", `/v1/waiting/${id}/checkout`, { body: { provider }, bearer, key });
export const leaveWaiting = (id, { key: bearer }, key) => json("POST", `/v1/waiting/${id}/leave`, { bearer, key });
export const sandboxCheckout = (name) => json("GET", `/v1/providers/sandbox/checkouts/${name}`);
export const playSandbox = (name, outcome) =>
  json("POST", `/v1/providers/sandbox/checkouts/${name}`, { body: { outcome } });
/** What giving a ticket back now would give; a refusal says why nothing. */
export const refundOffer = (ticket, { key: bearer }) => json("GET", `/v1/tickets/${ticket}/refund`, { bearer });
export const refund = (ticket, amount, { key: bearer }, key) =>
  json("POST", `/v1/tickets/${ticket}/refund`, { body: { amount }, bearer, key });
export const terms = () => json("GET", "/v1/terms");
/** Puts a ticket up, to be given back if somebody takes its seat over. */
export const putUp = (ticket, { key: bearer }, key) => json("POST", `/v1/tickets/${ticket}/resale`, { bearer, key });
export const resale = (ticket, { key: bearer }) => json("GET", `/v1/tickets/${ticket}/resale`, { bearer });
export const keepTicket = (ticket, { key: bearer }, key) =>
  json("POST", `/v1/tickets/${ticket}/resale/keep`, { bearer, key });
export const offerTransfer = (ticket, { key: bearer }, key) =>
  json("POST", `/v1/tickets/${ticket}/transfers`, { body: {}, bearer, key });
export const transfer = (id, { key: bearer }) => json("GET", `/v1/transfers/${id}`, { bearer });
export const withdrawTransfer = (id, { key: bearer }, key) =>
  json("POST", `/v1/transfers/${id}/withdraw`, { bearer, key });
export const acceptTransfer = (code, { key: bearer }, key) =>
  json("POST", "/v1/transfers/accept", { body: { code }, bearer, key });
export const overtimes = (room) => json("GET", `/v1/rooms/${room}/overtimes`);
/** What making a ticket longer costs and posts. */
export const extensionOffer = (ticket, { key: bearer }) => json("GET", `/v1/tickets/${ticket}/extension`, { bearer });
export const extend = (ticket, quote, { key: bearer }, key) =>
  json("POST", `/v1/tickets/${ticket}/extension`, { body: { quote }, bearer, key });
export const seriesOfRoom = (room) => json("GET", `/v1/rooms/${room}/series`);
export const series = (id) => json("GET", `/v1/series/${id}`);
/** What a pass would cost and post, room by room. With a wallet it can be bought. */
export const passQuote = (series, body, wallet) =>
  json("POST", `/v1/series/${series}/quotes`, { body, bearer: wallet?.key });
export const buyPass = (quote, { key: bearer }, key) => json("POST", "/v1/passes", { body: { quote }, bearer, key });
export const passes = ({ key: bearer }) => json("GET", "/v1/passes?limit=200", { bearer });
export const seriesPass = (id, { key: bearer }) => json("GET", `/v1/passes/${id}`, { bearer });
export const passRefund = (id, { key: bearer }) => json("GET", `/v1/passes/${id}/refund`, { bearer });
export const refundPass = (id, amount, { key: bearer }, key) =>
  json("POST", `/v1/passes/${id}/refund`, { body: { amount }, bearer, key });
export const tipTerms = (room) => json("GET", `/v1/rooms/${room}/tips/terms`);
/** What a tip would post, with a quote that posts exactly that. */
export const quoteTip = (room, body, { key: bearer }) =>
  json("POST", `/v1/rooms/${room}/tips/quote`, { body, bearer });
export const tip = (room, body, { key: bearer }, key) =>
  json("POST", `/v1/rooms/${room}/tips`, { body, bearer, key });
/** How a room has moved, the last time first. */
export const moves = (room) => json("GET", `/v1/rooms/${room}/moves`);
export const answerMove = (ticket, answer, { key: bearer }, key) =>
  json("POST", `/v1/tickets/${ticket}/answer`, { body: { answer }, bearer, key });

export const stage = (base, room, bearer) => json("GET", `${base}/rooms/${room}/stage`, { bearer });
/** A command of a person on stage; the answer is the state of the stage, with what the asker is on it. */
export const onStage = (base, room, bearer, name, body) =>
  json("POST", `${base}/rooms/${room}/stage/${name}`, { body, bearer });
export const remove = (base, room, bearer, admission) =>
  json("POST", `${base}/rooms/${room}/remove`, { body: { admission }, bearer });
export const mute = (base, room, bearer, admission, muted) =>
  json("POST", `${base}/rooms/${room}/mute`, { body: { admission, muted }, bearer });
