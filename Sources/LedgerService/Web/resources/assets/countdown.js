// Time as visitors read it: phases of a room, durations, dates in their own zone.

import { now } from "./api.js";
import { locale, t, tn } from "./i18n.js";

/** The phase of a room; the server has the same ladder for the page's first paint. */
export function phaseOf(room, at = now()) {
  if (room.state === "cancelled") return "cancelled";
  if (room.state === "closed" || at >= Date.parse(room.endsAt)) return "ended";
  if (at < Date.parse(room.doorsOpenAt)) return "upcoming";
  if (room.state !== "open") return "waiting";
  return at < Date.parse(room.startsAt) ? "doors" : "live";
}

/** What a visitor waits for next: {label, until} or null. */
export function nextMoment(room, at = now()) {
  const doors = Date.parse(room.doorsOpenAt);
  const starts = Date.parse(room.startsAt);
  switch (phaseOf(room, at)) {
    case "upcoming":
      return { label: t("room_count_doors"), until: doors };
    case "waiting":
    case "doors":
      return at < starts ? { label: t("room_count_start"), until: starts } : null;
    case "live":
      return { label: t("room_count_end"), until: Date.parse(room.endsAt) };
    default:
      return null;
  }
}

const two = (n) => String(n).padStart(2, "0");

/** 4:05, 1:04:05, 2 days 1:04:05. Counts down to 0:00 and stays there. */
export function clock(milliseconds) {
  const seconds = Math.max(0, Math.ceil(milliseconds / 1000));
  const days = Math.floor(seconds / 86400);
  const hours = Math.floor((seconds % 86400) / 3600);
  const minutes = Math.floor((seconds % 3600) / 60);
  const rest = `${two(minutes)}:${two(seconds % 60)}`;
  if (days > 0) return `${tn("time_days", days)} ${hours}:${rest}`;
  return hours > 0 ? `${hours}:${rest}` : `${minutes}:${two(seconds % 60)}`;
}

/** 45 min, 1 h, 1 h 30 min. */
export function length(milliseconds) {
  const minutes = Math.max(0, Math.round(milliseconds / 60000));
  const parts = [];
  if (minutes >= 60) parts.push(`${Math.floor(minutes / 60)}\u00a0h`);
  if (minutes % 60 > 0 || minutes === 0) parts.push(`${minutes % 60}\u00a0min`);
  return parts.join(" ");
}

/** The day and time of an instant in the visitor's zone. */
export function date(instant) {
  const format = { weekday: "long", day: "numeric", month: "long", hour: "numeric", minute: "2-digit" };
  if (new Date(instant).getFullYear() !== new Date(now()).getFullYear()) format.year = "numeric";
  return new Intl.DateTimeFormat(locale, format).format(new Date(instant));
}

export function timeOfDay(instant) {
  return new Intl.DateTimeFormat(locale, { hour: "numeric", minute: "2-digit" }).format(new Date(instant));
}

/** The visitor's zone by name, so that nobody has to guess which midnight is meant. */
export const zone = () => new Intl.DateTimeFormat().resolvedOptions().timeZone.replaceAll("_", " ");

/** Calls `tick` at once and at the beginning of every second. */
export function everySecond(tick) {
  tick();
  setTimeout(() => everySecond(tick), 1000 - (now() % 1000) + 5);
}
