// Amounts are integers of the minor unit and stay integers: text is made by moving the point, never by dividing.

import { locale } from "./i18n.js";

function formatter(currency) {
  return new Intl.NumberFormat(locale, { style: "currency", currency });
}

function decimal(amount, digits) {
  const text = String(Math.abs(amount)).padStart(digits + 1, "0");
  const cut = text.length - digits;
  return (amount < 0 ? "-" : "") + text.slice(0, cut) + (digits > 0 ? "." + text.slice(cut) : "");
}

/** {amount: 500, currency: "EUR"} as the visitor writes it: €5.00, 5,00 €. */
export function written({ amount, currency }) {
  const format = formatter(currency);
  return format.format(decimal(amount, format.resolvedOptions().maximumFractionDigits));
}

export const isFree = (price) => price.amount === 0;
