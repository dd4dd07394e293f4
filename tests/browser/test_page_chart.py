"""The chart of the analyst's page: what it shows, and how one moves in it."""

from operator import itemgetter

import pytest
from numpy.testing import assert_allclose
from playwright.sync_api import expect

from tests.browser.drawn_chart import drawn_chart, month_number, place_of


@pytest.fixture
def chart(visit, real_service):
    """The page once the chart is drawn."""
    page = visit(real_service)
    expect(page.locator("#plot polyline").first).to_be_visible()
    return page


@pytest.fixture(scope="module")
def coming(real_service):
    """The months that the API forecasts."""
    return real_service.client.post("/forecast", json={}).json()["forecasts"]


def within(month, level):
    """Return the ends of an interval as the page writes them."""
    interval = next(one for one in month["intervals"] if one["level"] == level)
    return " and ".join(f"{interval[f'{end}_clp_per_litre']:.1f}" for end in ("lower", "upper"))


def drag(page, start, end):
    """Drag across the chart from a month to another."""
    (start_x, y), (end_x, _) = place_of(page, start), place_of(page, end)
    page.mouse.move(start_x, y)
    page.mouse.down()
    page.mouse.move(end_x, y, steps=5)
    page.mouse.up()


def months_shown(page):
    """Return the first and the last month of the axis."""
    return [f"{month // 12}-{month % 12 + 1:02}" for month in drawn_chart(page)["months"]]


def test_shows_history_past_forecasts_and_the_fan(chart, real_service, coming):
    """Every line and area is drawn from the API's numbers."""
    months = real_service.client.get("/history").json()["months"]

    def points(months, value):
        return [(month_number(month["month"]), value(month)) for month in months]

    def fan(level):
        at = {80: 0, 95: 1}[level]
        upper = points(coming, lambda month: month["intervals"][at]["upper_clp_per_litre"])
        lower = points(coming, lambda month: month["intervals"][at]["lower_clp_per_litre"])
        return [paid[-1], *upper, *reversed(lower)]

    forecast_before = [month for month in months if month["forecast_clp_per_litre"] is not None]
    paid = points(months, itemgetter("price_clp_per_litre"))
    expected = {
        "fan-95": fan(95),
        "fan-80": fan(80),
        "made-line": points(forecast_before, itemgetter("forecast_clp_per_litre")),
        "observed-line": paid,
        "forecast-line": [paid[-1], *points(coming, itemgetter("price_clp_per_litre"))],
    }
    shapes = drawn_chart(chart)["shapes"]
    for name, points_expected in expected.items():
        assert_allclose(shapes[name], points_expected, rtol=0, atol=0.01, err_msg=name)
    expect(chart.locator("#plot .forecast-point")).to_have_count(12)
    dashes = {
        chart.locator(f"#plot .{name}").evaluate("line => getComputedStyle(line).strokeDasharray")
        for name in ("made-line", "observed-line", "forecast-line")
    }
    assert len(dashes) == 3, "lines differ in more than their colour"


def test_shows_five_years_at_first_and_others_when_asked(chart):
    """Each button says which one is chosen, and the prices fill the height."""
    assert months_shown(chart) == ["2016-01", "2022-03"]
    for name, first in (("15 years", "2006-01"), ("All", "1978-12"), ("5 years", "2016-01")):
        button = chart.get_by_role("button", name=name, exact=True)
        button.press("Enter")
        expect(button).to_have_attribute("aria-pressed", "true")
        expect(chart.locator("#ranges [aria-pressed=true]")).to_have_count(1)
        assert months_shown(chart) == [first, "2022-03"]
    least, most = drawn_chart(chart)["prices"]
    assert 150 < least < 190
    assert 380 < most < 420


def test_zooms_into_what_is_dragged_over_and_back(chart):
    """A double click brings back the range of the button; a click alone changes nothing."""
    drag(chart, "2017-09", "2017-09")
    assert months_shown(chart) == ["2016-01", "2022-03"]
    drag(chart, "2019-01", "2017-09")
    expect(chart.locator("#ranges [aria-pressed=true]")).to_have_count(0)
    assert months_shown(chart) == ["2017-09", "2019-01"]
    assert 210 < drawn_chart(chart)["prices"][0] < 216

    chart.mouse.dblclick(*place_of(chart, "2018-03"))
    expect(chart.locator("#ranges [aria-pressed=true]")).to_have_text("5 years")
    assert months_shown(chart) == ["2016-01", "2022-03"]


def test_moves_along_when_dragged_with_shift(chart):
    """As many months as are dragged over, and no farther than there are any."""
    chart.keyboard.down("Shift")
    drag(chart, "2018-01", "2020-01")
    assert months_shown(chart) == ["2014-01", "2020-03"]
    expect(chart.locator("#ranges [aria-pressed=true]")).to_have_count(0)
    drag(chart, "2019-01", "2015-01")
    assert months_shown(chart) == ["2016-01", "2022-03"]


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
    august = coming[5]
    chart.mouse.move(*place_of(chart, "2021-08"))
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

    chart.mouse.move(0, 0)
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
