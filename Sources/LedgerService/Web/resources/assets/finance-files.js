// Reports of a night, files for the bank, and pages to print: fetched with the key, kept as they came.

import * as api from "./finance-api.js";
import { actOn, does, mayAct, note } from "./finance-desk.js";
import { t } from "./i18n.js";
import { written } from "./money.js";
import { el, make, show } from "./page.js";
import { once } from "./wish.js";

let day = null;
let statement = null;

/** Saves a file under its name. A link can't carry a key, so the bytes are fetched and handed to the browser. */
async function save(path, name) {
  const link = make("a");
  link.href = URL.createObjectURL(await api.file(path));
  link.download = name;
  link.click();
  // The browser has taken it by then.
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
  note(t("fin_saved", { name }));
}

function row(name, words, path) {
  const row = make("li", "fin-file");
  const button = make("button", "button small", name);
  button.type = "button";
  button.dataset.file = name;
  button.setAttribute("aria-label", t("fin_save_named", { name }));
  button.addEventListener("click", () => actOn(button, () => save(path, name)));
  row.append(button, make("span", "hint", words));
  return row;
}

function bankRows({ files }) {
  const formatEnd = (format) => (format === "nacha" ? "ach" : "xml");
  return files.flatMap((file) =>
    file.formats.map((format) => {
      const path = `/v1/payout-batches/${day}/files/${file.file}?format=${format}`;
      return row(`${file.messageID}.${format}.${formatEnd(format)}`, `${format} · ${written(file.total)}`, path);
    }),
  );
}

export const readFiles = async (of) => {
  const [reports, bank] = await Promise.all([api.reports(of), api.bankFiles(of)]);
  return { reports: reports.reports, bank };
};

const kilobytes = (bytes) => t("fin_kilobytes", { n: Math.max(1, Math.round(bytes / 1000)) });

export function drawFiles(batch, { reports, bank }) {
  ({ day } = batch);
  // Statements are of one host: they are where the host is.
  const shown = reports.filter(({ name }) => !name.startsWith("statement-"));
  el("fin-reports").replaceChildren(
    ...shown.map(({ name, bytes }) => row(name, kilobytes(bytes), `/v1/reports/${name}?day=${day}`)),
  );
  el("fin-bank").replaceChildren(...bankRows(bank));
  show("fin-bank-empty", bank.files.length === 0);
  show("fin-bank-make", mayAct() && ["sent", "settled"].includes(batch.state));
}

async function makeFile(family) {
  await once("bank", { day, family }, (key) => api.makeFile(day, family, key));
  const bank = await api.bankFiles(day);
  el("fin-bank").replaceChildren(...bankRows(bank));
  show("fin-bank-empty", bank.files.length === 0);
  note(t("fin_bank_made"));
}

/** Opens a page of the night in a window of its own, where it can be printed: its address holds for an hour. */
async function open(file, of) {
  const { url } = await api.reportLink(of);
  const address = url.replace(/[^/]+$/, file);
  if (!window.open(address, "_blank", "noopener")) note(t("fin_opened"));
}

/** Says whose statement the payee's view prints. */
export function openStatement(of, host) {
  statement = { of, host };
}

does("fin-print", () => open("report.html", day));
does("fin-statement", () => open(`statement-${statement.host}.html`, statement.of));
function saveStatement(format) {
  const name = `statement-${statement.host}.${format}`;
  return save(`/v1/reports/${name}?day=${statement.of}`, name);
}

does("fin-statement-csv", () => saveStatement("csv"));
does("fin-statement-xlsx", () => saveStatement("xlsx"));
does("fin-make-sepa", () => makeFile("sepa"));
does("fin-make-nacha", () => makeFile("nacha"));
