/** Which months the chart shows, and the buttons that choose them. */

import { monthAfter } from "./months.js";

/** The part of the prices' span that is left free above and below them. */
const MARGIN = 0.06;

const buttons = document.querySelectorAll("#ranges button");

let chosen = "5";
let zoomed = null;

export function offerRanges(redraw) {
  for (const button of buttons) {
    button.addEventListener("click", () => {
      chosen = button.value;
      unzoom();
      redraw();
    });
  }
}

/** Show other months than those of the buttons: `[from, to]`, as Plotly writes dates. */
export function zoomTo(span) {
  zoomed = span;
}

export function unzoom() {
  zoomed = null;
}

/** Give the span of months that is shown, and mark its button. */
export function spanShown(rows, lastObserved) {
  for (const button of buttons) {
    button.setAttribute("aria-pressed", String(!zoomed && button.value === chosen));
  }
  if (zoomed) return zoomed;
  const first =
    chosen === "all" ? rows[0].month : monthAfter(lastObserved, -12 * Number(chosen));
  return [monthAfter(first, -1), monthAfter(rows.at(-1).month)];
}

/** Give the span of prices that holds everything drawn in a span of months. */
export function pricesWithin([from, to], traces) {
  const shown = traces.flatMap(({ x, y }) => y.filter((_, at) => from <= x[at] && x[at] <= to));
  const [least, most] = [Math.min(...shown), Math.max(...shown)];
  const margin = MARGIN * (most - least);
  return [Math.max(0, least - margin), most + margin];
}
