/** The coming months as a table, and all that is shown as a CSV file. */

import { byId, downloadCsv, make } from "./browser.js";
import { intervalOf } from "./months.js";

/** The columns: ASCII alone, so that no program has to guess the encoding. Prices in CLP per litre. */
const CSV_COLUMNS = {
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

export function showTable(forecast, { text, month, shortMonth, price }) {
  byId("months-caption").textContent = text("table.caption", {
    month: month(forecast.last_observed_month),
    price: price(forecast.last_observed_price_clp_per_litre),
  });
  const between = (intervals, level) => {
    const { lower, upper } = intervalOf(intervals, level);
    return text("table.between", { lower: price(lower), upper: price(upper) });
  };
  byId("months").replaceChildren(
    ...forecast.forecasts.map((coming) =>
      make(
        "tr",
        {},
        make("th", { scope: "row" }, shortMonth(coming.month)),
        make("td", { className: "price" }, price(coming.price_clp_per_litre)),
        make("td", {}, between(coming.intervals, 80)),
        make("td", {}, between(coming.intervals, 95)),
      ),
    ),
  );
}

/** Offer the file; `shown` returns `{rows, forecast, published, isWhatIf, language}`. */
export function offerCsv(shown) {
  byId("download").addEventListener("click", () => {
    const { rows, forecast, published, isWhatIf, language } = shown();
    downloadCsv(csvName(published, isWhatIf), csvOf(rows, forecast, language));
  });
}

/** Write the file as spreadsheets of the language read it, with every digit of the service. */
function csvOf(rows, forecast, { decimalSign }) {
  const separator = decimalSign === "," ? ";" : ",";
  const written = (value) =>
    typeof value === "number" ? String(value).replace(".", decimalSign) : (value ?? "");
  const cells = Object.values(CSV_COLUMNS);
  const lines = rows.map((row) => cells.map((cell) => written(cell(row, forecast))));
  return [Object.keys(CSV_COLUMNS), ...lines]
    .map((line) => `${line.join(separator)}\r\n`)
    .join("");
}

/** Name the file for its last published month, and for what must not be overlooked. */
function csvName({ last_observed_month: last, synthetic }, isWhatIf) {
  const warnings = [...(synthetic ? ["synthetic"] : []), ...(isWhatIf ? ["what-if"] : [])];
  return `${["milk-price", last, ...warnings].join("-")}.csv`;
}
