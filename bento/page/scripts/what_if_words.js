/** What came of a what-if, each as a function from the language to the nodes that tell it. */

import { explained, quoted } from "./problems.js";

const OF_ROW = /^observations\[(\d+)\]/;

export function missing({ last_observed_price_clp_per_litre: example }) {
  return ({ text, price }) => [text("what_if.price_missing", { example: price(example) })];
}

/** Give what the service has against each row, by its number. */
export function refusals({ errors = [] }) {
  const ofRows = errors.filter(({ field }) => OF_ROW.test(field));
  return new Map(
    ofRows.map(({ field, detail }) => [
      Number(OF_ROW.exec(field)[1]),
      ({ text }) => [text("what_if.refused"), " ", quoted(detail)],
    ]),
  );
}

export function failed(problem) {
  return (language) => [language.text("what_if.failed"), ...explained(problem, language)];
}

/** Compare the next month with what is forecast of it from the published data. */
export function resultOf(forecast, published) {
  const next = forecast.forecasts[0];
  const without = published.forecasts.find(({ month }) => month === next.month);
  return ({ text, month, price }) => [
    text(without ? "what_if.result_compared" : "what_if.result", {
      month: month(next.month),
      price: price(next.price_clp_per_litre),
      published: without && price(without.price_clp_per_litre),
    }),
  ];
}

export function undone({ text }) {
  return [text("what_if.undone")];
}
