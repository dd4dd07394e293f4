/** The fields of the what-if, a price for each month, and the mark that a what-if is shown. */

import { byId, make } from "./browser.js";

const place = byId("assumptions");

/** Show a field for each of `{month, typed, fault}`; those that are there already stay. */
export function showRows(rows, language) {
  while (place.children.length > rows.length) place.lastChild.remove();
  while (place.children.length < rows.length) place.append(emptyRow(place.children.length));
  rows.forEach((row, at) => fill(place.children[at], row, language));
}

export function typedPrices() {
  return inputs().map((input) => input.value.trim());
}

/** Read a price with a decimal comma or point; null if it is none. */
export function readPrice(typed) {
  const isPrice = /^\d{1,9}(?:[.,]\d*)?$/.test(typed);
  return isPrice ? Number(typed.replace(",", ".")) : null;
}

export function focusOnRow(at) {
  inputs()[at].focus();
}

/** Mark the whole page, and tell the supposed prices at its foot. */
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

function inputs() {
  return [...place.querySelectorAll("input")];
}

function emptyRow(at) {
  const [id, fault] = [`assumption-${at}`, `fault-${at}`];
  // Not of type "number": that reads one decimal sign alone, the one of the browser's language.
  const input = make("input", { id, inputMode: "decimal", autocomplete: "off" });
  input.setAttribute("aria-describedby", fault);
  return make(
    "div",
    { className: "assumption" },
    make("label", { htmlFor: id }),
    input,
    make("p", { className: "fault", id: fault }),
  );
}

function fill(element, { month, typed, fault }, language) {
  const [label, input, words] = element.children;
  label.textContent = language.text("what_if.price", { month: language.month(month) });
  if (input.value.trim() !== typed) input.value = typed;
  input.setAttribute("aria-invalid", String(fault.length > 0));
  words.replaceChildren(...fault);
}
