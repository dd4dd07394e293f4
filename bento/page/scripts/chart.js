/** The chart: the past, what would have been forecast of it, and the fan of the coming months. */

import { byId, makeSvg } from "./browser.js";
import { axesOf, axisMarks } from "./chart_axes.js";
import { monthsShown, offerRanges } from "./chart_range.js";
import { offerReading, readFrom } from "./chart_reader.js";
import { FORECAST, intervalOf, monthNumber, OBSERVED, WHAT_IF } from "./months.js";

const POINT = 3.5;
const DIAMOND = 5.5;

const plot = byId("plot");
let [shown, axes] = [null, null];

/** Draw `{rows, published}` in a language; `published` is the forecast without the what-if. */
export function showChart(contents, language) {
  const isFirst = shown === null;
  shown = { ...contents, language };
  draw();
  if (isFirst) offerEverything();
}

function offerEverything() {
  offerRanges(plot, { axes: () => axes, redraw: draw });
  offerReading(plot);
  window.addEventListener("resize", draw);
  requestAnimationFrame(() => setTimeout(() => performance.mark("chart-shown")));
}

function draw() {
  const { rows, published, language } = shown;
  const shapes = shapesOf(rows, published);
  const months = monthsShown(rows);
  axes = axesOf(plot, { months, prices: pricesWithin(months, shapes) });
  const { left, top, right, bottom } = axes;
  const area = { x: left, y: top, width: right - left, height: bottom - top };
  plot.replaceChildren(
    makeSvg("clipPath", { id: "plot-area" }, makeSvg("rect", area)),
    ...axisMarks(axes, language),
    makeSvg("g", { "clip-path": "url(#plot-area)" }, ...shapes.flatMap(drawn)),
  );
  readFrom(rows, axes, language);
}

/** Return areas, lines and points as `{name, points}`, what lies behind first. */
function shapesOf(rows, published) {
  const ofKind = (kind) => rows.filter((row) => row.kind === kind);
  const [observed, supposed, coming] = [OBSERVED, WHAT_IF, FORECAST].map(ofKind);
  const points = (some, price) => some.map((row) => [monthNumber(row.month), price(row)]);
  const paid = points(observed, (row) => row.price);
  const assumed = points(supposed, (row) => row.price);
  const [last, start] = [paid.at(-1), [...paid, ...assumed].at(-1)];
  const made = points(observed.filter((row) => row.forecast !== null), (row) => row.forecast);
  const forecast = points(coming, (row) => row.forecast);
  const without = points(published?.forecasts ?? [], (row) => row.price_clp_per_litre);
  const fan = (level) => {
    const end = (which) => points(coming, ({ intervals }) => intervalOf(intervals, level)[which]);
    return { name: `fan-${level}`, points: [start, ...end("upper"), ...end("lower").reverse()] };
  };
  return [
    fan(95),
    fan(80),
    { name: "made-line", points: made },
    { name: "published-line", points: [last, ...without] },
    { name: "observed-line", points: paid },
    { name: "what-if-line", points: [last, ...assumed] },
    { name: "what-if-point", points: assumed },
    { name: "forecast-line", points: [start, ...forecast] },
    { name: "forecast-point", points: forecast },
  ];
}

function pricesWithin([from, to], shapes) {
  return shapes
    .flatMap(({ points }) => points)
    .filter(([month]) => from <= month && month <= to)
    .map(([, price]) => price);
}

function drawn({ name, points }) {
  const places = points.map(([month, price]) => [axes.x(month), axes.y(price)]);
  if (name === "forecast-point") {
    return places.map(([cx, cy]) => makeSvg("circle", { class: name, cx, cy, r: POINT }));
  }
  if (name === "what-if-point") {
    const around = `l${DIAMOND} ${DIAMOND}l${-DIAMOND} ${DIAMOND}l${-DIAMOND} ${-DIAMOND}z`;
    return places.map(([x, y]) =>
      makeSvg("path", { class: name, d: `M${x} ${y - DIAMOND}${around}` }),
    );
  }
  const tag = name.startsWith("fan") ? "polygon" : "polyline";
  return makeSvg(tag, { class: name, points: places.join(" ") });
}
