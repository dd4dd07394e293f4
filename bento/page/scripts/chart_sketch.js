/** The chart at once, as a drawing: what is seen until Plotly has come, or if it can't come. */

const SVG = "http://www.w3.org/2000/svg";
const DASHES = { dot: "2 4", dash: "9 6", dashdot: "9 4 2 4" };

/** Draw Plotly's traces and axes into an SVG element. */
export function sketch(svg, traces, { margin, xaxis, yaxis }) {
  const scale = scales(svg, { margin, xaxis, yaxis });
  const { left, top, right, bottom } = scale;
  const frame = { x: left, y: top, width: right - left, height: bottom - top };
  svg.replaceChildren(
    make("clipPath", { id: "plot-area" }, make("rect", frame)),
    ...yaxis.tickvals.flatMap((price, at) => priceTick(price, yaxis.ticktext[at], scale, yaxis)),
    ...xaxis.tickvals.flatMap((date, at) => monthTick(date, xaxis.ticktext[at], scale, xaxis)),
    make(
      "g",
      { "clip-path": "url(#plot-area)" },
      ...traces.map((_, at) => shape(traces, at, scale)),
    ),
  );
}

function scales(svg, { margin, xaxis, yaxis }) {
  const [left, top] = [margin.l, margin.t];
  const [right, bottom] = [svg.clientWidth - margin.r, svg.clientHeight - margin.b];
  const [from, to] = xaxis.range.map(Date.parse);
  const [least, most] = yaxis.range;
  return {
    left,
    top,
    right,
    bottom,
    x: (date) => left + ((Date.parse(date) - from) / (to - from)) * (right - left),
    y: (price) => bottom - ((price - least) / (most - least)) * (bottom - top),
  };
}

function priceTick(price, words, { left, right, y }, { gridcolor, tickfont }) {
  const place = { x: left - 3, y: y(price) + 4.5, "text-anchor": "end" };
  return [
    make("path", { d: `M${left} ${y(price)}H${right}`, stroke: gridcolor }),
    make("text", { ...place, ...font(tickfont) }, words),
  ];
}

function monthTick(date, words, { bottom, x }, { tickcolor, tickfont }) {
  const place = { x: x(date), y: bottom + 20, "text-anchor": "middle" };
  return [
    make("path", { d: `M${x(date)} ${bottom}v5`, stroke: tickcolor }),
    make("text", { ...place, ...font(tickfont) }, words),
  ];
}

function font({ color, size }) {
  return { fill: color, "font-size": size };
}

/** Draw a line, or the area between it and the trace before it. */
function shape(traces, at, { x, y }) {
  const points = (trace) => trace.x.map((date, month) => `${x(date)},${y(trace.y[month])}`);
  const { fill, fillcolor, line } = traces[at];
  if (fill) {
    const around = [...points(traces[at]), ...points(traces[at - 1]).reverse()];
    return make("polygon", { points: around.join(" "), fill: fillcolor });
  }
  return make("polyline", {
    points: points(traces[at]).join(" "),
    fill: "none",
    stroke: line.color ?? "none",
    "stroke-width": line.width,
    "stroke-dasharray": DASHES[line.dash] ?? "none",
  });
}

function make(tag, attributes, ...children) {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}
