// Words that several parts of the finance page say alike.

import { locale } from "./i18n.js";

/** A business day as people write it. It is a date without a time, so no zone may move it. */
export function dayText(day) {
  const format = { weekday: "short", day: "numeric", month: "short", year: "numeric", timeZone: "UTC" };
  return new Intl.DateTimeFormat(locale, format).format(new Date(`${day}T00:00:00Z`));
}

/** The same, for the axis of a chart. */
export function shortDay(day) {
  return new Intl.DateTimeFormat(locale, { day: "numeric", month: "short", timeZone: "UTC" }).format(
    new Date(`${day}T00:00:00Z`),
  );
}

/** An id that is too long to read, with its whole in the title. */
export const short = (text) => (text.length > 18 ? `${text.slice(0, 12)}…` : text);
