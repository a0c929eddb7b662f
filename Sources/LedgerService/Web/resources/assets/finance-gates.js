// The gates before money moves: what each looks at, whether it lets the batch through, and why not.

import * as api from "./finance-api.js";
import { cell, does, head, mayAct, note } from "./finance-desk.js";
import * as time from "./countdown.js";
import { t, tn } from "./i18n.js";
import { el, make, put, show } from "./page.js";
import { once } from "./wish.js";

let day = null;

function row({ gate, passed, count, detail }) {
  const row = make("tr");
  row.dataset.gate = gate;
  row.dataset.passed = String(passed);
  const name = make("span", "", t(`fin_gate_${gate}`));
  const verdict = make("span", "fin-tag", t(passed ? "fin_gate_open" : "fin_gate_shut"));
  verdict.dataset.state = passed ? "settled" : "held";
  const words = make("span", "fin-why");
  if (!passed) words.append(`${tn("fin_gate_things", count)} `);
  words.append(detail);
  row.append(head(name), cell(verdict), cell(words));
  return row;
}

/** How the books stand now, and how they stood when somebody last wanted to send the batch. */
export function drawGates({ day: of, now, lastSending }) {
  day = of;
  show("fin-audit", mayAct());
  el("fin-gate-rows").replaceChildren(...now.gates.map(row));
  const shut = now.gates.filter(({ passed }) => !passed);
  el("fin-gates").dataset.passed = String(now.passed);
  const names = shut.map(({ gate }) => t(`fin_gate_${gate}`)).join(", ");
  put("fin-gates-word", now.passed ? t("fin_gates_open") : t("fin_gates_held", { names }));
  el("fin-gates-word").className = now.passed ? "notice" : "notice warn";
  show("fin-gates-last", Boolean(lastSending));
  if (lastSending) {
    put("fin-gates-last", t(lastSending.passed ? "fin_gates_sent" : "fin_gates_refused", { date: time.date(lastSending.at) }));
  }
}

does("fin-audit", async () => {
  const asked = day;
  const audit = await once("audit", asked, (key) => api.audit(key));
  const gates = await api.gates(asked);
  // Whoever looks at another batch by now reads the gates of that one.
  if (day === asked) drawGates(gates);
  note(audit.clean ? t("fin_audited", { n: audit.sequence }) : t("fin_audit_broken", { detail: audit.detail }));
});
