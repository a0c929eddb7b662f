// The form that opens a room from a pasted link or number.

import { el, show } from "./page.js";

const pattern = /\b(room_[0-7][0-9a-hjkmnp-tv-z]{25})\b/;

el("open-room").addEventListener("submit", (event) => {
  event.preventDefault();
  const input = el("room-link");
  const found = pattern.exec(input.value.trim().toLowerCase());
  show("room-link-wrong", !found);
  input.setAttribute("aria-invalid", String(!found));
  if (!found) {
    input.focus();
    return;
  }
  // A ticket link keeps its ticket.
  const fragment = /#ticket=[\w.-]+$/.exec(input.value.trim())?.[0] ?? "";
  location.href = `/r/${found[1]}${fragment}`;
});
