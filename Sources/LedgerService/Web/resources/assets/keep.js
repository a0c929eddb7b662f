// What this browser keeps for the visitor. Private windows may refuse storage: then it lasts as long as the page.

const memory = new Map();

function area(name) {
  try {
    return window[name];
  } catch {
    return null;
  }
}

function read(storage, key) {
  try {
    const text = storage?.getItem(key) ?? memory.get(key);
    return text ? JSON.parse(text) : null;
  } catch {
    return null;
  }
}

function write(storage, key, value) {
  const text = value === null ? null : JSON.stringify(value);
  if (text === null) memory.delete(key);
  else memory.set(key, text);
  try {
    if (text === null) storage?.removeItem(key);
    else storage?.setItem(key, text);
  } catch {
    // Full or refused: the copy in memory serves this visit.
  }
}

const local = area("localStorage");
const session = area("sessionStorage");

export const wallet = {
  get: () => read(local, "guichet.wallet"),
  set: (value) => {
    // A wallet may hold money: one that a server did not know is put aside, not thrown away.
    const former = read(local, "guichet.wallet");
    if (former) write(local, `guichet.wallet.${former.holder}`, former);
    write(local, "guichet.wallet", value);
  },
};

/** The tickets held for a room, the one that is shown first: each {ticket, token, seat?, price?, expiresAt, mine}. */
export const tickets = {
  get: (room) =>
    [read(local, `guichet.ticket.${room}`), ...(read(local, `guichet.others.${room}`) ?? [])].filter(Boolean),
  set: (room, [first = null, ...others]) => {
    write(local, `guichet.ticket.${room}`, first);
    write(local, `guichet.others.${room}`, others.length > 0 ? others : null);
  },
};

/** A purchase whose outcome is not known yet: sent again under the same key, it never pays twice. */
export const purchase = {
  get: (room) => read(local, `guichet.purchase.${room}`),
  set: (room, value) => write(local, `guichet.purchase.${room}`, value),
};

const kept = (name) => ({
  get: (room) => read(local, `guichet.${name}.${room}`),
  set: (room, value) => write(local, `guichet.${name}.${room}`, value),
});

/** Payments through a provider whose end is not known yet, the latest last. */
export const payments = kept("payments");
/** Offers of tickets with their codes, which the server tells only once. */
export const offers = kept("offers");
/** A ticket that somebody passed on to this visitor and that is not accepted yet: {code, key}. */
export const gift = kept("gift");
/** Tickets that were put up to be resold, by their ids. */
export const resales = kept("resales");
/** An extension of a ticket whose outcome is not known yet. */
export const extension = kept("extension");
/** A purchase of a pass whose outcome is not known yet, by its series. */
export const passPurchase = kept("pass-purchase");
/** A place on the waiting list: {key, body, holder}, with {waiting} once the server has given it. */
export const waiting = kept("waiting");
/** A tip whose outcome is not known yet. */
export const tip = kept("tip");
/** Money on its way into the wallet, by the page from which it was sent. */
export const topups = kept("topup");

/** The country that the visitor named for the tax, for the next time. */
export const country = {
  get: () => read(local, "guichet.country"),
  set: (value) => write(local, "guichet.country", value),
};

/** A host's pass stays in this tab only. */
export const pass = {
  get: (room) => read(session, `guichet.pass.${room}`),
  set: (room, value) => write(session, `guichet.pass.${room}`, value),
};

/** So does the key with which a host sells, and the plan to cancel that is being looked at. */
export const hostKey = {
  get: (room) => read(session, `guichet.key.${room}`),
  set: (room, value) => write(session, `guichet.key.${room}`, value),
};
/** So does the key of whoever answers for the money. */
export const financeKey = {
  get: () => read(session, "guichet.finance"),
  set: (value) => write(session, "guichet.finance", value),
};
export const plan = {
  get: (room) => read(session, `guichet.plan.${room}`),
  set: (room, value) => write(session, `guichet.plan.${room}`, value),
};

/** 128 random bits for an Idempotency-Key; randomUUID() exists on secure origins only. */
export function newKey() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** The claims of a ticket, for display only: whoever lets in verifies the signature. Null for what is no ticket. */
export function claims(token) {
  const parts = String(token).split(".");
  if (parts.length !== 3 || token.length > 4096) return null;
  try {
    const text = atob(parts[1].replace(/-/g, "+").replace(/_/g, "/"));
    const value = JSON.parse(text);
    return value && typeof value === "object" ? value : null;
  } catch {
    return null;
  }
}

/** Takes `name` out of the address's fragment, so that it is neither shown, bookmarked nor sent on. */
export function takeFromAddress(name) {
  const fragment = new URLSearchParams(location.hash.slice(1));
  const value = fragment.get(name);
  if (value !== null) history.replaceState(null, "", location.pathname + location.search);
  return value;
}
