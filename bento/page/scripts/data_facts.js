/** Where the number comes from: the prices, and the model that is served. */

import { byId, make } from "./elements.js";
import { monthsBetween, thisMonth } from "./months.js";
import { isOld } from "./notices.js";

/** Tell of the published data. */
export function showData({ published, history }, language) {
  const { text, month, price, age } = language;
  const { last_observed_month: last, last_observed_price_clp_per_litre: lastPrice } = published;
  const months = history.months;
  byId("data").replaceChildren(
    ...facts({
      [text("data.last_price")]: text("data.last_price_is", {
        price: price(lastPrice),
        month: month(last),
      }),
      [text("data.age")]: isOld(last)
        ? age(monthsBetween(last, thisMonth()))
        : text("data.current"),
      [text("data.history")]: text("data.history_is", {
        first: month(months[0].month),
        last: month(months.at(-1).month),
        n: months.length,
      }),
      [text("data.price")]: published.synthetic ? text("data.synthetic") : text("data.price_is"),
    }),
  );
}

/** Give the elements that tell what is served, since when and why. */
export function servedElements({ promoted }, { text, time }) {
  const why = promoted.action === "rollback" ? "data.rolled_back" : "data.promoted";
  return [
    make(
      "dl",
      {},
      ...facts({
        [text("data.model")]: promoted.models.forecaster,
        [text("data.since")]: time(promoted.at),
        [text("data.reason")]: text(why, { reason: promoted.reason }),
      }),
    ),
  ];
}

function facts(told) {
  return Object.entries(told).map(([name, value]) =>
    make("div", {}, make("dt", {}, name), make("dd", {}, value)),
  );
}
