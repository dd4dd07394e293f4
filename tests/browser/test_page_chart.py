"""The chart of the analyst's page: what it shows, and how one moves in it."""

from itertools import pairwise

import pytest
from playwright.sync_api import expect

from tests.browser.drawn_chart import drawn_chart

DRAWN = "#plot polyline"
MARCH_2021 = 12 * 2021 + 2


@pytest.fixture
def chart(visit, real_service):
    """The page once the chart is drawn."""
    page = visit(real_service)
    expect(page.locator(DRAWN).first).to_be_visible()
    return page


@pytest.fixture(scope="module")
def coming(real_service):
    """The months that the API forecasts."""
    return real_service.client.post("/forecast", json={}).json()["forecasts"]


def within(month, level):
    """Return the ends of an interval as the page writes them."""
    interval = next(one for one in month["intervals"] if one["level"] == level)
    return " and ".join(f"{interval[f'{end}_clp_per_litre']:.1f}" for end in ("lower", "upper"))


def drag(page, start, end, *, height=100):
    """Drag across the chart, from a distance from its left edge to another."""
    box = page.locator("#plot").bounding_box()
    page.mouse.move(box["x"] + start, box["y"] + height)
    page.mouse.down()
    page.mouse.move(box["x"] + end, box["y"] + height, steps=5)
    page.mouse.up()


def test_shows_history_past_forecasts_and_the_fan(chart, real_service, coming):
    """Every line and area is drawn from the API's numbers."""
    months = real_service.client.get("/history").json()["months"]
    start = (months[-1]["month"], months[-1]["price_clp_per_litre"])

    def end(level, which):
        interval = {80: 0, 95: 1}[level]
        return [
            (month["month"], month["intervals"][interval][f"{which}_clp_per_litre"])
            for month in coming
        ]

    expected = {
        "fan-95": [start, *end(95, "upper"), *reversed(end(95, "lower"))],
        "fan-80": [start, *end(80, "upper"), *reversed(end(80, "lower"))],
        "made-line": [
            (month["month"], month["forecast_clp_per_litre"])
            for month in months
            if month["forecast_clp_per_litre"] is not None
        ],
        "observed-line": [(month["month"], month["price_clp_per_litre"]) for month in months],
        "forecast-line": [
            start,
            *((month["month"], month["price_clp_per_litre"]) for month in coming),
        ],
    }
    shapes = drawn_chart(chart).shapes
    for name, points in expected.items():
        drawn_months, drawn_prices = shapes[name]
        assert drawn_months == [month for month, _ in points], name
        assert drawn_prices == pytest.approx([price for _, price in points], abs=0.01), name
    expect(chart.locator("#plot .forecast-point")).to_have_count(12)
    dashes = {
        chart.locator(f"#plot .{name}").evaluate("line => getComputedStyle(line).strokeDasharray")
        for name in ("made-line", "observed-line", "forecast-line")
    }
    assert len(dashes) == 3, "lines differ in more than their colour"


def test_shows_five_years_at_first_and_others_when_asked(chart):
    """Each button says which one is chosen, and the prices fill the height."""
    first_to_last = (MARCH_2021 - 1 - 5 * 12 - 1, MARCH_2021 + 12)
    assert drawn_chart(chart).months == first_to_last
    for name, months in (("15 years", 15 * 12), ("All", 505), ("5 years", 5 * 12)):
        button = chart.get_by_role("button", name=name, exact=True)
        button.press("Enter")
        expect(button).to_have_attribute("aria-pressed", "true")
        expect(chart.locator("#ranges [aria-pressed=true]")).to_have_count(1)
        assert drawn_chart(chart).months == (MARCH_2021 - 2 - months, MARCH_2021 + 12)
    least, most = drawn_chart(chart).prices
    assert 150 < least < 190
    assert 380 < most < 420


def test_zooms_into_what_is_dragged_over_and_back(chart):
    """A double click brings back the range of the button."""
    before = drawn_chart(chart)
    drag(chart, 100, 400)
    expect(chart.locator("#ranges [aria-pressed=true]")).to_have_count(0)
    zoomed = drawn_chart(chart)
    assert zoomed.months == tuple(round(before.month_at(x)) for x in (100, 400))
    assert zoomed.prices[1] - zoomed.prices[0] < 100

    chart.locator("#plot").dblclick(position={"x": 300, "y": 100})
    expect(chart.locator("#ranges [aria-pressed=true]")).to_have_text("5 years")
    assert drawn_chart(chart).months == before.months


def test_mouse_that_hardly_moves_does_not_zoom(chart):
    """Neither does a click."""
    before = drawn_chart(chart)
    drag(chart, 300, 306)
    assert drawn_chart(chart).months == before.months


def test_moves_along_when_dragged_with_shift(chart):
    """As many months as are dragged over, and no farther than there are any."""
    before = drawn_chart(chart)
    chart.keyboard.down("Shift")
    drag(chart, 400, 700)
    moved = round(before.month_at(700) - before.month_at(400))
    assert drawn_chart(chart).months == tuple(month - moved for month in before.months)
    expect(chart.locator("#ranges [aria-pressed=true]")).to_have_count(0)

    drag(chart, 900, 100)
    assert drawn_chart(chart).months == before.months


def test_slider_tells_of_each_month(chart, coming):
    """Without a mouse one learns the same: in words, for screen readers too, and in the chart."""
    march = coming[0]
    slider = chart.get_by_role("slider", name="Go month by month")
    expect(slider).to_have_attribute(
        "aria-valuetext",
        f"March 2021: forecast {march['price_clp_per_litre']:.1f}; 8 times out of "
        f"10 between {within(march, 80)}; 19 out of 20 between {within(march, 95)}",
    )
    slider.press("ArrowLeft")
    expect(chart.locator("#month-words")).to_contain_text("February 2021: price 295.2; forecast a")
    expect(chart.locator("#reading")).to_contain_text("February 2021")


def test_mouse_is_told_of_the_month_beneath_it(chart, coming):
    """Over the fan, the forecast and both margins, which the crosshair marks; elsewhere nothing."""
    august, box = coming[5], chart.locator("#plot").bounding_box()
    shown = drawn_chart(chart)
    x = next(x for x, after in pairwise(range(2000)) if shown.month_at(after) >= MARCH_2021 + 5)
    chart.mouse.move(box["x"] + x, box["y"] + 100)
    expect(chart.locator("#reading > *")).to_have_text(
        [
            "August 2021",
            f"forecast {august['price_clp_per_litre']:.1f}",
            f"8 times out of 10 between {within(august, 80)}",
            f"19 out of 20 between {within(august, 95)}",
        ]
    )
    expect(chart.locator(".crosshair circle")).to_have_count(1)
    expect(chart.locator(".crosshair .end")).to_have_count(4)

    chart.mouse.move(box["x"] + 100, box["y"] + 100)
    expect(chart.locator("#reading")).to_contain_text("forecast a month before")
    chart.mouse.move(box["x"], box["y"] - 50)
    expect(chart.locator("#reading")).to_be_hidden()
    expect(chart.locator(".crosshair")).to_have_count(0)


def test_finger_is_told_of_the_month_beneath_it(visit, real_service):
    """It stays told when the finger is lifted, in the width of a small phone."""
    phone = {"viewport": {"width": 320, "height": 740}, "is_mobile": True, "has_touch": True}
    page = visit(real_service, **phone)
    page.locator("#plot").tap(position={"x": 240, "y": 100})
    reading = page.locator("#reading")
    expect(reading).to_contain_text("19 out of 20 between")
    box = reading.bounding_box()
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 320


def test_follows_the_colours_of_the_system(visit, real_service):
    """Dark is dark at once, and the chart changes with the page."""
    page = visit(real_service, color_scheme="dark")
    line = page.locator("#plot .forecast-line")
    ground = "getComputedStyle(document.documentElement).backgroundColor"
    expect(line).to_have_css("stroke", "rgb(134, 188, 255)")
    assert page.evaluate(ground) == "rgb(18, 22, 28)"

    page.emulate_media(color_scheme="light")
    expect(line).to_have_css("stroke", "rgb(11, 92, 173)")
    assert page.evaluate(ground) == "rgb(250, 249, 245)"
