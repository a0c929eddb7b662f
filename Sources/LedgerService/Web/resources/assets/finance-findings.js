// What there is to explain about a batch: its sums, and of its payouts as many as anybody reads at once.

import * as api from "./finance-api.js";
import { does, way } from "./finance-desk.js";
import { t, tn } from "./i18n.js";
import { written } from "./money.js";
import { el, make, put, show } from "./page.js";

let day = null;
let items = [];
let next = null;

const words = (code, amount) => t(`fin_finding_${code}`, { amount: amount ? written(amount) : "" });

function ofItem({ host, name, net, findings }) {
  return findings.map((code) => {
    const link = way(name, day, host, net.currency);
    link.dir = "auto";
    const line = make("li", "", `${words(code, net)} `);
    line.append(link);
    return line;
  });
}

function drawItems() {
  const rows = el("fin-finding-rows");
  for (const node of rows.querySelectorAll("li:has(a)")) node.remove();
  rows.append(...items.flatMap(ofItem));
  show("fin-findings-more", Boolean(next));
}

/** The first payouts that have something to be explained; nothing is asked for a batch that has nothing. */
export async function readFindings({ day: of, approval }) {
  const page = approval.findingsCount > 0 ? await api.items(of, { finding: "any" }) : { items: [] };
  return () => {
    day = of;
    items = page.items;
    next = page.next ?? null;
  };
}

export function drawFindings({ approval: { findings, findingsCount } }) {
  show("fin-findings", findingsCount > 0);
  put("fin-findings-count", tn("fin_findings_count", findingsCount));
  const sums = findings.filter(({ host }) => !host);
  el("fin-finding-rows").replaceChildren(...sums.map(({ code, amount }) => make("li", "", words(code, amount))));
  drawItems();
}

does("fin-findings-more", async () => {
  const of = day;
  const more = await api.items(of, { finding: "any" }, next);
  if (of !== day) return;
  items = [...items, ...more.items];
  next = more.next ?? null;
  drawItems();
});
