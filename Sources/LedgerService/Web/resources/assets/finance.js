// The page of whoever answers for the money: batches, their payees, orders and postings, opened with a key of finance.

import { financeKey, does, setFinanceKey } from "./finance-desk.js";
import { showBatch } from "./finance-batch.js";
import { showOrder, showPayee } from "./finance-explain.js";
import { showList } from "./finance-list.js";
import { t } from "./i18n.js";
import { announce, el, hideProblem, show, showProblem, wrong } from "./page.js";

const views = ["fin-list", "fin-batch", "fin-payee", "fin-order"];
let turns = 0;

/** Where the address points: a day, a payee of it, an order of theirs. What is no such place is the list. */
function place() {
  const [day, host, currency, order] = location.hash.replace(/^#\/?/, "").split("?")[0].split("/");
  if (!/^\d{4}-\d\d-\d\d$/.test(day ?? "")) return {};
  if (!/^host_[0-9a-z]{26}$/.test(host ?? "") || !/^[A-Z]{3}$/.test(currency ?? "")) return { day };
  return /^order_[0-9a-z]{26}$/.test(order ?? "") ? { day, host, currency, order } : { day, host, currency };
}

function viewOf({ day, host, order }) {
  if (order) return { id: "fin-order", read: showOrder };
  if (host) return { id: "fin-payee", read: showPayee };
  return day ? { id: "fin-batch", read: showBatch } : { id: "fin-list", read: showList };
}

/** Reads the place first and draws it then: an answer that comes after somebody went on is dropped. */
async function go({ moves = true } = {}) {
  const turn = ++turns;
  const at = place();
  const { id, read } = viewOf(at);
  hideProblem();
  show("fin-note", false);
  el("fin-body").setAttribute("aria-busy", "true");
  try {
    const draw = await read(at);
    if (turn !== turns) return;
    draw();
    for (const view of views) show(view, view === id);
    const heading = el(`${id}-heading`);
    document.title = `${heading.textContent} · ${t("fin_heading")} · Guichet`;
    if (moves) heading.focus();
    announce(heading.textContent);
  } catch (problem) {
    if (turn === turns) showProblem(problem);
  } finally {
    if (turn === turns) el("fin-body").removeAttribute("aria-busy");
  }
}

async function open({ moves = true } = {}) {
  const key = financeKey();
  show("fin-key-form", !key);
  show("fin-body", Boolean(key));
  show("fin-close", Boolean(key));
  if (key) await go({ moves });
}

el("fin-key-form").addEventListener("submit", (event) => {
  event.preventDefault();
  const text = el("fin-key").value.trim();
  const fits = /^gk_(finance|operator|auditor)_[\w-]{43}$/.test(text);
  wrong("fin-key", fits ? null : t("fin_key_wrong"));
  if (!fits) return el("fin-key").focus();
  el("fin-key").value = "";
  setFinanceKey(text);
  open();
});
does("fin-close", async () => {
  setFinanceKey(null);
  // Nothing that the key has read stays on the page.
  location.replace("/finance");
});
el("refusal-close").addEventListener("click", hideProblem);
addEventListener("hashchange", () => financeKey() && go());
open({ moves: false });
