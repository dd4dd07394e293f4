"""The chart of the analyst's page, read by the marks of its axes as an eye reads it."""

from playwright.sync_api import Page

_READ = """() => {
  const all = (query) => [...plot.querySelectorAll(query)];
  const number = (element, name) => Number(element.getAttribute(name));
  const axis = (query, name, value) => {
    const [first, last] = [all(query)[0], all(query).at(-1)];
    const unit = (value(last) - value(first)) / (number(last, name) - number(first, name));
    return (place) => value(first) + (place - number(first, name)) * unit;
  };
  const month = axis(".month-mark", "x", ({ textContent }) => {
    const date = new Date(`1 ${textContent.padStart(8, "Jan ")} UTC`);
    return 12 * date.getUTCFullYear() + date.getUTCMonth();
  });
  const price = axis(".price-mark", "y", ({ textContent }) => Number(textContent));
  const points = (shape) => shape.getAttribute("points").split(" ")
    .map((point) => point.split(",").map(Number)).map(([x, y]) => [month(x), price(y)]);
  const [x, y, width, height] = ["x", "y", "width", "height"]
    .map((name) => number(all("#plot-area rect")[0], name));
  return {
    shapes: Object.fromEntries(
      all("polyline, polygon").map((shape) => [shape.className.baseVal, points(shape)])),
    sides: [x, x + width],
    months: [Math.round(month(x)), Math.round(month(x + width))],
    prices: [price(y + height), price(y)],
  };
}"""


def drawn_chart(page: Page) -> dict:
    """Return the points `[month_number, price]` of each shape, and what the axes hold."""
    return page.evaluate(_READ)


def month_number(month: str) -> int:
    """Return how many months "2021-03" lies after January of year 0."""
    year, of_year = month.split("-")
    return 12 * int(year) + int(of_year) - 1


def place_of(page: Page, month: str) -> tuple[float, float]:
    """Return where a mouse points at a month."""
    shown, box = drawn_chart(page), page.locator("#plot").bounding_box()
    (left, right), (first, last) = shown["sides"], shown["months"]
    part = (month_number(month) - first) / (last - first)
    return box["x"] + left + part * (right - left), box["y"] + 100
