// What a host does with the key of their account: prices, vouchers, tips, moving and cancelling.

import { json } from "./api.js";

export const setPrice = (room, tier, body, bearer) =>
  json("PUT", `/v1/rooms/${room}/prices/${tier}`, { body, bearer });
export const setSharing = (room, sharing, bearer) =>
  json("PUT", `/v1/rooms/${room}/sharing`, { body: { sharing }, bearer });
export const setHolderKey = (room, holderKey, bearer) =>
  json("PUT", `/v1/rooms/${room}/holder-key`, { body: { holderKey }, bearer });
export const bans = (host, bearer, cursor) =>
  json("GET", `/v1/hosts/${host}/bans${cursor ? `?cursor=${encodeURIComponent(cursor)}` : ""}`, { bearer });
/** - person: {holder} or {ticket}, and why. */
export const ban = (host, person, bearer, key) => json("POST", `/v1/hosts/${host}/bans`, { body: person, bearer, key });
export const liftBan = (host, holder, bearer, key) =>
  json("POST", `/v1/hosts/${host}/bans/${holder}/lift`, { body: {}, bearer, key });
export const vouchers = (bearer) => json("GET", "/v1/vouchers", { bearer });
export const makeVoucher = (body, bearer, key) => json("POST", "/v1/vouchers", { body, bearer, key });
export const revokeVoucher = (voucher, bearer) => json("POST", `/v1/vouchers/${voucher}/revoke`, { bearer });
export const tips = (room, bearer, cursor) =>
  json("GET", `/v1/rooms/${room}/tips${cursor ? `?cursor=${encodeURIComponent(cursor)}` : ""}`, { bearer });
export const refundTip = (tip, bearer, key) => json("POST", `/v1/tips/${tip}/refund`, { body: {}, bearer, key });
export const takeTips = (room, accepts, bearer) =>
  json("PUT", `/v1/rooms/${room}/tips`, { body: { accepts }, bearer });
/** With the host's key the answers of the holders stand there too. */
export const moves = (room, bearer) => json("GET", `/v1/rooms/${room}/moves`, { bearer });
export const move = (room, body, bearer, key) => json("POST", `/v1/rooms/${room}/moves`, { body, bearer, key });
export const planCancellation = (room, bearer, key) =>
  json("POST", `/v1/rooms/${room}/cancellations`, { body: {}, bearer, key });
export const cancellation = (id, bearer) => json("GET", `/v1/cancellations/${id}`, { bearer });
export const runCancellation = (id, digest, bearer) =>
  json("POST", `/v1/cancellations/${id}/run`, { body: { digest }, bearer });
