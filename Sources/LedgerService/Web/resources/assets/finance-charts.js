// Three looks at the money: what nights paid, what hosts owe and since when, and what funds have given of their budgets.

import { bars } from "./chart.js";
import * as api from "./finance-api.js";
import { shortDay } from "./finance-words.js";
import { t } from "./i18n.js";
import { written } from "./money.js";
import { el, show } from "./page.js";

/** Nights on a drawing: two weeks are read at a glance. */
const nights = 14;
/** Funds whose months are asked for one by one. */
const fundsAsked = 12;

const ages = ["to_30", "to_60", "to_90", "over_90"];

const byCurrency = (list, currencyOf) => Map.groupBy?.(list, currencyOf) ?? grouped(list, currencyOf);

function grouped(list, currencyOf) {
  const groups = new Map();
  for (const one of list) groups.set(currencyOf(one), [...(groups.get(currencyOf(one)) ?? []), one]);
  return groups;
}

function payouts(batches) {
  const totals = batches.slice(0, nights).flatMap(({ day, totals: sums }) => sums.map((sum) => ({ day, sum })));
  return [...byCurrency(totals, ({ sum }) => sum.currency)].map(([currency, list]) =>
    bars(
      t("fin_chart_payouts", { currency }),
      t("fin_chart_payouts_more"),
      list.map(({ day, sum }) => ({ label: shortDay(day), value: sum.amount, words: written(sum) })),
    ),
  );
}

function owed({ rows }) {
  return [...byCurrency(rows, ({ currency }) => currency)].map(([currency, list]) =>
    bars(
      t("fin_chart_owed", { currency }),
      t("fin_chart_owed_more"),
      ages.map((age) => {
        const amount = list.reduce((sum, row) => sum + row[age], 0);
        return { label: t(`fin_age_${age}`), value: -amount, words: written({ amount, currency }) };
      }),
    ),
  );
}

/** What the last closed month of each fund gave of what it had. */
function budgets(funds) {
  const closed = funds
    .map(({ terms, months }) => ({ terms, month: months.at(-1) }))
    .filter(({ month }) => month);
  return [...byCurrency(closed, ({ month }) => month.amount.currency)].map(([currency, list]) =>
    bars(
      t("fin_chart_funds", { currency }),
      t("fin_chart_funds_more"),
      list.map(({ terms, month }) => {
        const given = { amount: month.given, currency };
        const words = t("fin_fund_given", { given: written(given), budget: written(month.amount) });
        return { label: `${terms.name} ${month.month}`, value: month.given, of: month.amount.amount, words };
      }),
    ),
  );
}

/** Reads what the drawings need; a report that can't be had leaves its drawing out and nothing else. */
export async function readCharts(batches) {
  const last = batches[0]?.day;
  const [aged, list] = await Promise.all([
    last ? api.aged(last).catch(() => ({ rows: [] })) : { rows: [] },
    api.funds().catch(() => ({ funds: [] })),
  ]);
  const funds = await Promise.all(list.funds.slice(0, fundsAsked).map(({ name }) => api.fund(name).catch(() => null)));
  return { batches, aged, funds: funds.filter(Boolean) };
}

export function drawCharts({ batches, aged, funds }) {
  const figures = [...payouts(batches), ...owed(aged), ...budgets(funds)];
  el("fin-charts").replaceChildren(...figures);
  show("fin-charts-empty", figures.length === 0);
}
