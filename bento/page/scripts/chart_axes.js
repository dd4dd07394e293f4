/** The axes of the chart: where a month and a price stand, and which of them are marked. */

import { makeSvg } from "./browser.js";
import { monthNumber, monthOfNumber } from "./months.js";

const MARGIN = { left: 44, right: 12, top: 8, bottom: 32 };

/** The part of the prices' span that is left free above and below them. */
const FREE = 0.06;

const MAX_PRICES = 7;
const STEPS_MONTHS = [1, 3, 6, 12, 24, 60, 120];

/** Longer spans are marked with years alone; labels need so much room. */
const LONG_MONTHS = 36;
const [YEAR_PIXELS, MONTH_PIXELS] = [50, 85];

/** Return the axes of an element: `months` is the span of their numbers, `prices` all of them. */
export function axesOf({ clientWidth, clientHeight }, { months: [from, to], prices }) {
  const [left, top] = [MARGIN.left, MARGIN.top];
  const [right, bottom] = [clientWidth - MARGIN.right, clientHeight - MARGIN.bottom];
  const [lowest, highest] = [Math.min(...prices), Math.max(...prices)];
  const free = FREE * (highest - lowest) || 1; // prices that are all equal need height too
  const [least, most] = [Math.max(0, lowest - free), highest + free];
  const pixelsPerMonth = (right - left) / (to - from);
  return {
    left,
    top,
    right,
    bottom,
    months: [from, to],
    prices: [least, most],
    pixelsPerMonth,
    x: (month) => left + (month - from) * pixelsPerMonth,
    y: (price) => bottom - ((price - least) / (most - least)) * (bottom - top),
    /** Return the month nearest to a place, as far as the axis goes. */
    monthAt: (x) => Math.min(to, Math.max(from, Math.round(from + (x - left) / pixelsPerMonth))),
  };
}

/** Draw the marks and the grid. */
export function axisMarks(axes, language) {
  const { left, right, bottom, x, y } = axes;
  return [
    ...priceTicks(axes).flatMap((price) => [
      makeSvg("path", { class: "grid", d: `M${left} ${y(price)}H${right}` }),
      makeSvg("text", { class: "price-mark", x: left - 3, y: y(price) }, language.roundPrice(price)),
    ]),
    ...monthTicks(axes, language).flatMap(({ month, label }) => [
      makeSvg("path", { class: "tick", d: `M${x(month)} ${bottom}v5` }),
      makeSvg("text", { class: "month-mark", x: x(month), y: bottom + 20 }, label),
    ]),
  ];
}

/** Return months to mark; if they are years apart, with their years. */
function monthTicks({ pixelsPerMonth, months: [from, to] }, { shortMonth }) {
  const isLong = to - from > LONG_MONTHS;
  const least = isLong ? Math.max(12, YEAR_PIXELS / pixelsPerMonth) : MONTH_PIXELS / pixelsPerMonth;
  const step = STEPS_MONTHS.find((months) => months >= least);
  const ticks = [];
  for (let month = step * Math.ceil(from / step); month <= to; month += step) {
    const name = monthOfNumber(month);
    ticks.push({ month, label: step < 12 ? shortMonth(name) : name.slice(0, 4) });
  }
  return ticks;
}

/** Return round prices to mark. */
function priceTicks({ prices: [least, most] }) {
  const rough = (most - least) / MAX_PRICES;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * [1, 2, 5, 10].find((times) => times * power >= rough);
  const ticks = [];
  for (let at = step * Math.ceil(least / step); at <= most; at += step) ticks.push(at);
  return ticks;
}
