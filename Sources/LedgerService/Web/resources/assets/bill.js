// What something costs, line by line, and what it books: the very postings that the server has answered with.

import { locale, t } from "./i18n.js";
import { times, written } from "./money.js";
import { el, make, show } from "./page.js";

export function line(name, amount, className = "", account = "") {
  const row = make("tr", className);
  const head = make("th", "", name);
  head.scope = "row";
  if (account) head.append(make("code", "", account));
  row.append(head, make("td", "figures", written(amount)));
  return row;
}

/** The total of so many of one kind, and the tax and the fee that are inside of it, given of each. */
export function totals(total, { vat, fee }, count) {
  const rows = [line(t("quote_total"), total, "total")];
  if (vat.amount > 0) rows.push(line(t("quote_vat"), times(vat, count), "within"));
  if (fee.amount > 0) rows.push(line(t("quote_fee"), times(fee, count), "within"));
  return rows;
}

/** What an account is for, in words. */
function purpose(account) {
  const vat = /^liabilities:vat(?::([a-z]{2})-(\d+))?$/.exec(account);
  if (vat) {
    const percent = new Intl.NumberFormat(locale, { style: "percent", maximumFractionDigits: 2 });
    return vat[1] ? t("book_vat_of", { country: vat[1].toUpperCase(), rate: percent.format(vat[2] / 10_000) }) : t("book_vat");
  }
  if (account.startsWith("liabilities:escrow:")) return t("book_escrow");
  return t(/^(assets|expenses):/.test(account) ? "book_fee" : "book_other");
}

/**
 * Draws postings into a body of a table, in a `<details>` that is hidden where there are none. Each leg leaves the wallet;
 * its row says for what, and under which name the books have it.
 */
export function drawPostings(id, legs = []) {
  show(`${id}-more`, legs.length > 0);
  el(id).replaceChildren(...legs.map(({ credit, amount }) => line(purpose(credit), amount, "posting", credit)));
}
