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

const digitsOf = (currency) => formatter(currency).resolvedOptions().maximumFractionDigits;

/** The amount as a person types it into a field: 5, 5.00, 5,00. Null for what is no amount. */
export function typed(text, currency) {
  const digits = digitsOf(currency);
  const parts = /^(\d{1,9})(?:[.,](\d+))?$/.exec(text.replace(/[\s\u00a0\u202f]/g, ""));
  if (!parts || (parts[2] ?? "").length > digits) return null;
  return { amount: Number(parts[1] + (parts[2] ?? "").padEnd(digits, "0")), currency };
}

/** The amount as a field shows it, in the visitor's own way of writing. */
export function plain({ amount, currency }) {
  const text = decimal(amount, digitsOf(currency)).replace(/\.0+$/, "");
  const comma = formatter(currency).formatToParts(1.5).find((part) => part.type === "decimal")?.value ?? ".";
  return text.replace(".", comma);
}

export const times = ({ amount, currency }, count) => ({ amount: amount * count, currency });

export const isFree = (price) => price.amount === 0;
