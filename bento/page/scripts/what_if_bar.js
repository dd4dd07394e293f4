/** The mark that what is shown is a what-if: on the whole page, and in words at its foot. */

import { byId } from "./elements.js";

export function markWhatIf(whatIf, { text, shortMonth, price }) {
  document.documentElement.toggleAttribute("data-what-if", whatIf !== null);
  byId("what-if-bar").hidden = whatIf === null;
  const supposed = (whatIf?.observations ?? []).map((observation) =>
    text("what_if.assumed", {
      month: shortMonth(observation.month),
      price: price(observation.price_clp_per_litre),
    }),
  );
  byId("what-if-bar-months").textContent = supposed.join(" · ");
}
