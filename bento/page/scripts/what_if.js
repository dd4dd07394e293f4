/** What somebody supposes of the coming months, and the forecast that follows from it. */

import { byId } from "./browser.js";
import { monthAfter } from "./months.js";
import { explained } from "./problems.js";
import { postJson } from "./service.js";
import { focusOnRow, readPrice, showRows, typedPrices } from "./what_if_form.js";

const OF_ROW = /^observations\[(\d+)\]\.(\w+)/;

const form = byId("what-if");

let [published, language, tell] = [null, null, null];
let rows = [{ typed: "" }];
let result = null;
let isShown = false;
let attempts = 0;

/** Let prices be supposed; `changed` gets `{forecast, observations}`, or null if none are. */
export function offerWhatIf(forecast, changed) {
  [published, tell] = [forecast, changed];
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    keepTyped();
    compute();
  });
  form.addEventListener("reset", reset);
  byId("add-month").addEventListener("click", addMonth);
  byId("remove-month").addEventListener("click", removeMonth);
}

/** Show the form in a language. */
export function showWhatIf(spoken) {
  if (language) keepTyped();
  language = spoken;
  render();
}

function render() {
  const { text, month } = language;
  showRows(
    rows.map((row, at) => ({ ...row, month: monthOf(at), fault: row.fault?.(language) ?? [] })),
    language,
  );
  const [last, next] = [rows.length - 1, rows.length];
  byId("add-month").textContent = text("what_if.add", { month: month(monthOf(next)) });
  byId("remove-month").textContent = text("what_if.remove", { month: month(monthOf(last)) });
  byId("remove-month").hidden = last === 0;
  byId("undo").hidden = !isShown;
  byId("what-if-result").replaceChildren(...(result?.(language) ?? []));
}

function monthOf(row) {
  return monthAfter(published.last_observed_month, row + 1);
}

function keepTyped() {
  rows = typedPrices().map((typed, at) => ({ ...rows[at], typed }));
}

function addMonth() {
  keepTyped();
  rows.push({ typed: "" });
  render();
  focusOnRow(rows.length - 1);
}

function removeMonth() {
  keepTyped();
  rows.pop();
  render();
  focusOnRow(rows.length - 1);
  if (isShown) compute();
}

function reset() {
  attempts += 1;
  rows = [{ typed: "" }];
  if (isShown) result = undone;
  isShown = false;
  tell(null);
  render();
  byId("main").focus({ preventScroll: true });
}

async function compute() {
  attempts += 1;
  const attempt = attempts;
  rows = rows.map(({ typed }) => ({ typed, fault: readPrice(typed) === null ? noPrice : null }));
  if (rows.some(({ fault }) => fault)) {
    renderFaults();
    return;
  }
  const observations = rows.map(({ typed }, at) => ({
    month: monthOf(at),
    price_clp_per_litre: readPrice(typed),
  }));
  form.ariaBusy = "true";
  const told = await forecastOrProblem(observations);
  form.ariaBusy = "false";
  if (attempt !== attempts) return;
  keepTyped();
  told();
}

async function forecastOrProblem(observations) {
  try {
    const forecast = await postJson("forecast", { observations });
    return () => succeed({ forecast, observations });
  } catch (problem) {
    return () => fail(problem, observations);
  }
}

function succeed(whatIf) {
  [isShown, result] = [true, resultOf(whatIf.forecast, published)];
  tell(whatIf);
  render();
}

function fail(problem, observations) {
  const faults = refusals(problem, observations);
  rows = rows.map((row, at) => ({ ...row, fault: faults.get(at) }));
  result = faults.size ? null : failed(problem);
  renderFaults();
}

function renderFaults() {
  render();
  const first = rows.findIndex(({ fault }) => fault);
  if (first >= 0) focusOnRow(first);
}

// What came of a what-if: each as a function from the language to the nodes that tell it.

function noPrice({ text, price }) {
  const example = price(published.last_observed_price_clp_per_litre);
  return [text("what_if.no_price", { example })];
}

/** Return what the service has against each row, by its number. */
function refusals({ errors = [] }, observations) {
  const ofRows = errors.filter(({ field }) => OF_ROW.test(field));
  return new Map(
    ofRows.map((error) => {
      const [, at, name] = OF_ROW.exec(error.field);
      return [Number(at), name === "month" ? outdated : outOfRange(error, observations[at])];
    }),
  );
}

function outdated({ text }) {
  return [text("what_if.outdated")];
}

/** Tell the limit, rounded inwards. */
function outOfRange({ minimum, maximum }, { month, price_clp_per_litre: supposed }) {
  const [key, limit] =
    supposed < minimum
      ? ["what_if.too_low", Math.ceil(10 * minimum) / 10]
      : ["what_if.too_high", Math.floor(10 * maximum) / 10];
  return (language) => [
    language.text(key, {
      month: language.month(month),
      price: language.price(supposed),
      limit: language.price(limit),
    }),
  ];
}

function failed(problem) {
  return (language) => [language.text("what_if.failed"), ...explained(problem, language)];
}

/** Compare the next month with what is forecast of it from the published data. */
function resultOf(forecast, published) {
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

function undone({ text }) {
  return [text("what_if.undone")];
}
