/** Read the chart month by month: with a mouse, a finger, or the slider beneath it. */

import { byId, make, makeSvg } from "./browser.js";
import { FORECAST, intervalOf, monthLines, monthNumber } from "./months.js";

/** How far the label stands from its month. */
const GAP = 10;
const POINT = 4;

const [label, slider, words] = ["reading", "month", "month-words"].map(byId);
const crosshair = makeSvg("g", { class: "crosshair" });

let rows = [];
let [axes, language] = [null, null];
let read = null;

export function offerReading(plot) {
  const point = (event) => {
    const isDragged = event.pointerType !== "touch" && event.buttons > 0;
    const month = axes.monthAt(event.clientX - plot.getBoundingClientRect().left);
    if (isDragged) hide();
    else show(nearest(month));
  };
  plot.addEventListener("pointermove", point);
  plot.addEventListener("pointerdown", point);
  plot.addEventListener("pointercancel", hide);
  plot.addEventListener("pointerleave", ({ pointerType }) => {
    // A finger that is lifted leaves too, and then is the time to read.
    if (pointerType !== "touch") hide();
  });
  slider.addEventListener("input", () => {
    tellPicked();
    show(rows[slider.valueAsNumber]);
  });
}

/** Read from the rows that the axes hold; at first the slider picks the next month. */
export function readFrom(allRows, newAxes, newLanguage) {
  const picked = rows[slider.valueAsNumber]?.month;
  const [from, to] = newAxes.months;
  const isShown = ({ month }) => from <= monthNumber(month) && monthNumber(month) <= to;
  [rows, axes, language] = [allRows.filter(isShown), newAxes, newLanguage];
  const again = rows.findIndex(({ month }) => month === picked);
  const next = rows.findIndex(({ kind }) => kind === FORECAST);
  slider.max = rows.length - 1;
  slider.value = [again, next, rows.length - 1].find((at) => at >= 0);
  tellPicked();
  const readAgain = rows.find(({ month }) => month === read);
  if (readAgain) show(readAgain);
  else hide();
}

function tellPicked() {
  const [month, ...rest] = monthLines(rows[slider.valueAsNumber], language);
  const sentence = `${month}: ${rest.join("; ")}`;
  words.textContent = sentence;
  slider.setAttribute("aria-valuetext", sentence);
}

/** Return the row of a month, or the first or last one. */
function nearest(month) {
  const at = month - monthNumber(rows[0].month);
  return rows[Math.min(rows.length - 1, Math.max(0, at))];
}

function hide() {
  read = null;
  label.hidden = true;
  crosshair.remove();
}

function show(row) {
  read = row.month;
  const x = axes.x(monthNumber(row.month));
  const levels = row.kind === FORECAST ? [80, 95] : [];
  const ends = levels.flatMap((level) => Object.values(intervalOf(row.intervals, level)));
  const points = [row.price, row.forecast].filter((price) => price !== null);
  crosshair.replaceChildren(
    makeSvg("path", { d: `M${x} ${axes.top}V${axes.bottom}` }),
    ...ends.map((price) =>
      makeSvg("path", { class: "end", d: `M${x - POINT} ${axes.y(price)}h${2 * POINT}` }),
    ),
    ...points.map((price) => makeSvg("circle", { cx: x, cy: axes.y(price), r: POINT })),
  );
  byId("plot").append(crosshair);
  const [month, ...lines] = monthLines(row, language);
  label.replaceChildren(
    make("strong", {}, month),
    ...lines.map((line) => make("div", {}, line)),
  );
  label.hidden = false;
  placeLabel(x, [...points, ...ends].map(axes.y));
}

/** Place the label beside its month, above or below its values, where there is more room. */
function placeLabel(x, values) {
  const { offsetWidth: width, offsetHeight: height } = label;
  const left = x < (axes.left + axes.right) / 2 ? x + GAP : x - GAP - width;
  const isAbove = Math.min(...values) - axes.top > axes.bottom - Math.max(...values);
  label.style.left = `${Math.max(0, Math.min(left, axes.right - width))}px`;
  label.style.top = `${isAbove ? axes.top : axes.bottom - height - GAP}px`;
}
