// The wallet of this device, and the counter at which it is filled.

import * as api from "./api.js";
import { t } from "./i18n.js";
import * as keep from "./keep.js";
import { typed, written } from "./money.js";
import { busy, el, put, show, showProblem } from "./page.js";
import { onDraw, sandbox } from "./visit.js";

const balanceOf = (wallet, currency) =>
  wallet.balances.find((balance) => balance.currency === currency)?.amount ?? 0;

/** This device's wallet as the server sees it; a new one where there is none or the server does not know it. */
export async function ensureWallet() {
  const kept = keep.wallet.get();
  if (kept) {
    try {
      return { ...kept, ...(await api.wallet(kept)), key: kept.key };
    } catch (problem) {
      if (problem.code !== "key_unknown" && problem.code !== "wallet_unknown") throw problem;
    }
  }
  const { holder, key } = await api.openWallet();
  keep.wallet.set({ holder, key });
  return { holder, key, balances: [] };
}

/** With test money a wallet fills itself: puts in what is missing, once for each key. */
export async function fillWithTestMoney(wallet, { amount, currency }, key) {
  if (!sandbox || amount <= 0) return;
  const missing = amount - balanceOf(wallet, currency);
  // Less than the least that a wallet takes at one time may be missing.
  if (missing > 0) await api.topUp(wallet, { amount: Math.max(missing, 100), currency }, key);
}

/** Whether the way out of a refusal leads to the counter. */
export const needsCounter = (problem) =>
  problem.code === "insufficient_funds" || problem.code === "topup_not_allowed";

/** What a refusal says is missing in the wallet; null where it says nothing of it. */
function missingOf(problem) {
  const [number = "", currency = ""] = (problem?.facts.missing ?? "").split(" ");
  return currency ? typed(number, currency) : null;
}

let isWanted = false;
let heardCounter = () => {};

/** Registers who shows other ways to fill the wallet: told what is missing, where that is known. */
export const onCounter = (heard) => (heardCounter = heard);

/** Shows the counter: for a purchase that was refused, or by itself. */
export async function openCounter(problem = null) {
  isWanted = true;
  show("counter", true);
  el("counter").open = true;
  await heardCounter(missingOf(problem));
  await showWallet();
}

async function showWallet() {
  try {
    const wallet = await ensureWallet();
    put("holder", wallet.holder);
    const amounts = wallet.balances.filter((balance) => balance.amount !== 0).map(written);
    put("balance", amounts.join(" · ") || t("counter_empty"));
    show("wallet", true);
    show("wallet-open", false);
    show("wallet-refresh", true);
  } catch (problem) {
    showProblem(problem);
  }
}

onDraw((room) => {
  const isPriced = Boolean(room.price) && (room.price.amount > 0 || isWanted);
  show("counter", !sandbox && (isWanted || (isPriced && !el("offer").hidden)));
});
el("counter").addEventListener("toggle", () => el("counter").open && heardCounter(null));
el("wallet-open").addEventListener("click", () => busy(el("wallet-open"), showWallet));
el("wallet-refresh").addEventListener("click", () => busy(el("wallet-refresh"), showWallet));
