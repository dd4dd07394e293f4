/** The coming months as a table. */

import { byId, make } from "./elements.js";
import { intervalOf } from "./month_rows.js";

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
