// Taking part: the raised hand, an invitation, and the own microphone once it was accepted. Nothing here opens a
// microphone but the visitor's own tap.

import * as api from "./api.js";
import { Problem, now } from "./api.js";
import * as time from "./countdown.js";
import { t } from "./i18n.js";
import { announce, busy, el, hideProblem, put, show, showProblem } from "./page.js";
import { Speaking, openMicrophone } from "./speak.js";

const reasons = ["denied", "missing", "insecure", "failed"];

/** Where and with which ticket; null while nobody listens. */
let place = null;
let standing = null;
let state = null;
let speaking = null;
let stream = null;
/** The own mute as the button shows it. */
let muted = false;

/** The visitor listens now: from here on there is a stage to take part in. */
export function enterStage(where) {
  place = where;
}

/** The ticket lasts longer: commands and a line that is opened anew go on with its new token. */
export function renewPlace(where) {
  place = where;
  if (speaking) speaking.line.token = where.token;
}

/** The visitor listens no more. */
export function leaveStage() {
  stopSpeaking(true);
  place = null;
  standing = null;
  state = null;
  show("taking-part", false);
  show("room-lead", false);
}

/** The state that everybody gets; the first one of a line says what the visitor is as well. */
export function hearState(value) {
  state = value;
  if (value.you) hearStanding(value.you);
  drawLead();
  draw();
}

/** What the visitor is on stage now. */
export function hearStanding(next) {
  const before = standing;
  standing = next;
  if (before?.invitation == null && next.invitation) announce(t("part_invited"));
  if (before?.invitation && !next.invitation && !next.onStage) announce(t("part_invitation_over"));
  if (before?.onStage && !next.onStage) announce(t("part_off"));
  if (next.mutedByModerator && !before?.mutedByModerator && before) announce(t("part_muted"));
  if (before?.mutedByModerator && !next.mutedByModerator) announce(t("part_unmuted"));
  // The gateway has cut the line already; it must not be opened again.
  if (speaking && !next.maySpeak) stopSpeaking(true);
  draw();
}

function drawLead() {
  const lead = state?.lead?.state;
  const words = { missing: "lead_missing", cohost: "lead_cohost", paused: "lead_paused", cleared: "lead_cleared" }[lead];
  const isBad = lead === "paused" || lead === "cleared";
  show("room-lead", Boolean(words));
  el("room-lead").classList.toggle("warn", isBad);
  if (words) put("room-lead", t(words, { time: state.lead.clearsAt ? time.timeOfDay(state.lead.clearsAt) : "" }));
}

/** The place in the queue, from 1; 0 for one that is too far back to be listed. */
const placeInQueue = () => (state?.hands ?? []).indexOf(standing.participant) + 1;

function draw() {
  const isHere = Boolean(place && standing && state);
  show("taking-part", isHere);
  if (!isHere) return;
  const { onStage, invitation, hand } = standing;
  const mayCome = state.mode === "everyone" && !standing.maySpeak && !invitation;
  const mayRaise = state.mode === "on_request" && !standing.maySpeak && !invitation;
  put("my-stage", words());
  show("hand", mayRaise && (hand || !state.locked));
  el("hand").setAttribute("aria-pressed", String(hand));
  put("hand", t(hand ? "part_hand_down" : "part_hand_up"));
  show("invitation", Boolean(invitation) || (onStage && !speaking));
  if (invitation) {
    const n = Math.max(1, Math.round((Date.parse(invitation.expiresAt) - now()) / 60000));
    put("invitation-more", t(invitation.post === "cohost" ? "part_invited_cohost" : "part_invited_more", { n }));
  } else if (onStage) {
    put("invitation-more", t("part_place_kept"));
  }
  put("accept", t(invitation ? "part_accept" : "part_microphone"));
  put("decline", t(invitation ? "part_decline" : "part_step_down"));
  show("come-up", mayCome && !state.locked);
  show("on-stage", Boolean(speaking));
  el("mute-mine").setAttribute("aria-pressed", String(muted || standing.muted));
  el("mute-mine").disabled = standing.mutedByModerator;
  put("mute-mine", t(muted || standing.muted ? "part_unmute" : "part_mute"));
}

function words() {
  const { onStage, hand, mutedByModerator } = standing;
  if (mutedByModerator && standing.maySpeak) return t("part_muted");
  if (speaking) return t(muted || standing.muted ? "part_on_muted" : "part_on");
  if (onStage) return t("part_place_kept");
  if (standing.invitation) return t("part_invited");
  if (hand) {
    const n = placeInQueue();
    return n > 0 ? t("part_hand_place", { n }) : t("part_hand_far");
  }
  if (state.locked) return t("part_locked");
  if (state.mode === "invited") return t("part_invited_only");
  return t("part_listening");
}

/** Sends a command; what comes back is the newest state. */
async function command(name, body) {
  hideProblem();
  try {
    const { base, room, token } = place;
    hearState(await api.onStage(base, room, token, name, body));
    return true;
  } catch (problem) {
    showProblem(problem);
    return false;
  }
}

/** The microphone first: whoever does not give it has not accepted. */
async function comeOnStage() {
  hideProblem();
  try {
    stream = await openMicrophone();
  } catch (error) {
    const reason = reasons.includes(error.message) ? error.message : "failed";
    showProblem(Problem.local("microphone", { reason: t(`host_mic_${reason}`) }));
    return;
  }
  if (!(await command("answer", { accept: true }))) {
    closeMicrophone();
    return;
  }
  muted = false;
  const { base, room, token } = place;
  speaking = new Speaking({ base, room, token, stream, onState: onLine, relocate: place.relocate });
  draw();
  el("mute-mine").focus();
}

function onLine(what, problem) {
  el("on-stage").dataset.state = what;
  if (what === "connected") announce(t("part_on"));
  if (what !== "ended") return;
  speaking = null;
  closeMicrophone();
  if (problem && standing?.maySpeak) showProblem(problem);
  draw();
}

function closeMicrophone() {
  stream?.getTracks().forEach((track) => track.stop());
  stream = null;
}

function stopSpeaking(gone) {
  speaking?.line.end(null, gone);
  speaking = null;
  closeMicrophone();
}

async function stepDown() {
  if (await command("step-down", {})) {
    stopSpeaking(true);
    draw();
    el("my-stage").focus();
  }
}

async function muteMine() {
  const wanted = !(muted || standing.muted);
  // Silence does not wait for an answer.
  if (wanted) setMuted(true);
  const admission = speaking?.line.session?.admission;
  if (!admission) return setMuted(wanted);
  try {
    const { base, room, token } = place;
    await api.mute(base, room, token, admission, wanted);
    setMuted(wanted);
  } catch (problem) {
    showProblem(problem);
  }
  return draw();
}

function setMuted(value) {
  muted = value;
  for (const track of stream?.getAudioTracks() ?? []) track.enabled = !value;
  draw();
}

el("hand").addEventListener("click", () => busy(el("hand"), () => command("hand", { raised: !standing.hand })));
el("accept").addEventListener("click", () => busy(el("accept"), comeOnStage));
el("come-up").addEventListener("click", () => busy(el("come-up"), comeOnStage));
el("decline").addEventListener("click", () =>
  busy(el("decline"), () => (standing.invitation ? command("answer", { accept: false }) : stepDown())),
);
el("mute-mine").addEventListener("click", () => busy(el("mute-mine"), muteMine));
el("step-down").addEventListener("click", () => busy(el("step-down"), stepDown));
