// The sound of the room: the line of this visitor, who is on stage, volume and mute.

import { Problem } from "./api.js";
import { claimed } from "./claim.js";
import { followRoom } from "./events.js";
import { t, tn } from "./i18n.js";
import { Listening } from "./listen.js";
import { busy, el, gatewayOf, hideProblem, nameOf, put, show, showProblem } from "./page.js";
import { isPossible } from "./peer.js";
import { enterStage, hearStanding, hearState, leaveStage, renewPlace } from "./stage.js";
import { allTickets, draw, held, hostName, onDraw, onDrop, refreshRoom, replaceTicket, roomID, theRoom } from "./visit.js";

let listening = null;
let ticket = null;
/** Where and with which token: {base, room, token, admission, relocate}, for all that follows the room. */
let place = null;
let following = null;
let stage = [];
let heardEnd = () => {};
let heardWarning = () => {};

export const isListening = () => listening !== null;

/** Registers what looks after the tickets when a line has ended. */
export const onEnd = (heard) => (heardEnd = heard);
/** Registers what hears that a ticket ends soon: called with the ticket's id and the event. */
export const onWarning = (heard) => (heardWarning = heard);

function onLine(state, what) {
  el("connection").dataset.state = state;
  put("connection-text", t(`conn_${state}`));
  put("connection-more", t(`conn_${state}_more`));
  following?.stop();
  listening?.line?.expectSound(false);
  following = state === "connected" ? follow(what) : null;
  if (state !== "ended") return;
  const problem = what;
  listening = null;
  setListenButton(false);
  show("player-body", false);
  show("blocked", false);
  setStage([], null);
  leaveStage();
  draw();
  heardEnd();
  if (!problem) return;
  showProblem(problem);
  // Perhaps the room is over: its state should not say otherwise until the next look.
  refreshRoom();
}

function setStage(people, listeners) {
  stage = people;
  const list = el("stage");
  list.replaceChildren(...stage.map(stageRow));
  show("stage-empty", stage.length === 0 && Boolean(listening));
  put("listeners", listeners === null ? "" : tn("stage_listeners", listeners));
}

function stageRow(person) {
  const row = document.createElement("li");
  row.dataset.participant = person.participant;
  row.dataset.role = person.role;
  row.dataset.speaking = String(Boolean(person.speaking));
  const mark = document.createElement("span");
  mark.className = "voice";
  mark.setAttribute("aria-hidden", "true");
  mark.append(...[1, 2, 3].map(() => document.createElement("i")));
  const name = document.createElement("strong");
  name.dir = "auto";
  name.textContent = nameOf(person, hostName);
  const who = document.createElement("span");
  who.className = "who";
  const word = document.createElement("span");
  word.className = "word";
  const doing = t(person.muted ? "stage_muted" : person.speaking ? "stage_speaking" : "stage_quiet");
  word.textContent = person.role === "host" ? `${t("stage_host")} · ${doing}` : doing;
  who.append(name, word);
  row.append(mark, who);
  return row;
}

function setListenButton(on) {
  el("listen").dataset.on = String(on);
  put("listen", t(on ? "listen_stop" : "listen"));
}

function applyVolume() {
  const muted = el("mute").getAttribute("aria-pressed") === "true";
  listening?.setVolume(Number(el("volume").value) / 100, muted);
}

async function startListening() {
  hideProblem();
  if (!isPossible()) {
    showProblem(Problem.local("webrtc"));
    return;
  }
  try {
    await claimed(held());
  } catch (problem) {
    showProblem(problem);
    return;
  }
  show("player", true);
  show("player-body", true);
  setListenButton(true);
  ticket = held();
  place = { base: gatewayOf(theRoom()), room: roomID, token: ticket.token, relocate };
  listening = new Listening({
    ...place,
    parent: el("sound"),
    onState: onLine,
    onBlocked: () => show("blocked", true),
  });
  applyVolume();
  setStage([], null);
  enterStage(place);
  if (navigator.mediaSession && typeof MediaMetadata === "function") {
    const { title } = theRoom();
    navigator.mediaSession.metadata = new MediaMetadata({ title, artist: hostName, album: "Guichet" });
  }
}

/** Finds the gateway that has the room by now. */
async function relocate() {
  await refreshRoom();
  place.base = gatewayOf(theRoom());
  renewPlace(place);
  return place.base;
}

/** Follows the room for the stage's sake and for the reason, should the admission end. */
function follow(admission) {
  let listeners = null;
  let own = null;
  place.admission = admission;
  return followRoom(place, {
    state: (value) => {
      listeners = value.listeners ?? null;
      own = value.you?.participant ?? own;
      setStage(value.stage ?? [], listeners);
      // What was said of who speaks before this line was followed no longer holds.
      listening?.line?.expectSound(stage.some((person) => person.speaking && person.participant !== own));
      hearState(value);
      if (value.roomState && value.roomState !== theRoom().state) refreshRoom();
    },
    speaking: ({ participants = [] }) => {
      setStage(stage.map((person) => ({ ...person, speaking: participants.includes(person.participant) })), listeners);
      listening?.line.expectSound(participants.some((one) => one !== own));
    },
    you: (value) => {
      own = value.participant ?? own;
      hearStanding(value);
    },
    ended: (value) => listening?.line.hear(value),
    warning: (value) => heardWarning(ticket?.ticket, value),
    end: ({ endsAt }) => {
      const known = allTickets().find((one) => one.ticket === ticket?.ticket);
      if (!endsAt || !known) return;
      if (Date.parse(known.expiresAt) !== Date.parse(endsAt)) replaceTicket(known.ticket, { ...known, expiresAt: endsAt });
      // The token of the longer ticket.
      heardEnd();
    },
    // The line finds out by itself where the room is.
    refused: (problem) => (problem.code === "room_elsewhere" ? listening?.line.retry?.() : listening?.stop(problem)),
  });
}

// The old token opens nothing behind the old end: a line that is opened anew by then goes on with the new one.
onDraw(() => {
  const known = listening && allTickets().find((one) => one.ticket === ticket.ticket);
  if (!known || known.token === ticket.token) return;
  ticket = known;
  place.token = known.token;
  listening.line.token = known.token;
  renewPlace(place);
});
// A ticket that has ended opens no door any more, not even to say goodbye.
onDrop((gone, hasEnded) => {
  if (gone.ticket === ticket?.ticket) listening?.stop(null, hasEnded);
});
el("listen").addEventListener("click", () => (listening ? listening.stop() : busy(el("listen"), startListening)));
el("unblock").addEventListener("click", async () => {
  await listening?.unblock().catch(() => {});
  show("blocked", false);
});
el("volume").addEventListener("input", applyVolume);
el("mute").addEventListener("click", () => {
  const muted = el("mute").getAttribute("aria-pressed") !== "true";
  el("mute").setAttribute("aria-pressed", String(muted));
  applyVolume();
});
