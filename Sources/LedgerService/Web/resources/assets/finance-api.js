// What the finance page asks of the ledger, with the key of whoever looks.

import { json, send } from "./api.js";
import { financeKey } from "./finance-desk.js";

const read = (path) => json("GET", path, { bearer: financeKey() });
const act = (path, body, key) => json("POST", path, { body, bearer: financeKey(), key });
const after = (cursor) => (cursor ? `&cursor=${encodeURIComponent(cursor)}` : "");
const cut = (filter) =>
  Object.entries(filter)
    .filter(([, value]) => value)
    .map(([name, value]) => `&${name}=${encodeURIComponent(value)}`)
    .join("");

/** The size of a page: what is read at once without scrolling for long. */
const page = 50;

// What reads the whole journal may take its time.
const patience = 300_000;

export const batches = (cursor) => read(`/v1/payout-batches?limit=${page}${after(cursor)}`);
export const batch = (day) => read(`/v1/payout-batches/${day}`);
export const payees = (day, filter, cursor) =>
  read(`/v1/payout-batches/${day}/payees?limit=${page}${cut(filter)}${after(cursor)}`);
export const items = (day, filter, cursor) =>
  read(`/v1/payout-batches/${day}/items?limit=${page}${cut(filter)}${after(cursor)}`);
export const reasonCounts = (day) => read(`/v1/payout-batches/${day}/reasons`);
export const reasons = (host, day) => read(`/v1/hosts/${host}/payout-reasons?day=${day}`);
/** Of an order, a payout, or an item that was not sent: all of letters, digits, `_`, `-` and `:`, which a path may have. */
export const explanation = (subject) => read(`/v1/explanations/${subject}`);
export const funds = () => read("/v1/funds");
export const fund = (name) => read(`/v1/funds/${encodeURIComponent(name)}`);
export const reports = (day) => read(`/v1/reports?day=${day}`);
export const bankFiles = (day) => read(`/v1/payout-batches/${day}/files`);
export const aged = (day) => read(`/v1/reports/definitions/negative-balances/export?format=json&day=${day}`);

export async function gates(day) {
  const response = await send("GET", `/v1/payout-batches/${day}/gates`, { bearer: financeKey(), timeout: patience });
  return response.json();
}

export const approve = (day, body, key) => act(`/v1/payout-batches/${day}/approvals`, body, key);
export const reject = (day, body, key) => act(`/v1/payout-batches/${day}/rejection`, body, key);
export const makeFile = (day, family, key) => act(`/v1/payout-batches/${day}/files`, { family }, key);
export const reportLink = (day) => act("/v1/report-links", { day });

/** Proves the books and keeps the result: batches leave behind a clean one. */
export async function audit(key) {
  const headers = { "Idempotency-Key": key };
  const response = await send("POST", "/v1/audits", { headers, bearer: financeKey(), timeout: patience });
  return response.json();
}

export async function sendBatch(day, digest, key) {
  const headers = { "Content-Type": "application/json", "Idempotency-Key": key };
  const body = JSON.stringify({ digest });
  const path = `/v1/payout-batches/${day}/send`;
  const response = await send("POST", path, { headers, body, bearer: financeKey(), timeout: patience });
  return response.json();
}

/** A file as it is: no word of it is read here. */
export async function file(path) {
  const response = await send("GET", path, { bearer: financeKey(), headers: { Accept: "*/*" }, timeout: patience });
  return response.blob();
}
