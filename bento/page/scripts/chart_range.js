/** Which months the chart shows: those of a button, or those that were dragged over. */

import { makeSvg } from "./browser.js";
import { monthNumber, OBSERVED } from "./months.js";

/** Less is a click; and two months at least can be told from each other. */
const MIN_DRAG_PIXELS = 8;
const MIN_DRAG_MONTHS = 2;

const buttons = document.querySelectorAll("#ranges button");

let chosen = "5";
let zoomed = null;
let all = null;

/** Return the numbers of the first and the last month to show, and mark their button. */
export function monthsShown(rows) {
  all = [monthNumber(rows[0].month) - 1, monthNumber(rows.at(-1).month) + 1];
  if (zoomed?.[1] > all[1]) zoomed = null;
  for (const button of buttons) {
    button.setAttribute("aria-pressed", String(!zoomed && button.value === chosen));
  }
  const last = monthNumber(rows.findLast(({ kind }) => kind === OBSERVED).month);
  const ofButton = chosen === "all" ? all : [last - 12 * Number(chosen) - 1, all[1]];
  return zoomed ?? ofButton;
}

/** Offer the buttons, and the mouse: drag to zoom in, with Shift to move, double-click to undo. */
export function offerRanges(plot, { axes, redraw }) {
  const show = (months) => {
    zoomed = months;
    redraw();
  };
  for (const button of buttons) {
    button.addEventListener("click", () => {
      chosen = button.value;
      show(null);
    });
  }
  plot.addEventListener("dblclick", () => show(null));
  plot.addEventListener("pointerdown", (event) => {
    // Under a finger the page scrolls; the buttons and the slider do what dragging would.
    if (event.pointerType === "touch" || event.button !== 0) return;
    if (event.shiftKey) dragAlong(plot, event, { axes: axes(), show });
    else dragOver(plot, event, { axes: axes(), show });
  });
}

/** Zoom into what is dragged over, unless the mouse hardly moved. */
function dragOver(plot, start, { axes, show }) {
  const { left } = plot.getBoundingClientRect();
  const first = axes.monthAt(start.clientX - left);
  const selection = makeSvg("rect", { class: "selection", y: axes.top });
  selection.setAttribute("height", axes.bottom - axes.top);
  plot.append(selection);
  let [from, to] = [first, first];
  drag(plot, start, {
    move({ clientX }) {
      [from, to] = [first, axes.monthAt(clientX - left)].sort((one, other) => one - other);
      selection.setAttribute("x", axes.x(from));
      selection.setAttribute("width", axes.x(to) - axes.x(from));
    },
    end() {
      selection.remove();
      const isWide = axes.x(to) - axes.x(from) >= MIN_DRAG_PIXELS;
      if (isWide && to - from >= MIN_DRAG_MONTHS) show([from, to]);
    },
  });
}

/** Move the months that are shown, as far as there are any. */
function dragAlong(plot, start, { axes: { months, pixelsPerMonth }, show }) {
  drag(plot, start, {
    move({ clientX }) {
      const moved = Math.round((start.clientX - clientX) / pixelsPerMonth);
      const by = Math.min(all[1] - months[1], Math.max(all[0] - months[0], moved));
      show(months.map((month) => month + by));
    },
    end() {},
  });
}

function drag(plot, { pointerId }, { move, end }) {
  plot.setPointerCapture(pointerId);
  plot.addEventListener("pointermove", move);
  plot.addEventListener(
    "lostpointercapture",
    () => {
      plot.removeEventListener("pointermove", move);
      end();
    },
    { once: true },
  );
}
