"""The analyst's page: it says what the API says, in Spanish and in English."""

import csv
import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.sync_api import expect

from spike_assets.cli.models import BY_HAND

TEXTS = Path(__file__).parents[2] / "bento" / "page" / "texts"
THIS_DAY = datetime(2026, 11, 23, 12, tzinfo=UTC)


@pytest.fixture(scope="module")
def english():
    """The page's English texts."""
    return json.loads((TEXTS / "en.json").read_text())


@pytest.fixture(scope="module")
def forecast(real_service):
    """What the API forecasts."""
    return real_service.client.post("/forecast", json={}).json()


@pytest.fixture(scope="module")
def history(real_service):
    """What the API knows of the past."""
    return real_service.client.get("/history").json()


def written(number):
    return f"{number:.1f}"


def signed(number):
    return f"{number:+.1f}".replace("-", "\N{MINUS SIGN}")


def way(clp):
    return "up" if clp > 0 else "down"


def ends(forecast, level):
    interval = next(one for one in forecast["intervals"] if one["level"] == level)
    return written(interval["lower_clp_per_litre"]), written(interval["upper_clp_per_litre"])


def test_says_the_next_price_and_how_sure_it_is(visit, real_service, forecast):
    """The large number, its change and its margins are those of the API."""
    page = visit(real_service)
    next_month, last = forecast["forecasts"][0], forecast["last_observed_price_clp_per_litre"]
    price = next_month["price_clp_per_litre"]
    narrow, wide = ends(next_month, 80), ends(next_month, 95)

    headline = page.get_by_role("region", name="Expected price for March 2021")
    expect(headline.locator("strong").first).to_have_text(written(price))
    expect(headline).to_contain_text(
        f"Up {written(price - last)} CLP (+{price / last - 1:.1%}) on February 2021, "
        f"when it was {written(last)}."
    )
    expect(headline).to_contain_text(
        f"8 times out of 10 it will be between {narrow[0]} and {narrow[1]}."
    )
    expect(headline).to_contain_text(f"19 times out of 20, between {wide[0]} and {wide[1]}.")


def test_tells_the_drivers_largest_first_and_all_of_the_change(
    visit, real_service, forecast, english
):
    """Each is told as what lifts or what lowers, and with the rest they add up to the change."""
    page = visit(real_service)
    contributions = forecast["forecasts"][0]["contributions_clp_per_litre"]
    by_size = sorted(contributions.items(), key=lambda driver: -abs(driver[1]))
    least = max(0.1, 0.05 * abs(by_size[0][1]))
    told = [(source, clp) for source, clp in by_size if abs(clp) >= least]
    rest = sum(contributions.values()) - sum(clp for _, clp in told)

    rows = page.get_by_role("region", name="What moves it").get_by_role("listitem")
    expect(rows).to_have_text(
        [f"{english[f'drivers.{source}.{way(clp)}']} {signed(clp)}" for source, clp in told]
        + ([f"Everything else {signed(rest)}"] if abs(rest) >= 0.05 else [])
        + [f"Expected change {signed(sum(contributions.values()))}"]
    )


def test_tells_the_twelve_months_in_a_table(visit, real_service, forecast):
    """What the chart shows of the coming months can be read."""
    page = visit(real_service)
    rows = page.get_by_role("table").locator("tbody tr")
    expect(rows).to_have_count(12)
    for row, month in zip(rows.all(), forecast["forecasts"], strict=True):
        expect(row.get_by_role("cell")).to_have_text(
            [written(month["price_clp_per_litre"])]
            + [" to ".join(ends(month, level)) for level in (80, 95)]
        )
    expect(rows.first.get_by_role("rowheader")).to_have_text("Mar 2021")


def test_says_how_good_it_has_been(visit, real_service, history):
    """The errors of the last sixty months are those of the API, beside repeating the last price."""
    page = visit(real_service)
    known = ("month", "price_clp_per_litre")
    actuals = [{name: month[name] for name in known} for month in history["months"][-60:]]
    found = real_service.client.post("/evaluate", json={"actuals": actuals}).json()
    ours, baseline = found["forecaster"], found["last_price"]
    less = 1 - ours["mae_clp_per_litre"] / baseline["mae_clp_per_litre"]

    record = page.get_by_role("region", name="How good it has been")
    for words in (
        "From March 2016 to February 2021 (60 months)",
        f"This forecast {written(ours['mae_clp_per_litre'])} CLP",
        f"Repeating the last price {written(baseline['mae_clp_per_litre'])} CLP",
        f"off by {less:.0%} less than",
        f"8 times out of 10 held in {60 * ours['coverage_80']:.0f} of 60 months",
        f"19 times out of 20 held in {60 * ours['coverage_95']:.0f} of 60 months",
    ):
        expect(record).to_contain_text(words)


def test_says_where_it_comes_from(visit, real_service, forecast):
    """The data, the model that is served, since when and why."""
    page = visit(real_service)
    promoted = real_service.client.get("/models").json()["promoted"]

    data = page.get_by_role("region", name="Where it comes from")
    for words in (
        "January 1979 to February 2021, 506 months",
        forecast["model"],
        promoted["reason"],
    ):
        expect(data).to_contain_text(words)
    for name, path in (("API documentation", "docs"), ("OpenAPI document", "docs.json")):
        expect(page.get_by_role("link", name=name)).to_have_attribute("href", path)
        assert real_service.client.get(path).is_success


@pytest.mark.parametrize(
    ("recorded", "told"),
    [
        (
            "run 3f0c5e0a-9f3e-4b8e-8f5c-0c3f2a7d1b11",
            "ejecución 3f0c5e0a-9f3e-4b8e-8f5c-0c3f2a7d1b11",
        ),
        (BY_HAND, "a mano"),
        ("Better in April", "Better in April"),
    ],
)
def test_says_why_a_model_is_served_in_the_language_of_the_page(
    visit, sample_service, recorded, told
):
    """A reason that the program recorded is translated; that of a person stays as it is."""
    models = sample_service.client.get("/models").json()
    models["promoted"]["reason"] = recorded
    page = visit(
        sample_service,
        locale="es-CL",
        prepare=lambda page: page.route("**/models", lambda route: route.fulfill(json=models)),
    )
    expect(page.locator("#served")).to_contain_text(f"se puso en uso («{told}»)")


def test_warns_of_old_data(visit, real_service):
    """Who reads years later learns that the next month is not the coming one."""
    page = visit(real_service, prepare=lambda page: page.clock.set_fixed_time(THIS_DAY))
    expect(page.get_by_role("region", name="Notices")).to_have_text(
        "The data is out of date. The newest price is of February 2021, 5 years and 9 months ago: "
        "the forecast is for March 2021, not for the coming month."
    )


def test_warns_of_nothing_while_data_is_new(visit, real_service):
    """Prices are published weeks after their month, so two months are not old."""
    day = datetime(2021, 4, 30, 12, tzinfo=UTC)
    page = visit(real_service, prepare=lambda page: page.clock.set_fixed_time(day))
    expect(page.get_by_role("region", name="Where it comes from")).to_contain_text("up to date")
    expect(page.locator("#notices")).to_be_hidden()


def test_says_loudly_that_data_is_synthetic(visit, sample_service):
    """Nobody takes the sample's forecast for a real one."""
    page = visit(sample_service)
    notice = page.get_by_text("Sample data, not real")
    expect(notice).to_be_in_viewport()
    expect(page.get_by_text("These prices are synthetic")).to_be_in_viewport()
    assert notice.evaluate("notice => parseFloat(getComputedStyle(notice).fontSize)") >= 24


@pytest.mark.parametrize(
    ("locale", "told"),
    [
        ("es-CL", ("es-CL", ",", "Precio esperado para marzo de 2021")),
        ("es-MX", ("es-CL", ",", "Precio esperado para marzo de 2021")),
        ("en-US", ("en", ".", "Expected price for March 2021")),
        ("de-DE", ("en", ".", "Expected price for March 2021")),
    ],
)
def test_speaks_the_language_of_the_browser(visit, real_service, forecast, locale, told):
    """Spanish for who reads Spanish, else English; numbers and months are written likewise."""
    lang, decimal_point, title = told
    number = written(forecast["forecasts"][0]["price_clp_per_litre"]).replace(".", decimal_point)
    page = visit(real_service, locale=locale)
    expect(page.get_by_role("heading", name=title)).to_be_visible()
    expect(page.locator("#number")).to_have_text(number)
    expect(page.locator("html")).to_have_attribute("lang", lang)


def test_switches_language_and_remembers_it(visit, real_service, forecast):
    """The choice holds for everything that is shown, and for the next visit."""
    number = written(forecast["forecasts"][0]["price_clp_per_litre"])
    page = visit(real_service, locale="es-CL")
    expect(page.locator("#record")).to_contain_text("60 meses")
    page.get_by_role("button", name="English").click()

    for _ in range(2):
        expect(page.locator("html")).to_have_attribute("lang", "en")
        expect(page).to_have_title("Milk price paid to farms")
        expect(page.get_by_role("button", name="English")).to_have_attribute("aria-pressed", "true")
        expect(page.locator("#number")).to_have_text(number)
        expect(page.locator("#record")).to_contain_text("60 months")
        expect(page.locator("#month-words")).to_contain_text(f"March 2021: forecast {number}")
        page.reload()


def test_downloads_what_is_shown(visit, real_service, forecast, history):
    """The file has the API's numbers to the last digit, with units in its header."""
    page = visit(real_service)
    with page.expect_download() as download:
        page.get_by_role("button", name="Download CSV").click()
    assert download.value.suggested_filename == "milk-price-2021-02.csv"
    with Path(download.value.path()).open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))

    past, coming = rows[: len(history["months"])], rows[len(history["months"]) :]
    for row, month in zip(past, history["months"], strict=True):
        assert (row["month"], row["kind"]) == (month["month"], "observed")
        assert float(row["price_clp_per_litre"]) == month["price_clp_per_litre"]
        made = month["forecast_clp_per_litre"]
        assert row["forecast_clp_per_litre"] == ("" if made is None else repr(made))
    for row, month in zip(coming, forecast["forecasts"], strict=True):
        assert (row["month"], row["kind"]) == (month["month"], "forecast")
        assert float(row["forecast_clp_per_litre"]) == month["price_clp_per_litre"]
        assert int(row["forecast_months_ahead"]) == month["horizon"]
        for interval in month["intervals"]:
            for end in ("lower", "upper"):
                column = f"{end}_{interval['level']}_clp_per_litre"
                assert float(row[column]) == interval[f"{end}_clp_per_litre"]
    assert {(row["model"], row["data"]) for row in rows} == {(forecast["model"], "published")}


def test_spreadsheets_of_chile_read_the_file_of_the_spanish_page(visit, real_service):
    """Semicolons and decimal commas; otherwise the file of the English page, digit by digit."""
    page = visit(real_service)
    lines = {}
    for language in ("English", "Español"):
        page.get_by_role("button", name=language).click()
        expect(page.get_by_role("button", name=language)).to_have_attribute("aria-pressed", "true")
        with page.expect_download() as download:
            page.locator("#download").click()
        content = Path(download.value.path()).read_bytes()
        assert content.isascii(), "a program would have to guess the encoding"
        lines[language] = content.decode().splitlines()

    assert any("306,27" in line for line in lines["Español"])
    in_english = [line.replace(",", ".").replace(";", ",") for line in lines["Español"]]
    assert in_english == lines["English"]


def test_page_of_the_api_is_drawn(visit, real_service):
    """Under the policy that no style but those of our own files is applied."""
    page = visit(real_service, path="/docs")
    expect(page.locator(".opblock-summary-path").first).to_be_visible()
    page.locator(".opblock-summary").first.click()
    expect(page.locator(".opblock-body").first).to_be_visible()


def test_pictures_for_the_documents(visit, real_service, pictures):
    """What the page looks like on a desk and on a phone."""
    screen = {"viewport": {"width": 360, "height": 780}, "is_mobile": True, "has_touch": True}
    desk = visit(real_service, viewport={"width": 1280, "height": 1310})
    phone = visit(real_service, locale="es-CL", **screen)
    for page, name in ((desk, "page.png"), (phone, "page-phone.png")):
        expect(page.locator("#plot polyline").first).to_be_visible()
        expect(page.locator("#record")).to_contain_text("60")
        page.screenshot(path=pictures / name)
