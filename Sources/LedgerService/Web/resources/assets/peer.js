// One WebRTC session by one HTTP exchange: WHIP (RFC 9725) to speak, WHEP to listen. No trickle, no renegotiation.

import { Problem, send } from "./api.js";
import { heal } from "./heal.js";

// Without STUN servers candidates are there at once; a strange network interface must not hold the visitor up.
const gatherMilliseconds = 1000;
// From the answer to the first packet: ICE and DTLS need a few round trips.
const connectMilliseconds = 12000;
// Leaving frees the seat before it is taken again; a gateway that is gone must not hold up the way back.
const leaveMilliseconds = 1500;
const hearMilliseconds = 800;
const watchMilliseconds = 2000;
const resumeHeader = "Guichet-Resume";
// ICE checks pass every few seconds even when nobody speaks, so a path without one byte for 9 seconds is dead; and so is
// one without a packet of sound while the gateway says that somebody speaks. What the browser has noticed itself and not
// got over by its next look is believed sooner.
const silentRounds = 4;
const disconnectedRounds = 2;

function gathered(pc) {
  if (pc.iceGatheringState === "complete") return Promise.resolve();
  return new Promise((resolve) => {
    const limit = setTimeout(resolve, gatherMilliseconds);
    pc.addEventListener("icegatheringstatechange", () => {
      if (pc.iceGatheringState !== "complete") return;
      clearTimeout(limit);
      resolve();
    });
  });
}

function connected(pc) {
  return new Promise((resolve, reject) => {
    const limit = setTimeout(() => reject(Problem.local("media")), connectMilliseconds);
    const look = () => {
      if (pc.connectionState === "connected") {
        clearTimeout(limit);
        resolve();
      } else if (pc.connectionState === "failed" || pc.connectionState === "closed") {
        clearTimeout(limit);
        reject(Problem.local("media"));
      }
    };
    pc.addEventListener("connectionstatechange", look);
    look();
  });
}

/** Ends of an admission that nobody wished for. */
// A room changes its gateway once in a blue moon; whoever is sent to and fro is sent by mistake.
const mostMoves = 10;
const passing = new Set(["consent_lost", "handshake_timeout", "handshake_failed", "gateway_stopped", "left", "room_moved"]);

/** Everything that arrived on the nominated pair, as one text to compare, and the packets of sound. */
async function arrivals(pc) {
  const report = await pc.getStats();
  const seen = [];
  let sound = 0;
  for (const entry of report.values()) {
    if (entry.type === "candidate-pair" && (entry.nominated || entry.selected)) {
      seen.push(entry.bytesReceived ?? 0, entry.responsesReceived ?? 0, entry.packetsReceived ?? 0);
    }
    if (entry.type === "inbound-rtp") sound += entry.packetsReceived ?? 0;
  }
  return { seen: seen.join(" "), sound };
}

/**
 * Calls `onEnd` once: with "path" when nothing arrives any more, with "sound" when only sound is missing, with "closed"
 * when the connection is over for good. `expectsSound` says whether somebody else speaks. Returns what ends the watch.
 */
function watch(pc, expectsSound, onEnd) {
  let last = { seen: "", sound: 0 };
  let quiet = 0;
  let unheard = 0;
  let disconnected = 0;
  let over = false;
  const finish = (why) => {
    if (over) return;
    end();
    onEnd(why);
  };
  // A gateway that takes its leave closes DTLS, which some browsers report only on the transport.
  const transport = pc.getReceivers()[0]?.transport ?? pc.getSenders()[0]?.transport ?? null;
  const onState = () => {
    if (pc.connectionState === "closed" || ["failed", "closed"].includes(transport?.state)) finish("closed");
    else if (pc.connectionState === "failed") finish("path");
  };
  const timer = setInterval(async () => {
    onState();
    if (over) return;
    const now = await arrivals(pc);
    quiet = now.seen === last.seen ? quiet + 1 : 0;
    unheard = now.sound === last.sound && expectsSound() ? unheard + 1 : 0;
    disconnected = pc.iceConnectionState === "disconnected" ? disconnected + 1 : 0;
    last = now;
    if (quiet >= silentRounds || disconnected >= disconnectedRounds) finish("path");
    else if (unheard >= silentRounds) finish("sound");
  }, watchMilliseconds);
  function end() {
    over = true;
    clearInterval(timer);
    pc.removeEventListener("connectionstatechange", onState);
    transport?.removeEventListener("statechange", onState);
  }
  pc.addEventListener("connectionstatechange", onState);
  transport?.addEventListener("statechange", onState);
  return end;
}

/**
 * Opens a session. `kept` is what an earlier one left behind: with its secret the gateway gives the same seat again, also
 * in a full room. `keep` hears what this one would leave behind, as soon as there is a seat. `tokenNow` is the ticket of
 * the moment: one that was extended says goodbye behind the old end too.
 */
async function open(url, tokenNow, prepare, signal, kept, keep) {
  const pc = new RTCPeerConnection({ bundlePolicy: "max-bundle" });
  let location = null;
  const close = async ({ keepalive = false, gone = false } = {}) => {
    const left = gone ? null : location;
    location = null;
    const leaving = left ? send("DELETE", left, { bearer: tokenNow(), keepalive, timeout: leaveMilliseconds }) : null;
    pc.close();
    await leaving?.catch(() => {});
  };
  try {
    prepare(pc);
    await pc.setLocalDescription(await pc.createOffer());
    await gathered(pc);
    const response = await send("POST", url, {
      headers: {
        "Content-Type": "application/sdp",
        Accept: "application/sdp, application/problem+json",
        ...(kept ? { [resumeHeader]: kept.secret } : {}),
      },
      body: pc.localDescription.sdp,
      bearer: tokenNow(),
      signal,
    });
    const where = response.headers.get("Location");
    location = where ? new URL(where, url).href : null;
    const secret = response.headers.get(resumeHeader);
    keep(secret && location ? { secret, location } : null);
    await pc.setRemoteDescription({ type: "answer", sdp: await response.text() });
    await connected(pc);
    if (signal.aborted) throw signal.reason;
    // The last part of the session's address is the admission, by which events and the stage name it.
    return { pc, close, location, admission: location?.split("/").pop() ?? null };
  } catch (error) {
    // The seat that was just given is what the next attempt takes up.
    await close({ gone: true });
    throw error;
  }
}

/**
 * Keeps one session alive until it is stopped or refused: opens it, watches it, opens it again.
 * `relocate` gives the address where the room is by now, for one that has become another gateway's.
 * `onState` hears "connecting", "connected" with the admission, "reconnecting", "offline", and "ended" with a problem or
 * nothing.
 */
export class Line {
  constructor({ url, token, prepare, onState, relocate = null }) {
    Object.assign(this, { url, token, prepare, onState, relocate });
    this.stopping = new AbortController();
    this.session = null;
    /** The seat of a session that is no more: {secret, location}. */
    this.kept = null;
    /** A session that failed; closed once the next one stands, since its goodbye would give the seat away. */
    this.dead = null;
    this.onPageHide = () => this.leave({ keepalive: true });
    addEventListener("pagehide", this.onPageHide);
    this.run();
  }

  async run() {
    const { signal } = this.stopping;
    let wait = 500;
    let before = "connecting";
    // After a long silence the visitor should read a reason, not an endless "reconnecting".
    let failures = 0;
    let moves = 0;
    while (!signal.aborted) {
      this.onState(navigator.onLine === false ? "offline" : before);
      try {
        const keep = (kept) => (this.kept = kept);
        this.session = await open(this.url, () => this.token, this.prepare, signal, this.kept, keep);
      } catch (error) {
        if (signal.aborted) {
          this.leave();
          return;
        }
        if (error.code === "room_elsewhere" && this.relocate && moves < mostMoves) {
          // The other gateway may hear a moment later than we that the room is its own.
          wait = moves++ === 0 ? 500 : Math.min(wait * 2, 8000);
          await this.pause(wait * Math.random());
          await this.findRoom();
          continue;
        }
        if (error.code === "resume_over" && this.kept) {
          // Nobody has kept the seat; the next attempt is an entry like any other. Where another device of the visitor has
          // it by now, the refusal is `resume_replaced` and final: coming in anew would take it from there.
          this.kept = null;
          continue;
        }
        failures += 1;
        const final = !(error instanceof Problem) || (error.status !== 0 && !error.mayPass);
        if (final || (before === "connecting" && failures >= 3)) {
          this.end(error instanceof Problem ? error : Problem.local("media"));
          return;
        }
        // A gateway that does not answer can't say that the room is another one's by now.
        if (failures % 2 === 0 && (await this.findRoom())) wait = 500;
        // Not all at one moment, for all lines of a house end together.
        await this.pause(wait * (0.5 + Math.random()));
        wait = Math.min(wait * 2, 8000);
        continue;
      }
      this.dead?.close({ gone: true });
      this.dead = null;
      failures = 0;
      moves = 0;
      wait = 500;
      before = "reconnecting";
      await this.untilDead(signal);
      // The line may be dead because of something that the gateway is just saying, for example that another window has
      // taken the seat. Coming back before one has heard it would take the seat from there again, and so on.
      await this.pause(hearMilliseconds);
      const dead = this.session;
      this.session = null;
      if (signal.aborted) return;
      this.onState(navigator.onLine === false ? "offline" : before);
      if (this.kept) this.dead = dead;
      else await dead?.close();
    }
  }

  /** Asks where the room is. Returns whether that is another place, whose gateway knows nothing of the seat. */
  async findRoom() {
    const found = await this.relocate?.().catch(() => null);
    if (!found || found === this.url) return false;
    this.url = found;
    this.kept = null;
    return true;
  }

  /** Gives the seat up. */
  leave({ keepalive = false, gone = false } = {}) {
    const { session, kept } = this;
    this.dead?.close({ gone: true });
    Object.assign(this, { session: null, dead: null, kept: null });
    if (session) session.close({ keepalive, gone });
    else if (kept && !gone) {
      send("DELETE", kept.location, { bearer: this.token, keepalive, timeout: leaveMilliseconds }).catch(() => {});
    }
  }

  /** Whether somebody else speaks, as the gateway tells: then silence is a fault of the line. */
  expectSound(isExpected) {
    this.isSoundExpected = isExpected;
  }

  /** Waits for the session's end, by itself or by `retry()`. A path that died is renewed under it while that can be. */
  async untilDead(signal) {
    let isOver = false;
    const over = new Promise((resolve) => {
      this.retry = () => resolve("closed");
      signal.addEventListener("abort", this.retry, { once: true });
    }).finally(() => (isOver = true));
    const { session } = this;
    let soundWasMissing = false;
    for (;;) {
      let endWatch;
      const ended = new Promise((resolve) => {
        endWatch = watch(session.pc, () => this.isSoundExpected && !this.isDeaf, resolve);
        this.onState("connected", session.admission);
      });
      const why = await Promise.race([ended, over]);
      endWatch();
      // Sound that is missing after a renewal will not come by another one; and where building anew has not brought it
      // either, there is none to come: what the gateway says is then not believed any more.
      this.isDeaf = why === "sound" && soundWasMissing;
      if (why === "closed" || this.isDeaf || !session.location) return;
      soundWasMissing = why === "sound";
      // As in `run`: the gateway may just be saying why.
      await this.pause(hearMilliseconds);
      if (isOver) return;
      this.onState(navigator.onLine === false ? "offline" : "reconnecting");
      if (!(await heal(session, this.token, () => isOver)) || isOver) return;
    }
  }

  /**
   * What the gateway says about the end of an admission. Whether it is about this line, or about one that it replaced
   * itself, only the line knows: then nothing happens. What passes is tried again, what is meant ends the line.
   */
  hear({ admission, code, title, detail = "", next = "" }) {
    if (admission && admission !== this.session?.admission) return;
    if (passing.has(code)) this.retry?.();
    else this.end(new Problem({ code, title, detail, next }), true);
  }

  /** Waits, but not beyond the moment the network is back. */
  pause(milliseconds) {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, milliseconds);
      addEventListener(
        "online",
        () => {
          clearTimeout(timer);
          resolve();
        },
        { once: true },
      );
      this.stopping.signal.addEventListener("abort", resolve, { once: true });
    });
  }

  /** Ends the session for good; with the reason, if it was not the visitor's wish. */
  end(problem = null, gone = false) {
    if (this.stopping.signal.aborted) return;
    this.stopping.abort();
    removeEventListener("pagehide", this.onPageHide);
    this.leave({ gone });
    this.onState("ended", problem);
  }
}

export const isPossible = () => typeof RTCPeerConnection === "function";
