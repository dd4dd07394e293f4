/** The languages of the page: which one it speaks, its texts, numbers, months and times. */

import { permanentStorage } from "./browser.js";

const LOCALES = { es: "es-CL", en: "en" };
const CHOSEN = "language";
const MINUS = "\u2212";

const buttons = document.querySelectorAll("#languages button");

let tellSpoken;

/** Resolved when the page first speaks: before, it is hidden. */
export const spoken = new Promise((resolve) => {
  tellSpoken = resolve;
});

/**
 * Speak the preferred language, and another one when its button is pressed.
 *
 * `tell` gets each: `text(key, values)` returns a text with its `{names}` filled in, the other
 * functions write values.
 */
export function offerLanguages(tell) {
  for (const button of buttons) {
    button.addEventListener("click", () => {
      permanentStorage.set(CHOSEN, button.value);
      switchTo(button.value, tell);
    });
  }
  switchTo(preferred(), tell);
}

/** Return the language chosen here before, else the browser's first that the page speaks. */
function preferred() {
  const wished = [permanentStorage.get(CHOSEN), ...navigator.languages];
  const codes = wished.map((tag) => tag?.split("-")[0]);
  return codes.find((code) => Object.hasOwn(LOCALES, code)) ?? "en";
}

async function switchTo(code, tell) {
  const answer = await fetch(`page/texts/${code}.json`);
  const texts = await answer.json();
  const text = (key, values = {}) => texts[key].replace(/\{(\w+)\}/g, (_, name) => values[name]);
  showFixedTexts(code, text);
  tell({ text, ...formatsIn(LOCALES[code]) });
}

function showFixedTexts(code, text) {
  document.documentElement.lang = LOCALES[code];
  document.title = text("page.title");
  document.querySelector("meta[name=description]").content = text("page.description");
  for (const element of document.querySelectorAll("[data-text]")) {
    element.textContent = text(element.dataset.text);
  }
  for (const element of document.querySelectorAll("[data-label]")) {
    element.setAttribute("aria-label", text(element.dataset.label));
  }
  for (const button of buttons) {
    button.setAttribute("aria-pressed", String(button.value === code));
  }
  document.documentElement.dataset.language = code;
  tellSpoken();
}

function formatsIn(locale) {
  const number = (options) => {
    const format = new Intl.NumberFormat(locale, options);
    return (value) => format.format(value).replace("-", MINUS);
  };
  const date = (options) => new Intl.DateTimeFormat(locale, options);
  const oneDecimal = { minimumFractionDigits: 1, maximumFractionDigits: 1 };
  const signed = { signDisplay: "exceptZero" };

  const count = (unit) => number({ style: "unit", unit, unitDisplay: "long" });
  const [years, months] = [count("year"), count("month")];
  const list = new Intl.ListFormat(locale);
  const month = date({ month: "long", year: "numeric", timeZone: "UTC" });
  const shortMonth = date({ month: "short", year: "numeric", timeZone: "UTC" });
  const time = date({ dateStyle: "long", timeStyle: "short" });
  const dateOf = (value) => new Date(`${value}-01T00:00:00Z`);

  return {
    decimalSign: new Intl.NumberFormat(locale)
      .formatToParts(0.5)
      .find(({ type }) => type === "decimal").value,
    price: number(oneDecimal),
    roundPrice: number({ maximumFractionDigits: 1 }),
    change: number({ ...oneDecimal, ...signed }),
    percent: number({ style: "percent", maximumFractionDigits: 0 }),
    percentChange: number({ style: "percent", ...oneDecimal, ...signed }),
    month: (value) => month.format(dateOf(value)),
    shortMonth: (value) => shortMonth.format(dateOf(value)),
    time: (value) => time.format(new Date(value)),
    age: (value) => {
      const [wholeYears, rest] = [Math.floor(value / 12), value % 12];
      return list.format([
        ...(wholeYears ? [years(wholeYears)] : []),
        ...(rest || !wholeYears ? [months(rest)] : []),
      ]);
    },
  };
}
