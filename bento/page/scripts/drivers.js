/** What moves the next month's price, in words, largest first. */

import { byId, make } from "./elements.js";

/** What is less than this, or than this part of the largest, is told together as the rest. */
const NEGLIGIBLE_CLP = 0.1;
const NEGLIGIBLE_PART = 0.05;

/** Changes that are written as 0.0. */
const NO_CHANGE_CLP = 0.05;

export function showDrivers(forecast, language) {
  const { text } = language;
  const { told, rest, total } = driversOf(forecast.forecasts[0].contributions_clp_per_litre);
  const changes = [...told.map(({ clp }) => clp), rest, 0];
  const scale = { least: Math.min(...changes), most: Math.max(...changes) };
  const row = (words, clp) => driverRow(words, clp, { scale, language });
  const rows = told.map(({ source, clp }) =>
    row(text(`drivers.${source}.${clp > 0 ? "up" : "down"}`), clp),
  );
  if (Math.abs(rest) >= NO_CHANGE_CLP) rows.push(row(text("drivers.rest"), rest));
  rows.push(totalRow(text("drivers.total"), total, language));
  byId("drivers").replaceChildren(...rows);
}

function driversOf(contributions) {
  const all = Object.entries(contributions)
    .map(([source, clp]) => ({ source, clp }))
    .sort((one, other) => Math.abs(other.clp) - Math.abs(one.clp));
  const least = Math.max(NEGLIGIBLE_CLP, NEGLIGIBLE_PART * Math.abs(all[0].clp));
  const told = all.filter(({ clp }) => Math.abs(clp) >= least);
  const sum = (drivers) => drivers.reduce((total, { clp }) => total + clp, 0);
  return { told, rest: sum(all) - sum(told), total: sum(all) };
}

function driverRow(words, clp, { scale: { least, most }, language }) {
  const at = (value) => `${(100 * (value - least)) / (most - least)}%`;
  const bar = make("span", { className: `bar ${clp > 0 ? "up" : "down"}` });
  bar.style.left = at(Math.min(clp, 0));
  bar.style.right = `calc(100% - ${at(Math.max(clp, 0))})`;
  return make(
    "li",
    {},
    make("span", { className: "words" }, words),
    " ",
    make("span", { className: "clp" }, language.change(clp)),
    make("span", { className: "scale", ariaHidden: "true" }, bar),
  );
}

function totalRow(words, clp, { change }) {
  return make(
    "li",
    { className: "total" },
    make("span", { className: "words" }, words),
    " ",
    make("span", { className: "clp" }, change(clp)),
  );
}
