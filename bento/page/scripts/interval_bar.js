/** The margins of the next month drawn to scale, beside the last price. */

import { byId, make } from "./elements.js";
import { intervalOf } from "./month_rows.js";

/** The part of the bar that is left free at either end. */
const MARGIN = 0.06;

export function showIntervalBar(forecast, isWhatIf, { text, price }) {
  const next = forecast.forecasts[0];
  const last = forecast.last_observed_price_clp_per_litre;
  const [inner, outer] = [80, 95].map((level) => intervalOf(next.intervals, level));
  const [least, most] = [Math.min(outer.lower, last), Math.max(outer.upper, last)];
  const part = (value) => MARGIN + ((1 - 2 * MARGIN) * (value - least)) / (most - least);
  const at = (value) => `${100 * part(value)}%`;

  const band = (className, { lower, upper }) => {
    const element = make("div", { className });
    element.style.left = at(lower);
    element.style.right = `calc(100% - ${at(upper)})`;
    return element;
  };
  const mark = (className, value, label = "") => {
    const element = make("div", { className }, make("span", {}, label));
    element.style.left = at(value);
    return element;
  };
  byId("interval-bar").replaceChildren(
    band("band-95", outer),
    band("band-80", inner),
    mark("end", inner.lower, price(inner.lower)),
    mark("end", inner.upper, price(inner.upper)),
    mark("last", last, text(isWhatIf ? "headline.last_price_what_if" : "headline.last_price")),
    mark("next", next.price_clp_per_litre),
  );
}
