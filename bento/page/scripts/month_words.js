/** A month of the chart in words, for whoever points at it. */

import { FORECAST, intervalOf, OBSERVED, WHAT_IF } from "./month_rows.js";

/** Give the lines that tell of a row of `monthRows`; the first is the month. */
export function monthLines(row, language) {
  const { text, month, price } = language;
  const lines = [month(row.month)];
  if (row.kind === OBSERVED) lines.push(text("month.observed", { price: price(row.price) }));
  if (row.kind === WHAT_IF) lines.push(text("month.what_if", { price: price(row.price) }));
  if (row.forecast !== null) {
    const told = row.kind === FORECAST ? "month.forecast" : "month.made";
    lines.push(text(told, { price: price(row.forecast) }));
  }
  if (row.kind === FORECAST) {
    for (const level of [80, 95]) {
      const { lower, upper } = intervalOf(row.intervals, level);
      lines.push(text(`month.within_${level}`, { lower: price(lower), upper: price(upper) }));
    }
  }
  return lines;
}

export function monthSentence(row, language) {
  const [month, ...rest] = monthLines(row, language);
  return `${month}: ${rest.join("; ")}`;
}
