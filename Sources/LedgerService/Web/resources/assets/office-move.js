// Moving the room to another time: every holder keeps the ticket or takes the price back.

import * as time from "./countdown.js";
import { hostKey, instant, note, once, onOpen, roomID, sends } from "./desk.js";
import { t } from "./i18n.js";
import * as office from "./office-api.js";
import { confirm, el, put, show } from "./page.js";

async function read() {
  const { moves } = await office.moves(roomID, hostKey());
  const last = moves[0];
  show("move-answers", Boolean(last?.answers));
  if (!last?.answers) return;
  const { kept, refunded, open } = last.answers;
  const facts = { kept, refunded, open, date: time.date(last.to.startsAt), until: time.date(last.answerUntil) };
  put("move-answers", t(`office_moved_${last.defaultAnswer}`, facts));
}

async function send() {
  const [startsAt, endsAt] = [instant("move-starts"), instant("move-ends")];
  if (!startsAt || !endsAt) return el(startsAt ? "move-ends" : "move-starts").focus();
  const body = { startsAt, endsAt, notice: el("move-notice").value.trim() };
  const words = { heading: t("office_move_heading", { date: time.date(startsAt) }), more: t("office_move_sure"), yes: t("office_move") };
  if (!(await confirm(words))) return;
  const done = await once("move", body, (key) => office.move(roomID, body, hostKey(), key));
  await read();
  note(t("office_move_done", { date: time.date(done.to.startsAt) }));
}

onOpen(read);
sends("move-form", "move-send", send);
