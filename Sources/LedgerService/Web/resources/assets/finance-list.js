// The batches of all nights, the last one first.

import * as api from "./finance-api.js";
import { drawCharts, readCharts } from "./finance-charts.js";
import { cell, does, head, way } from "./finance-desk.js";
import { dayText } from "./finance-words.js";
import { t, tn } from "./i18n.js";
import { written } from "./money.js";
import { el, make, show } from "./page.js";

let shown = [];
let next = null;

/** The state of a batch as a tag, by colour and by word. */
export function tag(state) {
  const node = make("span", "fin-tag", t(`fin_state_${state}`));
  node.dataset.state = state;
  return node;
}

function row(batch) {
  const row = make("tr");
  row.dataset.day = batch.day;
  const totals = batch.totals.map(written).join(" · ") || "–";
  const approvals = t("fin_approvals_of", { have: batch.approvals, need: batch.need });
  row.append(
    head(way(dayText(batch.day), batch.day)),
    cell(tag(batch.state)),
    cell(totals, "figures amount"),
    cell(String(batch.items), "figures amount"),
    cell(approvals),
  );
  return row;
}

function draw() {
  el("fin-batches").replaceChildren(...shown.map(row));
  show("fin-list-empty", shown.length === 0);
  show("fin-batches-more", Boolean(next));
  el("fin-count").textContent = tn("fin_batches_count", shown.length);
}

export async function showList() {
  const first = await api.batches();
  const charts = await readCharts(first.batches);
  return () => {
    shown = first.batches;
    next = first.next ?? null;
    draw();
    drawCharts(charts);
  };
}

does("fin-batches-more", async () => {
  const more = await api.batches(next);
  shown = [...shown, ...more.batches];
  next = more.next ?? null;
  draw();
});
