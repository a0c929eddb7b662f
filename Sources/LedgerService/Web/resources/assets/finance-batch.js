// One batch: where it stands, what there is to explain, who agreed, and what holds it.

import * as api from "./finance-api.js";
import { offer } from "./finance-acts.js";
import { way } from "./finance-desk.js";
import { drawFiles, readFiles } from "./finance-files.js";
import { drawGates } from "./finance-gates.js";
import { tag } from "./finance-list.js";
import { drawPayees } from "./finance-payees.js";
import { dayText, short } from "./finance-words.js";
import * as time from "./countdown.js";
import { t, tn } from "./i18n.js";
import { written } from "./money.js";
import { el, make, put, show } from "./page.js";

function finding({ code, host, amount }, day) {
  const line = make("li");
  line.append(t(`fin_finding_${code}`, { amount: amount ? written(amount) : "" }));
  if (host) line.append(" ", way(short(host), day, host, amount?.currency ?? "EUR"));
  return line;
}

function person(text, at, reason) {
  const line = make("li");
  line.append(make("strong", "", text), ` · ${time.date(at)}`);
  if (reason) line.append(make("q", "", reason));
  return line;
}

/** Draws what the batch's own answer says; after an act again. */
export function drawBatch(batch) {
  const { approval, day } = batch;
  put("fin-batch-heading", t("fin_batch_of", { day: dayText(day) }));
  el("fin-batch").dataset.state = batch.state;
  el("fin-batch-state").replaceChildren(tag(batch.state));
  put("fin-digest", batch.digest);
  put("fin-total", approval.totals.map(written).join(" · ") || t("fin_total_none"));
  put("fin-items", tn("fin_payouts_count", batch.items.length));
  put("fin-creator", approval.creator);
  show("fin-findings", approval.findings.length > 0);
  el("fin-finding-rows").replaceChildren(...approval.findings.map((one) => finding(one, day)));
  put("fin-approval-count", t("fin_approvals_of", { have: approval.approvals.length, need: approval.need }));
  el("fin-approval-rows").replaceChildren(
    ...approval.approvals.map(({ approver, at, reason }) => person(t("fin_approved_by", { name: approver }), at, reason)),
    ...approval.rejections.map(({ actor, at, reason }) => person(t("fin_rejected_by", { name: actor }), at, reason)),
  );
  offer(batch);
}

export async function showBatch({ day }) {
  const [batch, gates, payees, files] = await Promise.all([
    api.batch(day),
    api.gates(day),
    api.payees(day),
    readFiles(day),
  ]);
  return () => {
    drawBatch(batch);
    drawGates(gates);
    drawPayees(day, payees);
    drawFiles(batch, files);
  };
}
