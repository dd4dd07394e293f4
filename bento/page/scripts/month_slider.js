/** The slider that tells of each month of the chart, for keyboards, fingers and screen readers. */

import { byId } from "./elements.js";
import { FORECAST } from "./month_rows.js";
import { monthSentence } from "./month_words.js";

const [slider, words] = ["month", "month-words"].map(byId);
let shown = [];
let spoken = null;

slider.addEventListener("input", say);

export function onMonthPicked(tell) {
  slider.addEventListener("input", () => {
    tell(shown[slider.valueAsNumber].month);
  });
}

/** Offer the rows that the chart shows; at first the next month is picked. */
export function showMonths(rows, language) {
  const picked = shown[slider.valueAsNumber]?.month;
  [shown, spoken] = [rows, language];
  const again = rows.findIndex(({ month }) => month === picked);
  const next = rows.findIndex(({ kind }) => kind === FORECAST);
  slider.max = rows.length - 1;
  slider.value = [again, next, rows.length - 1].find((at) => at >= 0);
  say();
}

function say() {
  const sentence = monthSentence(shown[slider.valueAsNumber], spoken);
  words.textContent = sentence;
  slider.setAttribute("aria-valuetext", sentence);
}
