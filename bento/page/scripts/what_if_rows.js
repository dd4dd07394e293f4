/** The fields of the what-if: a price for each month after the last published one. */

import { byId, make } from "./elements.js";

const place = byId("assumptions");

/** Show a field for each of `{month, typed, fault}`; those that are there already stay. */
export function showRows(rows, language) {
  while (place.children.length > rows.length) place.lastChild.remove();
  while (place.children.length < rows.length) place.append(emptyRow(place.children.length));
  rows.forEach((row, at) => fill(place.children[at], row, language));
}

export function typedPrices() {
  return inputs().map((input) => input.value);
}

export function focusOnRow(at) {
  inputs()[at].focus();
}

function inputs() {
  return [...place.querySelectorAll("input")];
}

function emptyRow(at) {
  const [id, fault] = [`assumption-${at}`, `fault-${at}`];
  const input = make("input", { type: "number", id, inputMode: "decimal", step: "any", min: "0" });
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
  if (input.value !== typed) input.value = typed;
  input.setAttribute("aria-invalid", String(fault.length > 0));
  words.replaceChildren(...fault);
}
