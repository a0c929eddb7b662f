// The page on which test money is paid: the buyer's and the bank's part of a payment that moves no real money.

import * as api from "./api.js";
import { written } from "./money.js";
import { busy, el, hideProblem, put, show, showProblem } from "./page.js";

const { checkout } = el("main").dataset;
let page = null;

async function read() {
  try {
    page = await api.sandboxCheckout(checkout);
  } catch (problem) {
    return showProblem(problem);
  }
  put("pay-title", page.title);
  put("pay-amount", written(page.amount));
  show("pay-form", true);
  el("pay-left").href = `${page.returnTo}#payment=left`;
}

/** Plays what the button says; then back, as a provider sends a buyer back. */
async function play(button) {
  hideProblem();
  try {
    await api.playSandbox(checkout, button.dataset.outcome);
    location.assign(`${page.returnTo}#payment=${button.dataset.outcome === "expire" ? "left" : "done"}`);
  } catch (problem) {
    showProblem(problem);
  }
}

for (const button of el("pay-form").querySelectorAll("button")) {
  button.addEventListener("click", () => busy(button, () => play(button)));
}
el("refusal-close").addEventListener("click", hideProblem);
await read();
