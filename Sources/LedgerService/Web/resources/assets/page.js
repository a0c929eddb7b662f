// Small things that the room's and the host's page do alike.

import { t } from "./i18n.js";

export const el = (id) => document.getElementById(id);

export function show(id, visible) {
  el(id).hidden = !visible;
}

/** A new element with a class and a text; text never becomes markup. */
export function make(name, className = "", text = "") {
  const node = document.createElement(name);
  if (className) node.className = className;
  if (text) node.textContent = text;
  return node;
}

/** Shows why a field does not do, or that it does: beside the field and for screen readers. */
export function wrong(id, text) {
  const node = el(id);
  node.setAttribute("aria-invalid", String(Boolean(text)));
  put(`${id}-wrong`, text ?? "");
  show(`${id}-wrong`, Boolean(text));
}

/** Sets a text only when it changed, so that screen readers are not told the same thing twice. */
export function put(id, text) {
  const node = el(id);
  if (node.textContent !== text) node.textContent = text;
}

/** Says something to those who do not see the page. */
export function announce(text) {
  put("announcer", "");
  setTimeout(() => put("announcer", text), 50);
}

/** Shows a refusal in the words that came with it. */
export function showProblem(problem) {
  el("refusal").dataset.code = problem.code;
  put("refusal-title", problem.title);
  put("refusal-detail", problem.detail);
  el("refusal-next").textContent = problem.next ? `${t("problem_next")} ${problem.next}` : "";
  show("refusal", true);
  el("refusal").scrollIntoView({ block: "nearest" });
}

export function hideProblem() {
  show("refusal", false);
  delete el("refusal").dataset.code;
}

/** Copies a text; where a browser refuses, `fallback` shows it for copying by hand. */
export async function copy(text, fallback) {
  try {
    await navigator.clipboard.writeText(text);
    announce(t("copied"));
    return true;
  } catch {
    fallback(text);
    announce(t("copy_failed"));
    return false;
  }
}

/** Shows on the button itself, for two seconds, that it did its work. */
export function confirmOn(button, text) {
  const before = button.textContent;
  button.textContent = text;
  setTimeout(() => (button.textContent = before), 2000);
}

/** Asks before something that cannot be undone, `no` where the page's usual word does not fit; resolves to whether it was confirmed. Escape means no. */
export function confirm({ heading, more, yes, no }) {
  const dialog = el("confirm");
  put("confirm-heading", heading);
  put("confirm-more", more);
  put("confirm-yes", yes);
  const harmless = el("confirm-no");
  harmless.dataset.usual ??= harmless.textContent;
  put("confirm-no", no ?? harmless.dataset.usual);
  return new Promise((resolve) => {
    const close = (answer) => () => dialog.close(answer);
    const onYes = close("yes");
    const onNo = close("no");
    el("confirm-yes").addEventListener("click", onYes);
    el("confirm-no").addEventListener("click", onNo);
    dialog.returnValue = "no";
    dialog.addEventListener(
      "close",
      () => {
        el("confirm-yes").removeEventListener("click", onYes);
        el("confirm-no").removeEventListener("click", onNo);
        resolve(dialog.returnValue === "yes");
      },
      { once: true },
    );
    dialog.showModal();
    // The harmless answer has the focus.
    el("confirm-no").focus();
  });
}

/** Runs what a button starts, with the button busy meanwhile, so that a second tap does nothing. */
export async function busy(button, work) {
  if (button.getAttribute("aria-busy") === "true") return;
  button.setAttribute("aria-busy", "true");
  try {
    await work();
  } finally {
    button.removeAttribute("aria-busy");
  }
}

/** A provider's page, never less safe than this one is, and never a script; null for anything else. */
export function safePage(url) {
  const page = new URL(url, location.href);
  return ["https:", location.protocol].includes(page.protocol) ? page.href : null;
}

export function leaveTo(url) {
  const page = safePage(url);
  if (page) location.assign(page);
}

/** Where a room's gateway answers. */
export function gatewayOf(room) {
  const named = room?.gatewayURL || el("main").dataset.gateway || location.origin;
  return named.replace(/\/+$/, "");
}

/** The words for who somebody is on stage: the host by name, others by role and number. */
export function nameOf(participant, hostName) {
  if (participant.name) return participant.name;
  if (participant.role === "host" && hostName) return hostName;
  const role = t(`stage_${participant.role}`);
  return t("stage_numbered", { role, n: participant.participant });
}
