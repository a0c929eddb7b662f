// How a wish is sent so that it is carried out once.

import * as keep from "./keep.js";

const pending = new Map();

/** Sends a wish under a key of its own: the same wish that got no answer is sent again under the same key. */
export async function once(name, body, send) {
  const wish = JSON.stringify(body);
  if (pending.get(name)?.wish !== wish) pending.set(name, { wish, key: keep.newKey() });
  try {
    const done = await send(pending.get(name).key);
    pending.delete(name);
    return done;
  } catch (problem) {
    if (!problem.isOpen) pending.delete(name);
    throw problem;
  }
}
