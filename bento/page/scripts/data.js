/** The published data and the model served: what must be known of them before the number. */

import { byId, make } from "./browser.js";
import { ageOf, monthAfter } from "./months.js";

/** Prices are published some weeks after their month, so that the newest is two months old. */
const MONTHS_TO_PUBLISH = 2;

/** Warn of invented and of old data. */
export function showNotices(published, { text, month, age }) {
  const last = published.last_observed_month;
  const notices = [];
  if (published.synthetic) {
    notices.push(
      notice("synthetic", text("notices.synthetic_title"), text("notices.synthetic")),
    );
  }
  if (isOld(last)) {
    const words = { month: month(last), age: age(ageOf(last)), next: month(monthAfter(last)) };
    notices.push(notice("old", text("notices.old_title"), text("notices.old", words)));
  }
  byId("notices").hidden = notices.length === 0;
  byId("notices").replaceChildren(...notices);
}

function notice(kind, title, words) {
  return make("p", { className: `notice ${kind}` }, make("strong", {}, title), " ", words);
}

function isOld(month) {
  return ageOf(month) > MONTHS_TO_PUBLISH;
}

/** Tell of the published data. */
export function showData({ published, history }, { text, month, price, age }) {
  const { last_observed_month: last, last_observed_price_clp_per_litre: lastPrice } = published;
  const months = history.months;
  byId("data").replaceChildren(
    ...facts({
      [text("data.last_price")]: text("data.last_price_is", {
        price: price(lastPrice),
        month: month(last),
      }),
      [text("data.age")]: isOld(last) ? age(ageOf(last)) : text("data.current"),
      [text("data.history")]: text("data.history_is", {
        first: month(months[0].month),
        last: month(months.at(-1).month),
        n: months.length,
      }),
      [text("data.price")]: published.synthetic ? text("data.synthetic") : text("data.price_is"),
    }),
  );
}

/** Return the elements that tell what is served, since when and why. */
export function servedElements({ promoted }, { text, time }) {
  const why = promoted.action === "rollback" ? "data.rolled_back" : "data.promoted";
  return [
    make(
      "dl",
      {},
      ...facts({
        [text("data.model")]: promoted.models.forecaster,
        [text("data.since")]: time(promoted.at),
        [text("data.reason")]: text(why, { reason: reasonIn(text, promoted.reason) }),
      }),
    ),
  ];
}

/** Say a reason that the program recorded by itself; one of a person stays in their words. */
function reasonIn(text, reason) {
  const run = /^run ([0-9a-f-]{36})$/.exec(reason)?.[1];
  if (run) return text("data.of_run", { run });
  return reason === "by hand" ? text("data.by_hand") : reason;
}

function facts(told) {
  return Object.entries(told).map(([name, value]) =>
    make("div", {}, make("dt", {}, name), make("dd", {}, value)),
  );
}
