// The host's order of the stage: hands in their order, invitations, the lock, who may speak, who takes over.

import * as api from "./api.js";
import * as time from "./countdown.js";
import { t, tn } from "./i18n.js";
import { announce, busy, el, hideProblem, make, nameOf, put, show, showProblem } from "./page.js";

let asked = null;
let role = "host";

/** `ask` gives {base, room, token} and what to do after a command; `role` is what the pass says. */
export function openOrder(ask, ticketRole) {
  asked = ask;
  role = ticketRole;
}

async function command(name, body, said) {
  hideProblem();
  const { base, room, token, then } = asked();
  try {
    await api.onStage(base, room, token, name, body);
    if (said) announce(said);
  } catch (problem) {
    showProblem(problem);
  }
  await then();
}

function button(text, label, name, work, style = "") {
  const one = make("button", `button small ${style}`.trim(), text);
  one.type = "button";
  one.dataset.test = name;
  one.setAttribute("aria-label", label);
  one.addEventListener("click", () => busy(one, work));
  return one;
}

/** What the stage's view says about hands and order. */
export function drawOrder(view, hostName) {
  const people = new Map(view.participants.map((person) => [person.participant, person]));
  const focused = document.activeElement?.closest("#hands li")?.dataset.participant;
  const rows = (view.hands ?? []).map((hand, index) => handRow(hand, index, people.get(hand.participant), hostName));
  el("hands").replaceChildren(...rows);
  // A list that changes under the fingers keeps the focus on the same person.
  if (focused) rows.find((row) => row.dataset.participant === focused)?.querySelector("button")?.focus();
  show("hands-empty", rows.length === 0);
  put("hand-count", tn("order_hands", view.handCount ?? 0));
  el("stage-lock").setAttribute("aria-pressed", String(view.locked));
  put("stage-lock", t(view.locked ? "order_unlock" : "order_lock"));
  if (document.activeElement !== el("stage-mode")) el("stage-mode").value = view.mode;
  el("stage-mode").disabled = role !== "host" && view.lead?.state !== "cohost";
  const words = { missing: "lead_missing", cohost: "lead_cohost", paused: "lead_paused", cleared: "lead_cleared" };
  const lead = words[view.lead?.state];
  show("room-lead", Boolean(lead));
  if (lead) put("room-lead", t(lead, { time: view.lead.clearsAt ? time.timeOfDay(view.lead.clearsAt) : "" }));
}

function handRow(hand, index, person, hostName) {
  const row = make("li", "person");
  row.dataset.participant = hand.participant;
  const name = nameOf(person ?? { role: "listener", participant: hand.participant }, hostName);
  const who = make("span", "who");
  const strong = make("strong", "", name);
  strong.dir = "auto";
  who.append(strong, make("span", "word", t("order_hand", { n: index + 1, time: time.timeOfDay(hand.raisedAt) })));
  row.append(who);
  if (hand.admission) {
    const actions = make("span", "actions");
    actions.append(
      inviteButton(hand.admission, name),
      button(t("order_lower"), t("order_lower_named", { name }), "lower-hand", () =>
        command("hand", { raised: false, admission: hand.admission }, t("order_lowered", { name })),
      ),
    );
    row.append(actions);
  }
  return row;
}

const inviteButton = (admission, name) =>
  button(t("order_invite"), t("order_invite_named", { name }), "invite", () =>
    command("invite", { admission }, t("order_invited", { name })),
  );

/** Buttons for one person in the list of those who are here. */
export function orderButtons(person, name, cohosts) {
  const { admission } = person;
  if (person.onStage && (person.role !== "cohost" || role === "host")) {
    return [
      button(t("order_dismiss"), t("order_dismiss_named", { name }), "dismiss", () =>
        command("dismiss", { admission }, t("order_dismissed", { name })),
      ),
    ];
  }
  if (person.invited) {
    return [
      button(t("order_withdraw"), t("order_withdraw_named", { name }), "withdraw", () =>
        command("withdraw", { admission }, t("order_withdrawn", { name })),
      ),
    ];
  }
  if (person.role === "listener") return [inviteButton(admission, name)];
  if (person.role === "cohost" && role === "host") {
    const others = cohosts.filter((one) => one !== admission);
    return [
      button(t("order_next"), t("order_next_named", { name }), "name-next", () =>
        command("succession", { admissions: [admission, ...others].slice(0, 2) }, t("order_next_done", { name })),
      ),
    ];
  }
  return [];
}

el("stage-lock").addEventListener("click", () =>
  busy(el("stage-lock"), () => {
    const locked = el("stage-lock").getAttribute("aria-pressed") !== "true";
    return command("lock", { locked }, t(locked ? "order_locked" : "order_unlocked"));
  }),
);
el("stage-mode").addEventListener("change", () => command("mode", { mode: el("stage-mode").value }));
