// The key to which tickets of this browser are bound: made here, kept in IndexedDB, and never to be read by anybody, this
// page included. For each request that carries a bound ticket it signs a proof (RFC 9449), which works once.

import * as keep from "./keep.js";

const algorithm = { name: "ECDSA", namedCurve: "P-256" };
const database = "guichet";
const store = "keys";
const name = "holder";

function opened() {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(database, 1);
    request.onupgradeneeded = () => request.result.createObjectStore(store);
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

function done(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

function kept(transaction) {
  return new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve();
    transaction.onabort = () => reject(transaction.error);
  });
}

/** Asked for at most once at a time: two at once would make two keys. */
let asked = null;

async function find(makes) {
  const db = await opened();
  try {
    const known = await done(db.transaction(store).objectStore(store).get(name));
    if (known || !makes) return known ?? null;
    const pair = await crypto.subtle.generateKey(algorithm, false, ["sign"]);
    // Another tab may have been quicker: the first one that is kept is the key.
    const writing = db.transaction(store, "readwrite");
    const first = await done(writing.objectStore(store).get(name));
    if (first) return first;
    writing.objectStore(store).put(pair, name);
    // A ticket that was claimed with a key that is not kept yet would be lost with the page.
    await kept(writing);
    // So that a browser that is short of room throws others away first. One that asks its user need not be waited for.
    navigator.storage?.persist?.().catch(() => {});
    return pair;
  } finally {
    db.close();
  }
}

/** The pair; null where there is none and none is to be made, or where this browser keeps none. */
async function pair(makes) {
  if (!isPossible()) return null;
  while (asked) await asked.catch(() => {});
  asked = find(makes);
  try {
    return await asked;
  } catch {
    return null;
  } finally {
    asked = null;
  }
}

/** Browsers sign on secure origins only: https, or this very machine. */
export const isPossible = () => Boolean(globalThis.crypto?.subtle && globalThis.indexedDB);

const text64 = (bytes) =>
  btoa(String.fromCharCode(...bytes)).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
const json64 = (value) => text64(new TextEncoder().encode(JSON.stringify(value)));

async function signed({ privateKey, publicKey }, method, url, ticket, at) {
  const { kty, crv, x, y } = await crypto.subtle.exportKey("jwk", publicKey);
  const address = new URL(url, location.href);
  const claims = {
    htm: method,
    htu: address.origin + address.pathname,
    iat: Math.floor(at / 1000),
    jti: keep.newKey(),
  };
  if (ticket) {
    const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(ticket));
    claims.ath = text64(new Uint8Array(digest));
  }
  const input = `${json64({ typ: "dpop+jwt", alg: "ES256", jwk: { kty, crv, x, y } })}.${json64(claims)}`;
  const hash = { name: "ECDSA", hash: "SHA-256" };
  const signature = await crypto.subtle.sign(hash, privateKey, new TextEncoder().encode(input));
  return `${input}.${text64(new Uint8Array(signature))}`;
}

/** The proof for a request that carries this ticket; null for one that is bound to no key, or without a key here. */
export async function proofOf(method, url, ticket, at) {
  if (!keep.claims(ticket)?.cnf) return null;
  const key = await pair(false);
  return key ? signed(key, method, url, ticket, at) : null;
}

/** The proof with which a ticket is claimed; the key is made if there is none. Null where this browser can't. */
export async function proofToClaim(url, at) {
  const key = await pair(true);
  return key ? signed(key, "POST", url, null, at) : null;
}
