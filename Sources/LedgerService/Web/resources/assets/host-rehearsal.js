// The button with which a host, or whoever speaks, hears themself before the room begins.

import { Problem, now } from "./api.js";
import * as time from "./countdown.js";
import { t } from "./i18n.js";
import { el, gatewayOf, hideProblem, put, show, showProblem } from "./page.js";
import { isPossible } from "./peer.js";
import { Rehearsal, delaySeconds } from "./rehearsal.js";

let rehearsal = null;

export const isRehearsing = () => rehearsal !== null;

/** A room that is open begins at its start, one that is not when it opens. */
const hasBegun = (room) => {
  const phase = time.phaseOf(room);
  return phase === "ended" || phase === "cancelled" || (room.state === "open" && now() >= Date.parse(room.startsAt));
};

export function drawRehearsal(room) {
  const over = !room || hasBegun(room);
  show("rehearse", !over || isRehearsing());
  show("rehearse-more", !over || isRehearsing());
  if (!isRehearsing()) put("rehearse-more", t("rehearse_more", { n: delaySeconds }));
}

function onState(state, problem) {
  if (state === "ended") rehearsal = null;
  el("rehearse").setAttribute("aria-pressed", String(isRehearsing()));
  el("rehearse").dataset.state = state;
  put("rehearse", t(isRehearsing() ? "rehearse_stop" : "rehearse"));
  const words = state === "connected" ? t("rehearse_on", { n: delaySeconds }) : t(`conn_${state}`);
  put("rehearse-more", isRehearsing() ? words : t("rehearse_more", { n: delaySeconds }));
  if (problem) showProblem(problem);
}

/** Begins, or ends, with an open microphone. */
export function onRehearse({ room, token, stream, relocate }) {
  hideProblem();
  if (rehearsal) return rehearsal.stop();
  if (!isPossible()) return showProblem(Problem.local("webrtc"));
  rehearsal = new Rehearsal({ base: gatewayOf(room), room: room.room, token, stream, onState, relocate });
  onState("connecting");
}

/** Another microphone without a break. */
export const useMicrophone = (stream) => rehearsal?.use(stream);
/** Whoever goes on air rehearses no more. */
export const endRehearsal = () => rehearsal?.stop();
