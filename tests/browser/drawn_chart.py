"""The chart of the analyst's page, read by its axes as an eye reads it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from playwright.sync_api import Page

_ELEMENTS = """() => {
  const all = (query) => [...plot.querySelectorAll(query)];
  const places = (query) => all(query).map((path) =>
    path.getAttribute("d").match(/^M(\\S+) ([^Hv]+)/).slice(1).map(Number));
  const words = (query) => all(query).map((text) => text.textContent);
  const shape = (element) => [
    element.className.baseVal,
    element.getAttribute("points").split(" ").map((point) => point.split(",").map(Number)),
  ];
  const area = ["x", "y", "width", "height"].map((name) =>
    Number(all("#plot-area rect")[0].getAttribute(name)));
  return {
    ticks: places(".tick"), months: words(".month-mark"),
    grid: places(".grid"), prices: words(".price-mark"),
    shapes: all("polyline, polygon").map(shape), area,
  };
}"""


@dataclass(frozen=True)
class DrawnChart:
    """What the chart shows.

    Attributes:
        shapes: The months and prices that each line and area goes through, by its class.
        months: The first and the last month of the axis, as numbers (months since year 0).
        prices: The least and the greatest price of the axis.
        month_at: Returns the number of the month, not rounded, at a distance from the left edge.
    """

    shapes: dict[str, tuple[list[str], list[float]]]
    months: tuple[int, int]
    prices: tuple[float, float]
    month_at: Callable[[float], float]


def drawn_chart(page: Page) -> DrawnChart:
    """Read the chart; it must be drawn."""
    found = page.evaluate(_ELEMENTS)
    month_at = _scale([x for x, _ in found["ticks"]], [_number(one) for one in found["months"]])
    price_at = _scale([y for _, y in found["grid"]], [float(one) for one in found["prices"]])
    x, y, width, height = found["area"]
    return DrawnChart(
        shapes={
            name: ([_month(month_at(x)) for x, _ in points], [price_at(y) for _, y in points])
            for name, points in found["shapes"]
        },
        months=(round(month_at(x)), round(month_at(x + width))),
        prices=(price_at(y + height), price_at(y)),
        month_at=month_at,
    )


def _scale(places: list[float], values: list[float]) -> Callable[[float], float]:
    """Return what reads a place by the first and the last mark of an axis."""
    unit = (values[-1] - values[0]) / (places[-1] - places[0])
    return lambda place: values[0] + (place - places[0]) * unit


def _number(label: str) -> int:
    """Read "2021" or "Mar 2021"."""
    month = datetime.strptime(label, "%Y" if label.isdigit() else "%b %Y")
    return 12 * month.year + month.month - 1


def _month(number: float) -> str:
    nearest = round(number)
    assert abs(number - nearest) < 0.01, "a point lies between two months"
    return f"{nearest // 12}-{nearest % 12 + 1:02}"
