/** What must be known before the number is believed: invented data, old data. */

import { byId, make } from "./elements.js";
import { monthAfter, monthsBetween, thisMonth } from "./months.js";

/** Prices are published some weeks after their month, so that the newest is two months old. */
const MONTHS_TO_PUBLISH = 2;

export function isOld(month) {
  return monthsBetween(month, thisMonth()) > MONTHS_TO_PUBLISH;
}

export function showNotices(published, { text, month, age }) {
  const last = published.last_observed_month;
  const notices = [];
  if (published.synthetic) {
    notices.push(
      notice("synthetic", text("notices.synthetic_title"), text("notices.synthetic")),
    );
  }
  if (isOld(last)) {
    const words = {
      month: month(last),
      age: age(monthsBetween(last, thisMonth())),
      next: month(monthAfter(last)),
    };
    notices.push(notice("old", text("notices.old_title"), text("notices.old", words)));
  }
  const section = byId("notices");
  section.hidden = notices.length === 0;
  section.replaceChildren(...notices);
}

function notice(kind, title, words) {
  return make("p", { className: `notice ${kind}` }, make("strong", {}, title), " ", words);
}
