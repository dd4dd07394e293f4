/** Where the axes of the chart are marked, and with what. */

import { dateOf, monthAfter, monthsBetween } from "./months.js";

const PIXELS_EACH = 80;
const MOST_PRICES = 7;
const STEPS_MONTHS = [1, 3, 6, 12, 24, 60, 120];
const LONG_MONTHS = 36;

/** Mark months within a span `[from, to]`; if they are years apart, by their years. */
export function monthTicks([from, to], { width, language }) {
  const [first, last] = [from, to].map((date) => date.slice(0, 7));
  const room = Math.max(2, width / PIXELS_EACH);
  const length = monthsBetween(first, last);
  const least = Math.max(length / room, length > LONG_MONTHS ? 12 : 1);
  const step = STEPS_MONTHS.find((months) => months >= least);
  const start = monthAfter("1900-01", step * Math.ceil(monthsBetween("1900-01", first) / step));
  const ticks = [];
  for (let month = start; month <= last; month = monthAfter(month, step)) {
    const label = step < 12 ? language.shortMonth(month) : String(dateOf(month).getUTCFullYear());
    ticks.push({ at: month, label });
  }
  return ticks;
}

/** Mark round prices within `[least, most]`. */
export function priceTicks([least, most], { roundPrice }) {
  const rough = (most - least) / MOST_PRICES;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * [1, 2, 5, 10].find((times) => times * power >= rough);
  const ticks = [];
  for (let at = step * Math.ceil(least / step); at <= most; at += step) {
    ticks.push({ at, label: roundPrice(at) });
  }
  return ticks;
}
