// The host's page: microphone, going live, who is here.

import * as api from "./api.js";
import { Problem, now } from "./api.js";
import * as time from "./countdown.js";
import { hostKey } from "./desk.js";
import { followRoom } from "./events.js";
import { drawRehearsal, endRehearsal, isRehearsing, onRehearse, useMicrophone } from "./host-rehearsal.js";
import { t, tn } from "./i18n.js";
import * as keep from "./keep.js";
import { Listening } from "./listen.js";
import { announce, busy, confirm, confirmOn, copy, el, gatewayOf, hideProblem, nameOf, put, show, showProblem } from "./page.js";
import { drawOrder, openOrder, orderButtons } from "./host-stage.js";
import "./office.js";
import { banPerson } from "./office-door.js";
import { isPossible } from "./peer.js";
import { Speaking, meter, microphones, openMicrophone } from "./speak.js";

const { room: roomID, host: hostName } = el("main").dataset;

let room = null;
let pass = null;
let stream = null;
let endMeter = null;
let speaking = null;
let hearing = null;
let following = null;
let people = [];
let muted = false;

// The pass

function takePass(text) {
  const token = /([\w-]+\.[\w-]+\.[\w-]+)\s*$/.exec(text ?? "")?.[1];
  const claims = token ? keep.claims(token) : null;
  if (!claims || claims.room !== roomID) return false;
  keep.pass.set(roomID, token);
  pass = token;
  return true;
}

function opened() {
  show("no-pass", !pass);
  show("console", Boolean(pass));
  show("panels", Boolean(pass));
  if (!pass) return;
  openOrder(() => ({ base: gatewayOf(room), room: roomID, token: pass, then: refreshPeople }), keep.claims(pass)?.role);
  follow();
  refreshPeople();
}

// The room

async function refreshRoom() {
  try {
    room = await api.room(roomID);
  } catch (problem) {
    if (!room) showProblem(problem);
    return;
  }
  put("title", room.title);
  put("when", time.date(room.startsAt));
  put("zone", t("room_zone", { zone: time.zone() }));
  tick();
}

function tick() {
  if (!room) return;
  drawRehearsal(room);
  const phase = time.phaseOf(room);
  el("state").dataset.phase = phase;
  put("state-text", t(`room_phase_${phase}`));
  const from = Math.max(now(), Date.parse(room.startsAt));
  put("time-left", time.clock(Date.parse(room.endsAt) - from));
  el("time-left").classList.toggle("short", Date.parse(room.endsAt) - now() <= 5 * 60000);
  if (isOver(phase) && people.length > 0) {
    people = [];
    put("listeners", "");
    renderPeople();
  }
}

const isOver = (phase) => phase === "ended" || phase === "cancelled";

// The microphone

const microphoneWords = ["denied", "missing", "insecure", "failed"];

async function checkMicrophone(deviceId) {
  try {
    const opened = await openMicrophone(deviceId);
    if (speaking) await speaking.use(opened);
    if (isRehearsing()) await useMicrophone(opened);
    stream?.getTracks().forEach((track) => track.stop());
    stream = opened;
  } catch (error) {
    const reason = microphoneWords.includes(error.message) ? error.message : "failed";
    put("mic-more", t(`host_mic_${reason}`));
    el("mic-more").classList.add("wrong");
    return false;
  }
  el("mic-more").classList.remove("wrong");
  put("mic-more", t(el("connection").dataset.state === "connected" ? "host_mic_live" : "host_mic_more"));
  show("mic-panel", true);
  show("mic-check", false);
  endMeter?.();
  let peak = 0;
  let said = 0;
  endMeter = meter(stream, (level) => {
    el("level").setAttribute("aria-valuenow", String(level));
    el("level-bar").style.transform = `scaleX(${level / 100})`;
    peak = Math.max(peak, level);
    // A word every two seconds is help; ten a second would be noise for a screen reader.
    if (Date.now() - said < 2000) return;
    said = Date.now();
    put("mic-word", t(peak > 95 ? "host_mic_loud" : peak > 35 ? "host_mic_good" : "host_mic_quiet"));
    peak = 0;
  });
  await listDevices();
  return true;
}

async function listDevices() {
  const current = stream.getAudioTracks()[0].getSettings().deviceId;
  const options = (await microphones()).map((device, index) => {
    const option = document.createElement("option");
    option.value = device.deviceId;
    option.textContent = device.label || `${t("host_mic_device")} ${index + 1}`;
    option.selected = device.deviceId === current;
    return option;
  });
  el("device").replaceChildren(...options);
}

// Speaking

function onLine(state, problem) {
  const live = state === "connected";
  el("connection").dataset.state = state;
  put("connection-text", t(`conn_${state}`));
  if (state === "ended") {
    speaking = null;
    setMuted(false);
    put("speak", t("host_speak"));
    el("speak").dataset.on = "false";
    show("mute-me", false);
    show("speak-more", true);
    if (problem) {
      showProblem(problem);
      refreshRoom();
    }
  }
  if (stream) put("mic-more", t(live ? "host_mic_live" : "host_mic_more"));
  show("connection", state !== "ended");
  renderAir(live);
}

function renderAir(live) {
  const state = !live ? "off" : muted ? "muted" : "live";
  el("air").dataset.air = state;
  put("air-text", t({ off: "host_off_air", muted: "host_muted_badge", live: "host_live" }[state]));
  const line = el("connection").dataset.state;
  const words = {
    connecting: "conn_connecting_more",
    connected: muted ? "host_conn_muted_more" : "host_conn_connected_more",
    reconnecting: "host_conn_reconnecting_more",
    offline: "conn_offline_more",
  };
  put("connection-more", words[line] ? t(words[line]) : "");
}

function setMuted(value) {
  // The room is shown it too; if that fails the microphone is silent all the same.
  const admission = speaking?.line.session?.admission;
  if (admission && value !== muted) api.mute(gatewayOf(room), roomID, pass, admission, value).catch(() => {});
  muted = value;
  for (const track of stream?.getAudioTracks() ?? []) track.enabled = !value;
  el("mute-me").setAttribute("aria-pressed", String(value));
  put("mute-me", t(value ? "host_unmute_me" : "host_mute_me"));
}

async function onSpeak() {
  hideProblem();
  if (speaking) {
    speaking.stop();
    return;
  }
  if (!isPossible()) {
    showProblem(Problem.local("webrtc"));
    return;
  }
  if (!stream && !(await checkMicrophone())) {
    el("mic-more").scrollIntoView({ block: "center" });
    announce(el("mic-more").textContent);
    return;
  }
  // On air for everybody, or by oneself: never both.
  endRehearsal();
  put("speak", t("host_stop"));
  el("speak").dataset.on = "true";
  show("speak-more", false);
  show("mute-me", true);
  speaking = new Speaking({ base: gatewayOf(room), room: roomID, token: pass, stream, onState: onLine, relocate });
}

/** Finds the gateway that has the room by now. */
async function relocate() {
  await refreshRoom();
  return gatewayOf(room);
}

async function onRehearsal() {
  if (!isRehearsing() && !stream && !(await checkMicrophone())) {
    announce(el("mic-more").textContent);
    return;
  }
  onRehearse({ room, token: pass, stream, relocate });
}

// Hearing the others

function onHearing(state, problem) {
  if (state === "ended") {
    hearing = null;
    if (problem) showProblem(problem);
  }
  el("hear").setAttribute("aria-pressed", String(Boolean(hearing)));
  put("hear-more", hearing ? `${t(`conn_${state}`)}` : t("host_hear_more"));
}

function onHear() {
  if (hearing) {
    hearing.stop();
    return;
  }
  hideProblem();
  if (!isPossible()) {
    showProblem(Problem.local("webrtc"));
    return;
  }
  hearing = new Listening({
    base: gatewayOf(room),
    room: roomID,
    token: pass,
    relocate,
    parent: el("sound"),
    onState: onHearing,
    // The tap on this very button allowed it.
    onBlocked: () => {},
  });
  onHearing("connecting");
}

// Who is here

function follow() {
  following?.stop();
  following = followRoom({ base: gatewayOf(room), room: roomID, token: pass, relocate }, {
    state: (value) => {
      put("listeners", tn("stage_listeners", value.listeners ?? 0));
      if (value.roomState && room && value.roomState !== room.state) refreshRoom();
      refreshPeople();
    },
    speaking: ({ participants = [] }) => {
      people = people.map((person) => ({ ...person, speaking: participants.includes(person.participant) }));
      for (const row of el("people").children) {
        const person = people.find((one) => String(one.participant) === row.dataset.participant);
        if (person) mark(row, person);
      }
    },
    ended: (value) => {
      speaking?.line.hear(value);
      hearing?.line.hear(value);
    },
    refused: (problem) => {
      following = null;
      showOnce(problem);
    },
  });
}

let shown = null;

/** Shows what a repeated question was refused with, once: the visitor may close it and go on. */
function showOnce(problem) {
  if (problem.mayPass || problem.code === shown) return;
  shown = problem.code;
  showProblem(problem);
}

let asking = null;

/** Asks for the list at most once at a time; a second wish while asking is one more question afterwards. */
async function refreshPeople() {
  if (asking) {
    asking = "again";
    return;
  }
  asking = "once";
  try {
    const value = await api.stage(gatewayOf(room), roomID, pass);
    // Who speaks and listens has two admissions; the one on stage is the person's.
    const voices = new Set(value.participants.filter((one) => one.direction === "speaking").map((one) => one.participant));
    people = value.participants.filter((one) => one.direction === "speaking" || !voices.has(one.participant));
    put("listeners", tn("stage_listeners", value.listeners ?? 0));
    renderPeople();
    drawOrder(value, hostName);
  } catch (problem) {
    // A room that nobody has entered may be unknown to its gateway; the list is then simply empty.
    if (problem.status !== 404) showOnce(problem);
  }
  const again = asking === "again";
  asking = null;
  if (again) refreshPeople();
}

function renderPeople() {
  const ranks = { host: 0, cohost: 1, speaker: 2, listener: 3 };
  people.sort((a, b) => ranks[a.role] - ranks[b.role] || a.participant - b.participant);
  const rows = new Map([...el("people").children].map((row) => [row.dataset.kept, row]));
  const wanted = people.map((person) => rows.get(kept(person)) ?? personRow(person));
  people.forEach((person, index) => mark(wanted[index], person));
  for (const [key, row] of rows) {
    if (!people.some((person) => kept(person) === key)) row.remove();
  }
  // Rows that are there already keep their place and with it the focus.
  wanted.forEach((row, index) => {
    if (el("people").children[index] !== row) el("people").insertBefore(row, el("people").children[index] ?? null);
  });
  show("people-empty", people.length === 0);
}

/** A row stays while the same can be done to the person. */
const kept = (person) =>
  [person.admission, person.role, person.onStage, person.invited, Boolean(hostKey())].join(" ");

function element(tag, className, text = "") {
  const node = document.createElement(tag);
  node.className = className;
  node.textContent = text;
  return node;
}

function personRow(person) {
  const row = element("li", "person");
  row.dataset.kept = kept(person);
  row.dataset.admission = person.admission;
  row.dataset.participant = person.participant;
  row.dataset.role = person.role;
  const voice = element("span", "voice");
  voice.setAttribute("aria-hidden", "true");
  voice.append(...[1, 2, 3].map(() => document.createElement("i")));
  const name = nameOf(person, hostName);
  const words = element("span", "who");
  const strong = element("strong", "", name);
  strong.dir = "auto";
  words.append(strong, element("span", "word"));
  row.append(voice, words);
  if (person.role !== "host") {
    const actions = element("span", "actions");
    const cohosts = people.filter((one) => one.role === "cohost").map((one) => one.admission);
    actions.append(...orderButtons(person, name, cohosts));
    if (person.role !== "listener") {
      const mute = element("button", "button small mute");
      mute.type = "button";
      mute.dataset.test = "mute-person";
      mute.addEventListener("click", () => busy(mute, () => onMute(person.admission, name)));
      actions.append(mute);
    }
    const remove = element("button", "button small danger", t("host_remove"));
    remove.type = "button";
    remove.dataset.test = "remove";
    remove.setAttribute("aria-label", t("host_remove_named", { name }));
    remove.addEventListener("click", () => busy(remove, () => onRemove(person.admission, name)));
    actions.append(remove);
    // From all rooms only with the key of the host's account; a pass is for this room.
    if (hostKey() && person.ticket) {
      const ban = element("button", "button small danger", t("host_ban"));
      ban.type = "button";
      ban.dataset.test = "ban";
      ban.setAttribute("aria-label", t("host_ban_named", { name }));
      ban.addEventListener("click", () => busy(ban, () => onBan(person.ticket, name)));
      actions.append(ban);
    }
    row.append(actions);
  }
  return row;
}

function mark(row, person) {
  row.dataset.speaking = String(Boolean(person.speaking && !person.muted));
  const parts = [];
  if (person.role !== "listener") {
    parts.push(t(person.muted ? "stage_muted" : person.speaking ? "stage_speaking" : "stage_quiet"));
  }
  if (person.role === "host") parts.unshift(t("stage_host"));
  if (person.since) parts.push(t("host_since", { time: time.timeOfDay(person.since) }));
  const text = parts.join(" · ");
  const word = row.querySelector(".word");
  if (word.textContent !== text) word.textContent = text;
  const mute = row.querySelector(".mute");
  if (!mute) return;
  const name = nameOf(person, hostName);
  mute.textContent = t(person.muted ? "host_unmute" : "host_mute");
  mute.setAttribute("aria-label", t(person.muted ? "host_unmute_named" : "host_mute_named", { name }));
}

async function onRemove(admission, name) {
  const words = { heading: t("host_remove_heading", { name }), more: t("host_remove_more"), yes: t("host_remove_yes") };
  if (!(await confirm(words))) return;
  hideProblem();
  try {
    await api.remove(gatewayOf(room), roomID, pass, admission);
    announce(t("host_removed", { name }));
    el("people-heading").focus();
  } catch (problem) {
    showProblem(problem);
  }
  await refreshPeople();
}

async function onBan(ticket, name) {
  hideProblem();
  try {
    if (!(await banPerson(ticket, name))) return;
    announce(t("office_ban_done", { name }));
    el("people-heading").focus();
  } catch (problem) {
    showProblem(problem);
  }
  await refreshPeople();
}

async function onMute(admission, name) {
  const person = people.find((one) => one.admission === admission);
  if (!person) return;
  const value = !person.muted;
  const words = { heading: t("host_mute_heading", { name }), more: t("host_mute_more"), yes: t("host_mute_yes") };
  if (value && !(await confirm(words))) return;
  hideProblem();
  try {
    await api.mute(gatewayOf(room), roomID, pass, admission, value);
    announce(t(value ? "host_muted" : "host_unmuted", { name }));
  } catch (problem) {
    showProblem(problem);
  }
  await refreshPeople();
}

// Wiring

el("speak").addEventListener("click", () => busy(el("speak"), onSpeak));
el("mute-me").addEventListener("click", () => {
  setMuted(!muted);
  renderAir(el("connection").dataset.state === "connected");
});
el("hear").addEventListener("click", onHear);
el("rehearse").addEventListener("click", () => busy(el("rehearse"), onRehearsal));
el("mic-check").addEventListener("click", () => busy(el("mic-check"), () => checkMicrophone()));
el("device").addEventListener("change", () => checkMicrophone(el("device").value));
el("refusal-close").addEventListener("click", hideProblem);
el("public-link").value = new URL(el("public-link").value, location.origin).href;
el("public-link").addEventListener("focus", () => el("public-link").select());
el("copy-public").addEventListener("click", async () => {
  const copied = await copy(el("public-link").value, () => el("public-link").select());
  if (copied) confirmOn(el("copy-public"), t("copied"));
});
el("pass-form").addEventListener("submit", (event) => {
  event.preventDefault();
  const taken = takePass(el("token").value);
  show("token-wrong", !taken);
  el("token").setAttribute("aria-invalid", String(!taken));
  if (!taken) {
    el("token").focus();
    return;
  }
  el("token").value = "";
  opened();
});
addEventListener("hashchange", () => {
  if (takePass(keep.takeFromAddress("pass"))) opened();
});
addEventListener("beforeunload", (event) => {
  if (speaking) event.preventDefault();
});

if (!takePass(keep.takeFromAddress("pass"))) pass = keep.pass.get(roomID);
await refreshRoom();
opened();
time.everySecond(tick);
// Leavings without an event, and the minutes behind "since", show up without a reload.
setInterval(() => {
  if (document.hidden) return;
  refreshRoom();
  // Of a room that is over there is nobody to ask about.
  if (!pass || !room || isOver(time.phaseOf(room))) return;
  refreshPeople();
  if (!following) follow();
}, 8000);
