/** Months, written as the service writes them ("2021-03"), and what is shown of each. */

export const OBSERVED = "observed";
export const WHAT_IF = "what_if";
export const FORECAST = "forecast";

/** Return how many months a month lies after January of year 0. */
export function monthNumber(month) {
  const [year, ofYear] = month.split("-").map(Number);
  return 12 * year + ofYear - 1;
}

/** Return the month of a number. */
export function monthOfNumber(number) {
  const [year, ofYear] = [Math.floor(number / 12), (number % 12) + 1];
  return `${year}-${String(ofYear).padStart(2, "0")}`;
}

export function monthAfter(month, months = 1) {
  return monthOfNumber(monthNumber(month) + months);
}

/** Return how many months old a month is today. */
export function ageOf(month) {
  const today = new Date();
  return 12 * today.getFullYear() + today.getMonth() - monthNumber(month);
}

/** Return the ends of an interval; null if there is none of this level. */
export function intervalOf(intervals, level) {
  const found = intervals.find((interval) => interval.level === level);
  return found
    ? { lower: found.lower_clp_per_litre, upper: found.upper_clp_per_litre }
    : null;
}

/**
 * Return everything that is shown of each month, in time order: for the chart and the CSV file.
 *
 * Of each row: `month`, `kind`, `price` (paid, or supposed), `forecast`, `horizon` (months ahead),
 * `intervals`; null where there is none.
 */
export function monthRows(history, forecast, observations) {
  const nothing = { price: null, forecast: null, horizon: null, intervals: [] };
  return [
    ...history.months.map((known) => ({
      month: known.month,
      kind: OBSERVED,
      price: known.price_clp_per_litre,
      forecast: known.forecast_clp_per_litre,
      horizon: known.forecast_clp_per_litre === null ? null : history.horizon,
      intervals: known.intervals,
    })),
    ...observations.map((supposed) => ({
      ...nothing,
      month: supposed.month,
      kind: WHAT_IF,
      price: supposed.price_clp_per_litre,
    })),
    ...forecast.forecasts.map((coming) => ({
      ...nothing,
      month: coming.month,
      kind: FORECAST,
      forecast: coming.price_clp_per_litre,
      horizon: coming.horizon,
      intervals: coming.intervals,
    })),
  ];
}

/** Return the lines that tell of a row of `monthRows`; the first is the month. */
export function monthLines(row, { text, month, price }) {
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
