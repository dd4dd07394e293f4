/** Everything that is shown of each month, in time order: for the chart, the slider, the CSV. */

export const OBSERVED = "observed";
export const WHAT_IF = "what_if";
export const FORECAST = "forecast";

/** Give an interval's ends; null if there is none of this level. */
export function intervalOf(intervals, level) {
  const found = intervals.find((interval) => interval.level === level);
  return found
    ? { lower: found.lower_clp_per_litre, upper: found.upper_clp_per_litre }
    : null;
}

/**
 * Give a row a month: `month`, `kind`, `price` (paid, or supposed), `forecast`, `horizon` (months
 * ahead of which), `intervals`; null where there is none.
 */
export function monthRows(history, forecast, observations) {
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
      month: supposed.month,
      kind: WHAT_IF,
      price: supposed.price_clp_per_litre,
      forecast: null,
      horizon: null,
      intervals: [],
    })),
    ...forecast.forecasts.map((coming) => ({
      month: coming.month,
      kind: FORECAST,
      price: null,
      forecast: coming.price_clp_per_litre,
      horizon: coming.horizon,
      intervals: coming.intervals,
    })),
  ];
}
