/** The price of the next month, large, and how sure it is. */

import { byId } from "./elements.js";
import { showIntervalBar } from "./interval_bar.js";
import { intervalOf } from "./month_rows.js";

/** Changes that are written as 0.0. */
const NO_CHANGE_CLP = 0.05;

export function showHeadline(forecast, whatIf, language) {
  const { text, month, price } = language;
  const next = forecast.forecasts[0];
  const isWhatIf = whatIf !== null;
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
  showIntervalBar(forecast, isWhatIf, language);
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
