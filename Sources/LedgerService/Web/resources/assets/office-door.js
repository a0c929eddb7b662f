// The door: on how many devices a ticket works, whether it is bound to a key, and whom the host lets into no room.

import * as api from "./api.js";
import * as time from "./countdown.js";
import { actOn, hostKey, note, onOpen, once, roomID, sends } from "./desk.js";
import { t } from "./i18n.js";
import * as office from "./office-api.js";
import { confirm, el, make, show, wrong } from "./page.js";

let host = null;

const policies = ["newest", "first", ...Array.from({ length: 9 }, (_, index) => `devices-${index + 2}`)];

function sharingWords(policy) {
  const [name, count] = policy.split("-");
  return count ? t("office_door_devices", { n: count }) : t(`office_door_${name}`);
}

function drawDoor(room) {
  host = room.host;
  el("door-sharing").replaceChildren(
    ...policies.map((policy) => {
      const option = make("option", "", sharingWords(policy));
      Object.assign(option, { value: policy, selected: policy === room.sharing });
      return option;
    }),
  );
  el("door-key").value = room.holderKey;
}

function banRow(ban) {
  const row = make("li", "person");
  row.dataset.holder = ban.holder;
  const words = make("span", "who");
  const reason = make("span", "", ban.reason);
  reason.dir = "auto";
  words.append(make("strong", "", ban.holder), reason, make("span", "word", time.date(ban.at)));
  const lift = make("button", "button small", t("office_ban_lift"));
  lift.type = "button";
  lift.dataset.test = "ban-lift";
  lift.setAttribute("aria-label", t("office_ban_lift_named", { name: ban.holder }));
  lift.addEventListener("click", () => actOn(lift, () => onLift(ban.holder)));
  row.append(words, lift);
  return row;
}

async function readBans() {
  const { bans } = await office.bans(host, hostKey());
  el("ban-rows").replaceChildren(...bans.map(banRow));
  show("bans-empty", bans.length === 0);
}

async function read() {
  drawDoor(await api.room(roomID));
  await readBans();
}

async function onDoor() {
  const sharing = el("door-sharing").value;
  const holderKey = el("door-key").value;
  const room = await api.room(roomID);
  if (sharing !== room.sharing) await office.setSharing(roomID, sharing, hostKey());
  if (holderKey !== room.holderKey) await office.setHolderKey(roomID, holderKey, hostKey());
  drawDoor(await api.room(roomID));
  note(t("office_door_done"));
}

/** Bans whoever holds a ticket, or has a wallet; asks first. Resolves to whether it was done. */
export async function banPerson(person, name, reason = "") {
  const words = { heading: t("office_ban_heading", { name }), more: t("office_ban_more"), yes: t("office_ban_yes") };
  if (!(await confirm(words))) return false;
  if (!host) host = (await api.room(roomID)).host;
  const body = { ...(person.startsWith("ticket_") ? { ticket: person } : { holder: person }), reason };
  await once("ban", body, (key) => office.ban(host, body, hostKey(), key));
  await readBans();
  return true;
}

async function onBan() {
  const person = el("ban-person").value.trim();
  const fits = /^(holder|ticket)_[0-9A-Za-z]{26}$/.test(person);
  wrong("ban-person", fits ? null : t("office_ban_wrong"));
  if (!fits) return el("ban-person").focus();
  if (!(await banPerson(person, person, el("ban-reason").value.trim()))) return;
  el("ban-person").value = "";
  el("ban-reason").value = "";
  note(t("office_ban_done", { name: person }));
}

async function onLift(holder) {
  await once("lift", { holder }, (key) => office.liftBan(host, holder, hostKey(), key));
  await readBans();
  note(t("office_ban_lifted", { name: holder }));
}

onOpen(read);
sends("door-form", "door-send", onDoor);
sends("ban-form", "ban-send", onBan);
