/** The lines and areas of the chart. */

import { FORECAST, intervalOf, OBSERVED, WHAT_IF } from "./month_rows.js";
import { monthLines } from "./month_words.js";

/**
 * Give Plotly's traces, what lies behind first.
 *
 * Args: `rows` as of `monthRows`; `published`, the forecast without the what-if, null if there is
 * none; `colour`, which gives a colour by its name.
 */
export function chartTraces(rows, { published, colour, language }) {
  const observed = rows.filter(({ kind }) => kind === OBSERVED);
  const supposed = rows.filter(({ kind }) => kind === WHAT_IF);
  const coming = rows.filter(({ kind }) => kind === FORECAST);
  const start = [...observed, ...supposed].at(-1);
  const words = (row) => monthLines(row, language).join("<br>");
  return [
    ...fan(start, coming, 95, colour("fan-95")),
    ...fan(start, coming, 80, colour("fan-80")),
    line(observed.filter((row) => row.forecast !== null), (row) => row.forecast, {
      line: { color: colour("made"), dash: "dot", width: 1.8 },
    }),
    ...(published ? [publishedLine(observed.at(-1), published, colour("published"))] : []),
    line(observed, (row) => row.price, {
      line: { color: colour("observed"), width: 2 },
      ...told(observed, words),
    }),
    line([observed.at(-1), ...supposed], (row) => row.price, {
      mode: "lines+markers",
      line: { color: colour("what-if"), dash: "dashdot", width: 2 },
      marker: {
        symbol: "diamond",
        size: [0, ...supposed.map(() => 11)],
        opacity: 1,
        line: { width: 0 },
      },
      ...told([null, ...supposed], words),
    }),
    line([start, ...coming], (row) => (row === start ? row.price : row.forecast), {
      mode: "lines+markers",
      line: { color: colour("forecast"), dash: "dash", width: 2.5 },
      marker: { size: [0, ...coming.map(() => 7)], opacity: 1, line: { width: 0 } },
      ...told([null, ...coming], words),
    }),
  ];
}

function fan(start, coming, level, fillcolor) {
  const end = (which) => {
    const value = (row) => (row === start ? row.price : intervalOf(row.intervals, level)[which]);
    return line([start, ...coming], value, { line: { width: 0 } });
  };
  return [end("lower"), { ...end("upper"), fill: "tonexty", fillcolor }];
}

function publishedLine(last, { forecasts }, color) {
  const rows = forecasts.map((coming) => ({
    month: coming.month,
    price: coming.price_clp_per_litre,
  }));
  return line([last, ...rows], (row) => row.price, { line: { color, dash: "dot", width: 2 } });
}

function line(rows, value, look) {
  return {
    type: "scatter",
    mode: "lines",
    x: rows.map(({ month }) => month),
    y: rows.map(value),
    hoverinfo: "skip",
    ...look,
  };
}

/** Say of each row what it is when it is pointed at; of null nothing. */
function told(rows, words) {
  return {
    hoverinfo: rows.map((row) => (row ? "text" : "skip")),
    hovertext: rows.map((row) => (row ? words(row) : "")),
  };
}
