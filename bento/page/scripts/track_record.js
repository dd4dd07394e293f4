/** How good the forecaster has been over the last months, beside repeating the last price. */

import { make } from "./browser.js";
import { intervalOf } from "./months.js";
import { postJson } from "./service.js";

const MONTHS = 60;

/** Have the last months that were forecast evaluated. */
export async function evaluated(history) {
  const { horizon } = history;
  const actuals = history.months
    .filter((month) => month.forecast_clp_per_litre !== null)
    .slice(-MONTHS)
    .map(({ month, price_clp_per_litre }) => ({ month, price_clp_per_litre }));
  if (actuals.length === 0) return { n_months: 0 };
  const evaluation = await postJson("evaluate", { actuals, horizon });
  return { ...evaluation, first: actuals[0].month, last: actuals.at(-1).month };
}

/** Return the elements that tell of it. */
export function recordElements(evaluation, language) {
  const { text, month, price, percent } = language;
  const { n_months: n, first, last, forecaster, last_price: baseline } = evaluation;
  if (n === 0) return [make("p", {}, text("record.none"))];
  const better = 1 - forecaster.mae_clp_per_litre / baseline.mae_clp_per_litre;
  return [
    make("p", {}, text("record.explained", { first: month(first), last: month(last), n })),
    errorBars({ forecaster, baseline, language }),
    make(
      "p",
      { className: "verdict" },
      text(better >= 0 ? "record.better" : "record.worse", { percent: percent(Math.abs(better)) }),
    ),
    ...[80, 95].flatMap((level) => coverageElements(evaluation, level, language)),
    make(
      "p",
      { className: "note" },
      text("record.rmse", {
        rmse: price(forecaster.rmse_clp_per_litre),
        baseline: price(baseline.rmse_clp_per_litre),
      }),
    ),
  ];
}

function coverageElements({ forecaster, errors }, level, { text, percent }) {
  const coverage = forecaster[`coverage_${level}`];
  if (coverage === null) return [];
  const n = errors.filter(({ intervals }) => intervalOf(intervals, level)).length;
  const words = { held: Math.round(n * coverage), n, percent: percent(coverage) };
  return [make("p", {}, text(`record.coverage_${level}`, words))];
}

function errorBars({ forecaster, baseline, language: { text, price } }) {
  const [ours, theirs] = [forecaster.mae_clp_per_litre, baseline.mae_clp_per_litre];
  const bars = [
    ["bar", text("record.forecaster"), ours],
    ["bar baseline", text("record.last_price"), theirs],
  ].map(([className, name, error]) => {
    const bar = make("span", { className });
    bar.style.width = `${(100 * error) / Math.max(ours, theirs)}%`;
    const words = text("record.pesos", { error: price(error) });
    return make("li", {}, make("span", {}, name), " ", make("strong", {}, words), bar);
  });
  return make("ul", { className: "error-bars" }, ...bars);
}
