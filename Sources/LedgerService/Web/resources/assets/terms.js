// What the room promises after the sale: whether its tickets are passed on, taken back, taken over.

import * as api from "./api.js";
import { draw, theRoom } from "./visit.js";

let found = null;

/** The terms of the room; null where it has none of its own, or until they were read. */
export const roomTerms = () => found;

export async function readTerms() {
  const name = theRoom()?.terms;
  if (!name) return;
  const list = await api.terms().catch(() => null);
  found = list?.terms.find((one) => one.terms === name) ?? null;
  draw();
}
