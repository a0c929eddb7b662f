// One batch: where it stands, what there is to explain, who agreed, and what holds it.

import * as api from "./finance-api.js";
import { offer, payouts } from "./finance-acts.js";
import { isAt } from "./finance-desk.js";
import { drawFiles, readFiles } from "./finance-files.js";
import { drawGates } from "./finance-gates.js";
import { tag } from "./finance-list.js";
import { drawFindings, readFindings } from "./finance-findings.js";
import { readPayees } from "./finance-payees.js";
import { dayText } from "./finance-words.js";
import * as time from "./countdown.js";
import { t, tn } from "./i18n.js";
import { written } from "./money.js";
import { el, make, put } from "./page.js";

function person(text, at, reason) {
  const line = make("li");
  line.append(make("strong", "", text), ` · ${time.date(at)}`);
  if (reason) line.append(make("q", "", reason));
  return line;
}

/** Reads anew what an act on the batch may have changed, and draws it unless somebody went on meanwhile. */
export async function redraw(batch) {
  const [takeFindings, drawPayees] = await Promise.all([readFindings(batch), readPayees(batch.day)]);
  if (!isAt(batch.day)) return;
  takeFindings();
  drawBatch(batch);
  drawPayees();
}

function drawBatch(batch) {
  const { approval, day } = batch;
  put("fin-batch-heading", t("fin_batch_of", { day: dayText(day) }));
  el("fin-batch").dataset.state = batch.state;
  el("fin-batch-state").replaceChildren(tag(batch.state));
  put("fin-digest", batch.digest);
  put("fin-total", approval.totals.map(written).join(" · ") || t("fin_total_none"));
  put("fin-items", tn("fin_payouts_count", payouts(batch)));
  put("fin-creator", approval.creator);
  drawFindings(batch);
  put("fin-approval-count", t("fin_approvals_of", { have: approval.approvals.length, need: approval.need }));
  el("fin-approval-rows").replaceChildren(
    ...approval.approvals.map(({ approver, at, reason }) => person(t("fin_approved_by", { name: approver }), at, reason)),
    ...approval.rejections.map(({ actor, at, reason }) => person(t("fin_rejected_by", { name: actor }), at, reason)),
  );
  offer(batch);
}

export async function showBatch({ day }) {
  const [[batch, takeFindings], gates, drawPayees, files] = await Promise.all([
    api.batch(day).then(async (batch) => [batch, await readFindings(batch)]),
    api.gates(day),
    readPayees(day),
    readFiles(day),
  ]);
  return () => {
    takeFindings();
    drawBatch(batch);
    drawGates(gates);
    drawPayees();
    drawFiles(batch, files);
  };
}
