/** The languages of the page: which one to speak, and its words and formats. */

import { formatsIn } from "./formats.js";
import { forever } from "./memory.js";

const LOCALES = { es: "es-CL", en: "en" };
const CHOSEN = "language";

let tellSpoken;

/** Comes true when the page first speaks: before, it is hidden. */
export const spoken = new Promise((resolve) => {
  tellSpoken = resolve;
});

/** Give the language chosen here before, else the first of the browser's that the page speaks. */
export function preferredLanguage() {
  const wished = [forever.recall(CHOSEN), ...navigator.languages];
  const codes = wished.map((tag) => tag?.split("-")[0]);
  return codes.find((code) => Object.hasOwn(LOCALES, code)) ?? "en";
}

export function rememberLanguage(code) {
  forever.keep(CHOSEN, code);
}

/**
 * Load a language.
 *
 * `text(key, values)` gives a text with its `{names}` filled in.
 */
export async function loadLanguage(code) {
  const answer = await fetch(`/page/texts/${code}.json`);
  const texts = await answer.json();
  const text = (key, values = {}) => texts[key].replace(/\{(\w+)\}/g, (_, name) => values[name]);
  return { code, locale: LOCALES[code], text, ...formatsIn(LOCALES[code]) };
}

/** Put the page's fixed texts and labels into a language. */
export function speak(language) {
  document.documentElement.lang = language.locale;
  document.title = language.text("page.title");
  document.querySelector("meta[name=description]").content = language.text("page.description");
  for (const element of document.querySelectorAll("[data-text]")) {
    element.textContent = language.text(element.dataset.text);
  }
  for (const element of document.querySelectorAll("[data-label]")) {
    element.setAttribute("aria-label", language.text(element.dataset.label));
  }
  document.documentElement.dataset.language = language.code;
  tellSpoken();
}
