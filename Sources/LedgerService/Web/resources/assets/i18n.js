// The page's words in the page's language, the same file that the server renders from.

export const language = document.documentElement.lang;

/** The visitor's own region of that language, for dates and amounts: en-US keeps its month first. */
export const locale =
  (navigator.languages ?? []).find((tag) => tag.toLowerCase().split("-")[0] === language) ??
  (language === "fr" ? "fr-FR" : "en-GB");

const response = await fetch(new URL(`web-texts-${language}.json`, import.meta.url));
const texts = response.ok ? await response.json() : {};
const plurals = new Intl.PluralRules(language);

/** Whether the page has words of its own for something. */
export const has = (key) => key in texts;

/** The text of a key with its {names} filled. */
export function t(key, facts = {}) {
  return (texts[key] ?? key).replace(/\{(\w+)\}/g, (whole, name) => (name in facts ? String(facts[name]) : whole));
}

/** The text for a count: `key_one` or `key_other`. */
export function tn(key, n, facts = {}) {
  const shown = new Intl.NumberFormat(locale).format(n);
  return t(`${key}_${plurals.select(n) === "one" ? "one" : "other"}`, { n: shown, ...facts });
}
