// The buyer's country, where the tax follows it: said once, and the same in every form of the page that asks for it.

import { countryNames } from "./countries.js";
import * as keep from "./keep.js";
import { el, show } from "./page.js";

const fields = ["country", "wait-country"].filter((id) => el(id));
let isAsked = false;
let heardCountry = () => {};

/** Registers what follows when the visitor says another country. */
export const onCountry = (heard) => (heardCountry = heard);

/** What the visitor says; null where nobody asks, or nothing is said. */
export const country = () => (isAsked ? el(fields[0]).value || null : null);

/** Shows the fields where the room's policy asks for the country, with what was said the last time. */
export function askCountry(isWanted) {
  isAsked = isWanted;
  for (const id of fields) {
    show(`${id}-field`, isAsked);
    if (!isAsked || el(id).options.length > 1) continue;
    for (const [code, name] of countryNames()) el(id).append(new Option(name, code));
    el(id).value = keep.country.get() ?? "";
  }
}

for (const id of fields) {
  el(id).addEventListener("change", () => {
    for (const other of fields) el(other).value = el(id).value;
    keep.country.set(el(id).value || null);
    heardCountry();
  });
}
