"""The what-if of the analyst's page: prices supposed, and what follows from them."""

import csv
import math
import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.drawn_chart import drawn_chart, month_number

MARCH, APRIL = "Price of March 2021, in CLP per litre", "Price of April 2021, in CLP per litre"


@pytest.fixture
def page(visit, real_service):
    """The page, whose what-ifs the service may refuse."""
    page = visit(real_service, refusals=("400",))
    expect(page.locator("#plot polyline").first).to_be_visible()
    return page


@pytest.fixture
def ask(real_service):
    """What asks the API for a forecast from supposed prices."""

    def ask(*prices):
        months = ("2021-03", "2021-04", "2021-05")
        observations = [
            {"month": month, "price_clp_per_litre": price}
            for month, price in zip(months, prices, strict=False)
        ]
        return real_service.client.post("/forecast", json={"observations": observations}).json()

    return ask


def expect_shown(page, forecast):
    """Expect the number, the table and the chart to show a forecast."""
    prices = [month["price_clp_per_litre"] for month in forecast["forecasts"]]
    expect(page.locator("#number")).to_have_text(f"{prices[0]:.1f}")
    expect(page.locator("#months .price")).to_have_text([f"{price:.1f}" for price in prices])
    drawn = drawn_chart(page)["shapes"]["forecast-line"][1:]
    assert [price for _, price in drawn] == pytest.approx(prices, abs=0.01)


def test_shows_what_follows_from_a_supposed_price(page, ask):
    """Number, table and chart change together, and say that they are a what-if."""
    page.get_by_label(MARCH).fill("340")
    page.get_by_role("button", name="Compute").click()

    result = page.get_by_text("With your what-if, April 2021 would be at")
    without = ask()["forecasts"][1]["price_clp_per_litre"]
    expect(result).to_contain_text(f"CLP per litre; without it, at {without:.1f}.")
    expect_shown(page, ask(340))
    expect(
        page.get_by_role("heading", name="Price for April 2021, with your what-if")
    ).to_be_visible()
    mark = page.get_by_role("complementary", name="This is your what-if")
    expect(mark).to_be_in_viewport()
    expect(mark).to_contain_text("Mar 2021: 340.0")
    shapes = drawn_chart(page)["shapes"]
    assert shapes["what-if-line"][-1] == pytest.approx([month_number("2021-03"), 340], abs=0.01)
    published = [month["price_clp_per_litre"] for month in ask()["forecasts"]]
    assert [price for _, price in shapes["published-line"][1:]] == pytest.approx(
        published, abs=0.01
    )


def test_months_are_added_and_removed(page, ask):
    """Each added month follows the one before; the last one can be removed again."""
    page.get_by_label(MARCH).fill("310")
    page.get_by_role("button", name="Add April 2021").click()
    expect(page.get_by_label(APRIL)).to_be_focused()
    page.get_by_label(APRIL).fill("322.5")
    page.get_by_label(APRIL).press("Enter")
    expect(page.get_by_text("With your what-if, May 2021")).to_be_visible()
    expect_shown(page, ask(310, 322.5))

    page.get_by_role("button", name="Remove April 2021").click()
    expect(page.get_by_text("With your what-if, April 2021")).to_be_visible()
    expect_shown(page, ask(310))


def test_goes_back_to_the_published_data(page, ask):
    """From the mark at the foot of the page, wherever one is."""
    page.get_by_label(MARCH).fill("340")
    page.get_by_label(MARCH).press("Enter")
    mark = page.get_by_role("complementary", name="This is your what-if")
    mark.get_by_role("button", name="Back to the published data").click()

    expect(mark).to_be_hidden()
    expect_shown(page, ask())
    expect(page.get_by_label(MARCH)).to_have_value("")
    expect(page.get_by_role("heading", name="Expected price for March 2021")).to_be_visible()


@pytest.mark.parametrize(
    ("button", "label", "told"),
    [
        ("English", MARCH, "Mar 2021: {}"),
        ("Español", "Precio de marzo de 2021, en pesos por litro", "mar 2021: {}"),
    ],
)
def test_reads_both_decimal_signs_in_both_languages(page, ask, button, label, told):
    """Whatever the language of the browser is, which has one sign alone."""
    page.get_by_role("button", name=button).click()
    field = page.get_by_label(label)
    for typed, price in (("310,5", 310.5), ("311.5", 311.5), (" 312 ", 312)):
        field.fill(typed)
        field.press("Enter")
        shown = f"{price:.1f}" if button == "English" else f"{price:.1f}".replace(".", ",")
        expect(page.locator("#what-if-bar-months")).to_have_text(told.format(shown))
        drawn = drawn_chart(page)["shapes"]["forecast-line"][1][1]
        forecast = ask(price)["forecasts"][0]["price_clp_per_litre"]
        assert drawn == pytest.approx(forecast, abs=0.01)


@pytest.mark.parametrize("typed", ["1.310,5", "310 5", "-310", "3e2", "abc", "9" * 400])
def test_what_is_no_price_is_told_so_in_the_language_of_the_page(page, typed):
    """With an example as it can be written there; the service is not troubled."""
    page.get_by_role("button", name="Español").click()
    field = page.locator("#assumption-0")
    field.fill(typed)
    field.press("Enter")
    expect(field).to_have_accessible_description(
        "Escriba un precio en pesos por litro con cifras, con coma o punto decimal, "
        "por ejemplo 295,2."
    )
    expect(field).to_have_value(typed)


@pytest.mark.parametrize(
    ("typed", "read", "told"),
    [
        ("30,1", 30.1, "30,1 no es verosímil para marzo de 2021: se esperan al menos {minimum}"),
        ("0", 0, "0,0 no es verosímil para marzo de 2021: se esperan al menos {minimum}"),
        ("900", 900, "900,0 no es verosímil para marzo de 2021: se esperan a lo más {maximum}"),
        ("3105", 3105, "3.105,0 no es verosímil para marzo de 2021: se esperan a lo más {maximum}"),
    ],
)
def test_says_at_the_field_what_the_service_refuses(page, real_service, typed, read, told):
    """In the language of the page, with the limit of the service, rounded inwards."""
    observation = {"month": "2021-03", "price_clp_per_litre": read}
    answer = real_service.client.post("/forecast", json={"observations": [observation]})
    error = answer.json()["errors"][0]
    limits = {
        name: f"{inwards(10 * error[name]) / 10:,.1f}".translate(str.maketrans(",.", ".,"))
        for name, inwards in (("minimum", math.ceil), ("maximum", math.floor))
        if name in error
    }

    page.get_by_role("button", name="Español").click()
    field = page.locator("#assumption-0")
    field.fill(typed)
    field.press("Enter")
    expect(field).to_have_accessible_description(f"{told.format(**limits)} pesos por litro.")


def test_says_that_newer_prices_were_published(page):
    """The page was opened before, and its months no longer follow the last price."""
    error = {"field": "observations[0].month", "detail": "2021-03 does not follow 2021-03"}
    problem = {"status": 400, "detail": "It does not follow", "errors": [error]}
    page.route(
        "**/forecast",
        lambda route: route.fulfill(
            status=400, content_type="application/problem+json", json=problem
        ),
    )
    page.get_by_label(MARCH).fill("310")
    page.get_by_role("button", name="Compute").click()
    expect(page.get_by_label(MARCH)).to_have_accessible_description(
        "The published data has changed since this page was loaded. Load it again."
    )


def test_fault_is_shown_at_its_month(page, ask):
    """What was shown stays, and so do the other months."""
    page.get_by_label(MARCH).fill("310")
    page.get_by_role("button", name="Add April 2021").click()
    page.get_by_label(APRIL).fill("900")
    page.get_by_role("button", name="Compute").click()

    field = page.get_by_label(APRIL)
    expect(field).to_be_focused()
    expect(field).to_have_attribute("aria-invalid", "true")
    expect(field).to_have_accessible_description(
        re.compile("^900.0 is implausible for April 2021: expected at most ")
    )
    expect(page.get_by_label(MARCH)).to_have_attribute("aria-invalid", "false")
    expect_shown(page, ask())


def test_asks_for_a_price_that_is_missing(page):
    """Before the service is troubled."""
    page.get_by_role("button", name="Compute").click()
    expect(page.get_by_label(MARCH)).to_have_accessible_description(
        "Enter a price in CLP per litre in digits, with a decimal point or comma, "
        "for example 295.2."
    )
    expect(page.get_by_label(MARCH)).to_be_focused()


def test_language_changes_without_losing_what_was_typed(page):
    """Fields, faults and results are said again."""
    page.get_by_label(MARCH).fill("340")
    page.get_by_label(MARCH).press("Enter")
    page.get_by_role("button", name="Español").click()

    expect(page.get_by_label("Precio de marzo de 2021")).to_have_value("340")
    expect(page.get_by_text("Con su supuesto, abril de 2021 quedaría en")).to_be_visible()
    expect(page.get_by_role("complementary", name="Esto es un supuesto suyo")).to_be_visible()


def test_file_has_the_supposed_prices(page, ask):
    """They are marked as such, in the file and in its name."""
    page.get_by_label(MARCH).fill("340")
    page.get_by_label(MARCH).press("Enter")
    expect(page.get_by_text("With your what-if, April 2021")).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("button", name="Download CSV").click()

    assert download.value.suggested_filename == "milk-price-2021-02-what-if.csv"
    with Path(download.value.path()).open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [(row["month"], row["kind"]) for row in rows[505:508]] == [
        ("2021-02", "observed"),
        ("2021-03", "what_if"),
        ("2021-04", "forecast"),
    ]
    assert rows[506]["price_clp_per_litre"] == "340"
    assert [float(row["forecast_clp_per_litre"]) for row in rows[507:]] == [
        month["price_clp_per_litre"] for month in ask(340)["forecasts"]
    ]
