/** The axes of the chart, its type and its colours. */

import { monthTicks, priceTicks } from "./chart_ticks.js";

/** Give Plotly's layout for a span of months and of prices, as large as an element. */
export function chartLayout({ span, prices, place, colour, language }) {
  const [width, height] = [place.clientWidth, place.clientHeight];
  const axis = {
    gridcolor: colour("grid"),
    tickcolor: colour("line"),
    tickfont: { color: colour("ink-soft"), size: 13 },
    zeroline: false,
  };
  return {
    width,
    height,
    margin: { l: 44, r: 12, t: 8, b: 32 },
    paper_bgcolor: "transparent",
    plot_bgcolor: "transparent",
    font: { family: getComputedStyle(document.body).fontFamily },
    showlegend: false,
    hovermode: "x",
    hoverdistance: -1,
    // Under a finger the page scrolls; the buttons and the slider do what dragging would.
    dragmode: matchMedia("(pointer: coarse)").matches ? false : "zoom",
    hoverlabel: {
      bgcolor: colour("card"),
      bordercolor: colour("line"),
      font: { color: colour("ink"), size: 14 },
      align: "left",
    },
    xaxis: {
      ...axis,
      ...marks(monthTicks(span, { width, language })),
      type: "date",
      range: span,
      showgrid: false,
      ticks: "outside",
      showspikes: true,
      spikemode: "across",
      spikedash: "dot",
      spikethickness: 1,
      spikecolor: colour("ink-soft"),
    },
    yaxis: {
      ...axis,
      ...marks(priceTicks(prices, language)),
      range: prices,
      ticks: "",
      fixedrange: true,
    },
  };
}

export const CHART_SETTINGS = { displayModeBar: false, doubleClick: false };

function marks(ticks) {
  return {
    tickmode: "array",
    tickvals: ticks.map(({ at }) => at),
    ticktext: ticks.map(({ label }) => label),
  };
}
