// The host's office: opened with the key of the host's account, which sells, gives back and moves money.

import { act, hostKey, readAll, setHostKey } from "./desk.js";
import { t } from "./i18n.js";
import "./office-cancel.js";
import "./office-door.js";
import "./office-move.js";
import "./office-prices.js";
import "./office-tips.js";
import "./office-vouchers.js";
import { el, show, wrong } from "./page.js";

async function open() {
  const key = hostKey();
  show("key-form", !key);
  show("office-body", Boolean(key));
  if (key) await readAll();
}

function takeKey() {
  const text = el("host-key").value.trim();
  const fits = /^gk_host_[\w-]{43}$/.test(text);
  wrong("host-key", fits ? null : t("office_key_wrong"));
  if (!fits) return el("host-key").focus();
  el("host-key").value = "";
  setHostKey(text);
  return open();
}

el("key-form").addEventListener("submit", (event) => {
  event.preventDefault();
  takeKey();
});
el("key-forget").addEventListener("click", () =>
  act("key-forget", async () => {
    setHostKey(null);
    await open();
  }),
);
open();
