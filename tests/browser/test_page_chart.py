"""The chart of the analyst's page: what it shows, and how one moves in it."""

import pytest
from playwright.sync_api import expect

DRAWN = "#graph .main-svg"


@pytest.fixture
def chart(visit, real_service):
    """The page once the chart can be pointed at."""
    page = visit(real_service)
    expect(page.locator(DRAWN).first).to_be_visible()
    return page


def shown_years(page):
    """Give how many years of history the chart shows."""
    first, last = page.evaluate("graph.layout.xaxis.range.map(Date.parse)")
    return round((last - first) / (365.25 * 24 * 3600 * 1000)) - 1


def test_shows_history_past_forecasts_and_the_fan(chart, real_service):
    """Every line and area is drawn from the API's numbers."""
    forecast = real_service.client.post("/forecast", json={}).json()
    months = real_service.client.get("/history").json()["months"]
    last = forecast["last_observed_price_clp_per_litre"]
    lines = chart.evaluate("graph.data.map(({y}) => Array.from(y))")
    made = [month["forecast_clp_per_litre"] for month in months]
    coming = forecast["forecasts"]

    def end(level, which):
        interval = {95: 1, 80: 0}[level]
        return [last, *(month["intervals"][interval][which] for month in coming)]

    ends = ("lower_clp_per_litre", "upper_clp_per_litre")
    assert lines[:4] == [end(level, which) for level in (95, 80) for which in ends]
    assert lines[4] == [price for price in made if price is not None]
    assert lines[5] == [month["price_clp_per_litre"] for month in months]
    assert lines[-1] == [last, *(month["price_clp_per_litre"] for month in coming)]
    dashes = chart.evaluate("graph.data.map(({line}) => line.dash ?? null)")
    assert len({dashes[4], dashes[5], dashes[-1]}) == 3, "lines differ in more than their colour"


def test_shows_five_years_at_first_and_others_when_asked(chart):
    """Each button says which one is chosen, and the prices fill the height."""
    assert shown_years(chart) == 5
    for name, years in (("15 years", 15), ("All", 42), ("5 years", 5)):
        button = chart.get_by_role("button", name=name, exact=True)
        button.press("Enter")
        expect(button).to_have_attribute("aria-pressed", "true")
        expect(chart.locator("#ranges [aria-pressed=true]")).to_have_count(1)
        assert shown_years(chart) == years
    least, most = chart.evaluate("graph.layout.yaxis.range")
    assert 150 < least < 190
    assert 380 < most < 420


def test_zooms_into_what_is_dragged_over_and_back(chart):
    """A double click brings back the range of the button."""
    plot = chart.locator("#graph .nsewdrag")
    box = plot.bounding_box()
    chart.mouse.move(box["x"] + 100, box["y"] + 100)
    chart.mouse.down()
    chart.mouse.move(box["x"] + 400, box["y"] + 100, steps=5)
    chart.mouse.up()
    expect(chart.locator("#ranges [aria-pressed=true]")).to_have_count(0)
    assert shown_years(chart) < 2

    plot.dblclick(position={"x": 300, "y": 100})
    expect(chart.locator("#ranges [aria-pressed=true]")).to_have_text("5 years")
    assert shown_years(chart) == 5


def test_slider_tells_of_each_month(chart, real_service):
    """Without a mouse one learns the same: in words, for screen readers too, and in the chart."""
    march = real_service.client.post("/forecast", json={"horizon": 1}).json()["forecasts"][0]
    likely, nearly_sure = (
        f"{one['lower_clp_per_litre']:.1f} and {one['upper_clp_per_litre']:.1f}"
        for one in march["intervals"]
    )
    slider = chart.get_by_role("slider", name="Go month by month")
    expect(slider).to_have_attribute(
        "aria-valuetext",
        f"March 2021: forecast {march['price_clp_per_litre']:.1f}; 8 times out of "
        f"10 between {likely}; 19 out of 20 between {nearly_sure}",
    )
    slider.press("ArrowLeft")
    expect(chart.locator("#month-words")).to_contain_text("February 2021: price 295.2; forecast a")
    expect(chart.locator("#graph .hoverlayer")).to_contain_text("February 2021")


def test_mouse_is_told_of_the_month_beneath_it(chart):
    """Over the fan, the forecast and both margins."""
    box = chart.locator("#graph .nsewdrag").bounding_box()
    chart.mouse.move(box["x"] + 0.95 * box["width"], box["y"] + 100)
    expect(chart.locator("#graph .hoverlayer")).to_contain_text("19 out of 20 between")


def test_follows_the_colours_of_the_system(visit, real_service):
    """Dark is dark at once, and the chart changes with the page."""
    page = visit(real_service, color_scheme="dark")
    expect(page.locator(DRAWN).first).to_be_visible()
    line = page.locator("#graph .js-line").last
    ground = "getComputedStyle(document.documentElement).backgroundColor"
    expect(line).to_have_css("stroke", "rgb(134, 188, 255)")
    assert page.evaluate(ground) == "rgb(18, 22, 28)"

    page.emulate_media(color_scheme="light")
    expect(line).to_have_css("stroke", "rgb(11, 92, 173)")
    assert page.evaluate(ground) == "rgb(250, 249, 245)"


def test_chart_is_drawn_without_its_library(visit, real_service):
    """If Plotly does not come, the drawing stays, and the slider goes on telling."""
    page = visit(
        real_service,
        refusals=("ERR_FAILED",),
        prepare=lambda page: page.route("**/plotly.min.js", lambda route: route.abort()),
    )
    expect(page.locator("#sketch polyline").first).to_be_visible()
    page.get_by_role("slider").press("ArrowLeft")
    expect(page.locator("#month-words")).to_contain_text("February 2021")
