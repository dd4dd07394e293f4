/** The next month: its price, how sure it is, and what moves it. */

import { byId, make } from "./browser.js";
import { intervalOf } from "./months.js";

/** Changes that are written as 0.0. */
const NO_CHANGE_CLP = 0.05;

/** Drivers below this, or below this part of the largest, are told together as the rest. */
const NEGLIGIBLE_CLP = 0.1;
const NEGLIGIBLE_PART = 0.05;

/** The part of the interval bar that is left free at either end. */
const MARGIN = 0.06;

export function showNextMonth(forecast, isWhatIf, language) {
  const { text, month, price } = language;
  const next = forecast.forecasts[0];
  byId("headline-title").textContent = text(
    isWhatIf ? "headline.title_what_if" : "headline.title",
    { month: month(next.month) },
  );
  byId("number").textContent = price(next.price_clp_per_litre);
  byId("change").textContent = changeInWords(forecast, isWhatIf, language);
  for (const level of [80, 95]) {
    const { lower, upper } = intervalOf(next.intervals, level);
    byId(`within-${level}`).textContent = text(`headline.within_${level}`, {
      lower: price(lower),
      upper: price(upper),
    });
  }
  byId("interval-bar").replaceChildren(...intervalBar(forecast, isWhatIf, language));
  byId("drivers").replaceChildren(...driverRows(next.contributions_clp_per_litre, language));
}

function changeInWords(forecast, isWhatIf, { text, month, price, percentChange }) {
  const last = forecast.last_observed_price_clp_per_litre;
  const clp = forecast.forecasts[0].price_clp_per_litre - last;
  const reference = text(isWhatIf ? "headline.reference_what_if" : "headline.reference", {
    month: month(forecast.last_observed_month),
    price: price(last),
  });
  if (Math.abs(clp) < NO_CHANGE_CLP) return text("headline.same", { reference });
  return text(clp > 0 ? "headline.rise" : "headline.fall", {
    change: price(Math.abs(clp)),
    percent: percentChange(clp / last),
    reference,
  });
}

/** Draw the intervals to scale, beside the last price. */
function intervalBar(forecast, isWhatIf, { text, price }) {
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
  return [
    band("band-95", outer),
    band("band-80", inner),
    mark("end", inner.lower, price(inner.lower)),
    mark("end", inner.upper, price(inner.upper)),
    mark("last", last, text(isWhatIf ? "headline.last_price_what_if" : "headline.last_price")),
    mark("next", next.price_clp_per_litre),
  ];
}

/** Tell what the change comes from, largest first, then the rest and the whole change. */
function driverRows(contributions, { text, change }) {
  const drivers = Object.entries(contributions).sort(
    ([, one], [, other]) => Math.abs(other) - Math.abs(one),
  );
  const least = Math.max(NEGLIGIBLE_CLP, NEGLIGIBLE_PART * Math.abs(drivers[0][1]));
  const told = drivers.filter(([, clp]) => Math.abs(clp) >= least);
  const sum = (some) => some.reduce((total, [, clp]) => total + clp, 0);
  const rest = sum(drivers) - sum(told);
  const changes = [...told.map(([, clp]) => clp), rest, 0];
  const scale = { least: Math.min(...changes), most: Math.max(...changes) };

  const row = (words, clp, properties, ...children) =>
    make(
      "li",
      properties,
      make("span", { className: "words" }, words),
      " ",
      make("span", { className: "clp" }, change(clp)),
      ...children,
    );
  const scaled = (words, clp) => row(words, clp, {}, driverBar(clp, scale));
  const words = (driver, clp) => text(`drivers.${driver}.${clp > 0 ? "up" : "down"}`);
  return [
    ...told.map(([driver, clp]) => scaled(words(driver, clp), clp)),
    ...(Math.abs(rest) >= NO_CHANGE_CLP ? [scaled(text("drivers.rest"), rest)] : []),
    row(text("drivers.total"), sum(drivers), { className: "total" }),
  ];
}

function driverBar(clp, { least, most }) {
  const at = (value) => `${(100 * (value - least)) / (most - least)}%`;
  const bar = make("span", { className: `bar ${clp > 0 ? "up" : "down"}` });
  bar.style.left = at(Math.min(clp, 0));
  bar.style.right = `calc(100% - ${at(Math.max(clp, 0))})`;
  return make("span", { className: "scale", ariaHidden: "true" }, bar);
}
