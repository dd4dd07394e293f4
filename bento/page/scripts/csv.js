/** What is shown as comma-separated values: numbers as the service gave them, CLP per litre. */

import { intervalOf } from "./month_rows.js";

const COLUMNS = {
  month: (row) => row.month,
  kind: (row) => row.kind,
  price_clp_per_litre: (row) => row.price,
  forecast_clp_per_litre: (row) => row.forecast,
  forecast_months_ahead: (row) => row.horizon,
  lower_80_clp_per_litre: (row) => intervalOf(row.intervals, 80)?.lower,
  upper_80_clp_per_litre: (row) => intervalOf(row.intervals, 80)?.upper,
  lower_95_clp_per_litre: (row) => intervalOf(row.intervals, 95)?.lower,
  upper_95_clp_per_litre: (row) => intervalOf(row.intervals, 95)?.upper,
  model: (row, { model }) => model,
  data: (row, { synthetic }) => (synthetic ? "synthetic sample" : "published"),
};

/** Write rows of `monthRows`, with the tag of the model and what it was trained on. */
export function csvOf(rows, forecast) {
  const lines = rows.map((row) => Object.values(COLUMNS).map((cell) => cell(row, forecast) ?? ""));
  return [Object.keys(COLUMNS), ...lines].map((cells) => `${cells.join(",")}\r\n`).join("");
}

/** Name the file for its last known month, and for what must not be overlooked. */
export function csvName(forecast, whatIf) {
  const warnings = [...(forecast.synthetic ? ["synthetic"] : []), ...(whatIf ? ["what-if"] : [])];
  return `${["milk-price", forecast.last_observed_month, ...warnings].join("-")}.csv`;
}
