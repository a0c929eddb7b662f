// A connection whose path has died heals without a new admission: new ICE credentials by PATCH (RFC 9725, section 4.3.3).
// DTLS, SRTP, the seat and the place in every stream stay as they are.

import { send } from "./api.js";

const fragmentType = "application/trickle-ice-sdpfrag";
const lookMilliseconds = 500;
// New checks need a few round trips, more where every third packet is lost.
const proveMilliseconds = 6000;
const askMilliseconds = 4000;
// The server drops a peer that it has not heard for 30 seconds (RFC 7675); what silence took before this began counts too.
const tryMilliseconds = 16000;

const lines = (sdp) => sdp.split(/\r?\n/).filter(Boolean);

/** The value of an attribute's first line; undefined without one. */
const value = (all, name) => all.find((line) => line.startsWith(`a=${name}:`))?.slice(name.length + 3);

/** Our half of a restart: the credentials of the first section. Our checks tell the server where we are. */
export function fragmentOf(sdp) {
  const all = lines(sdp);
  const section = all.find((line) => line.startsWith("m="));
  return [
    `a=ice-ufrag:${value(all, "ice-ufrag")}`,
    `a=ice-pwd:${value(all, "ice-pwd")}`,
    section,
    `a=mid:${value(all, "mid")}`,
    "a=end-of-candidates",
    "",
  ].join("\r\n");
}

/**
 * The answer that stood so far, with the credentials and the candidates of the server's fragment. Browsers keep the
 * candidates in a description (Firefox) or apart from it (Chromium), which would use the old ones with the old credentials.
 */
export function renewed(answer, fragment) {
  const news = lines(fragment);
  const candidates = news.filter((line) => line.startsWith("a=candidate:"));
  const credentials = ["ice-ufrag", "ice-pwd"].map((name) => `a=${name}:${value(news, name)}`);
  const changed = lines(answer).flatMap((line) => {
    if (line.startsWith("a=ice-ufrag:")) return [...credentials, ...candidates, "a=end-of-candidates"];
    const isOld = ["a=ice-pwd:", "a=candidate:", "a=end-of-candidates"].some((old) => line.startsWith(old));
    return isOld ? [] : [line];
  });
  return `${changed.join("\r\n")}\r\n`;
}

/** What has arrived on each pair that carries or carried something, by the pair's id. */
async function received(pc) {
  const all = new Map();
  for (const entry of (await pc.getStats()).values()) {
    if (entry.type !== "candidate-pair") continue;
    all.set(entry.id, (entry.bytesReceived ?? 0) + (entry.responsesReceived ?? 0));
  }
  return all;
}

const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** One attempt. True once something arrives under the new credentials. */
async function attempt({ pc, location }, token, isOver) {
  const answer = pc.remoteDescription.sdp;
  await pc.setLocalDescription(await pc.createOffer({ iceRestart: true }));
  try {
    const response = await send("PATCH", location, {
      headers: { "Content-Type": fragmentType, "If-Match": "*", Accept: `${fragmentType}, application/problem+json` },
      body: fragmentOf(pc.localDescription.sdp),
      bearer: token,
      timeout: askMilliseconds,
    });
    await pc.setRemoteDescription({ type: "answer", sdp: renewed(answer, await response.text()) });
  } catch (error) {
    // The old credentials are in force again, and the next attempt makes others.
    if (pc.signalingState === "have-local-offer") await pc.setLocalDescription({ type: "rollback" });
    throw error;
  }
  const before = await received(pc);
  for (let waited = 0; waited < proveMilliseconds && !isOver(); waited += lookMilliseconds) {
    await pause(lookMilliseconds);
    const now = await received(pc);
    const isAlive = ["connected", "completed"].includes(pc.iceConnectionState);
    if (isAlive && [...now].some(([id, count]) => count > (before.get(id) ?? 0))) return true;
  }
  return false;
}

/**
 * Tries until the path is there again, the server refuses, or it is too late for this.
 * @returns whether the session goes on as if nothing had been.
 */
export async function heal(session, token, isOver) {
  const end = Date.now() + tryMilliseconds;
  while (Date.now() < end && !isOver() && session.pc.signalingState !== "closed") {
    try {
      if (await attempt(session, token, isOver)) return true;
    } catch (error) {
      // A refusal is meant: the admission is over. Without an answer the network may be back in a moment.
      if (!error.mayPass) return false;
      await pause(1000);
    }
  }
  return false;
}
