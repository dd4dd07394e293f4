/**
 * The chart: the past, what would have been forecast of it, and the fan of the coming months.
 *
 * It is sketched at once; Plotly takes over when it has been loaded and run.
 */

import { CHART_SETTINGS, chartLayout } from "./chart_layout.js";
import { chartLibrary } from "./chart_library.js";
import { offerRanges, pricesWithin, spanShown, unzoom, zoomTo } from "./chart_range.js";
import { sketch } from "./chart_sketch.js";
import { chartTraces } from "./chart_traces.js";
import { byId } from "./elements.js";
import { OBSERVED } from "./month_rows.js";
import { onMonthPicked, showMonths } from "./month_slider.js";

const [graph, svg] = ["graph", "sketch"].map(byId);
let shown = null;
let Plotly = null;

/** Draw `{rows, published}` in a language. */
export function showChart(contents, language) {
  const isFirst = shown === null;
  shown = { ...contents, language };
  draw();
  if (isFirst) goOn();
}

/** "chart-shown" is marked when it is seen, "chart-ready" when it can be zoomed and pointed at. */
async function goOn() {
  offerRanges(draw);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw);
  window.addEventListener("resize", draw);
  await painted();
  performance.mark("chart-shown");
  Plotly = await chartLibrary();
  if (!Plotly) return;
  await draw();
  svg.remove();
  // Plotly measures with it; a screen reader would come upon a picture without a name.
  byId("js-plotly-tester").ariaHidden = "true";
  listen();
  performance.mark("chart-ready");
}

function painted() {
  return new Promise((resolve) => {
    requestAnimationFrame(() => setTimeout(resolve));
  });
}

function draw() {
  const { rows, published, language } = shown;
  const style = getComputedStyle(document.documentElement);
  const colour = (name) => style.getPropertyValue(`--${name}`);
  const traces = chartTraces(rows, { published, colour, language });
  const span = spanShown(rows, rows.findLast(({ kind }) => kind === OBSERVED).month);
  const prices = pricesWithin(span, traces);
  const layout = chartLayout({ span, prices, place: graph, colour, language });
  showMonths(rowsWithin(span), language);
  return Plotly
    ? Plotly.react(graph, traces, layout, CHART_SETTINGS)
    : sketch(svg, traces, layout);
}

function rowsWithin([from, to]) {
  return shown.rows.filter(({ month }) => from <= month && month <= to);
}

function listen() {
  onMonthPicked(pointAt);
  graph.on("plotly_relayout", (change) => {
    if (!("xaxis.range[0]" in change)) return;
    const span = [change["xaxis.range[0]"], change["xaxis.range[1]"]];
    if (rowsWithin(span).length > 1) zoomTo(span);
    draw();
  });
  graph.on("plotly_doubleclick", () => {
    unzoom();
    draw();
  });
}

function pointAt(month) {
  const curveNumber = graph.data.findIndex(({ x, hovertext }) => hovertext?.[x.indexOf(month)]);
  const pointNumber = graph.data[curveNumber].x.indexOf(month);
  Plotly.Fx.hover(graph, [{ curveNumber, pointNumber }]);
}
