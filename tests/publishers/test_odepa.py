"""ODEPA's price series: found by name, read by month, revised with notice."""

import json
from datetime import UTC, date, datetime
from typing import Any

import pandas as pd
import pytest

from spike_assets.publishers.errors import PublisherError
from spike_assets.publishers.odepa import fetch, read
from spike_assets.publishers.received import Received
from spike_assets.publishers.settings import PublisherSettings
from tests.support.publisher_server import Answer, PublisherServer, Question

API = "/series-precios/results"
SUB_SECTORS = f"{API}/sub-sectores-by-tipo-mercado"
PRODUCTS = f"{API}/productos-by-sub-sector"
PRICES = f"{API}/avance-por-productos"
TODAY = date(1986, 11, 28)
FILE = pd.DataFrame({"month": pd.to_datetime(["1979-01-01"]).astype("datetime64[us]")})


def body(content: Any) -> Answer:
    return Answer(json.dumps(content, ensure_ascii=False).encode())


@pytest.fixture
def odepa(publisher: PublisherServer) -> PublisherServer:
    """Return a host that answers as ODEPA did in 2022, on other numbers."""
    publisher.answers[SUB_SECTORS] = body(
        [{"sseCod": 7, "sseDes": "Carnes"}, {"sseCod": 18, "sseDes": "Lácteos"}]
    )
    publisher.answers[PRODUCTS] = body(
        [
            {"id": 454, "producto": "Leche X y XIV Región productor"},
            {"id": 453, "producto": "Leche total país  productor", "glosaFull": "… | $/litro"},
        ]
    )
    publisher.answers[PRICES] = prices
    return publisher


def prices(question: Question) -> Answer:
    first = int(question.body["periodoInicio"][-4:])
    years = {f"ano{n + 1}": first + n + 0.25 for n in range(5)}
    return body({"resultAvanceProducto": [{"glosa": "Enero", **years, "var1": 0.5}]})


def settings(url: str) -> PublisherSettings:
    return PublisherSettings(odepa_url=url)


def received(*rows: dict[str, Any], years: str = "2022 to 2026") -> Received:
    content = json.dumps({"resultAvanceProducto": list(rows)}).encode()
    return Received("odepa", datetime(2026, 11, 28, tzinfo=UTC), {years: content})


def by_month(table: pd.DataFrame) -> dict[str, float]:
    months = table["month"].dt.strftime("%Y-%m")
    return dict(zip(months, table["price_clp_per_litre"], strict=True))


def test_prices_of_all_years_are_requested_five_a_time(odepa: PublisherServer):
    """Nominal, without VAT, of the product that has the name."""
    got = fetch(settings(odepa.url), TODAY)

    assert list(got.answers) == ["1979 to 1983", "1984 to 1988"]
    assert odepa.questions[1].query == {"subSector": ["18"]}
    assert odepa.questions[-1].body == {
        "periodoInicio": "01/01/1984",
        "periodoTermino": "01/12/1988",
        "tipoConsulta": "nominal",
        "idIPC": 6372,
        "tipoMercado": 1,
        "precioConIva": False,
        "subSector": 18,
        "producto": 453,
    }
    assert by_month(read(got, FILE).table)["1986-01"] == 1986.25


def test_product_that_is_gone_is_named_beside_those_there_are(odepa: PublisherServer):
    """Its number may be another product's by now, so no number is assumed."""
    odepa.answers[PRODUCTS] = body([{"id": 453, "producto": "Queso gouda"}])

    with pytest.raises(
        PublisherError,
        match=r"^ODEPA, milk price, list of products: nothing is named 'leche total pais "
        r"productor'; the list has Queso gouda$",
    ):
        fetch(settings(odepa.url), TODAY)


def test_page_in_place_of_json_is_refused(odepa: PublisherServer):
    """As maintenance pages are sent with status 200."""
    odepa.answers[SUB_SECTORS] = Answer(b"<html>En mantenci\xf3n</html>")

    with pytest.raises(PublisherError, match=r"list of sub-sectors: the answer is not JSON; it be"):
        fetch(settings(odepa.url), TODAY)


@pytest.mark.parametrize("value", [503.27, "503,27", "503.27"])
def test_number_is_read_as_json_or_as_text(value: object):
    """Which of them ODEPA sends is not documented."""
    table = read(received({"glosa": "Septiembre", "ano5": value}), FILE).table

    assert by_month(table) == {"2026-09": 503.27}


def test_rows_that_are_no_month_are_left_out_and_counted():
    """Means of the year stand below the months."""
    reading = read(
        received(
            {"glosa": "Feb", "ano1": 380},
            {"glosa": "Ene", "ano1": 381},
            {"glosa": "Promedio", "ano1": 380.5},
            {"glosa": None, "ano1": 1},
        ),
        FILE,
    )

    assert by_month(reading.table) == {"2022-01": 381, "2022-02": 380}
    assert reading.counts == {"rows_that_are_no_month": 2}


@pytest.mark.parametrize("value", [None, "", "-", 0, "0,00"])
def test_month_without_a_price_yet_has_none(value: object):
    """The year is not over."""
    rows = {"glosa": "Enero", "ano4": 500}, {"glosa": "Febrero", "ano4": value}

    assert by_month(read(received(*rows), FILE).table) == {"2025-01": 500}


@pytest.mark.parametrize("value", ["s/i", 306437, "306.437", -5, True, [1]])
def test_price_that_can_not_be_is_named(value: object):
    """With its month and value."""
    with pytest.raises(PublisherError, match=r"prices of 2022 to 2026: 2023-01: .+; expected a"):
        read(received({"glosa": "Enero", "ano2": value}), FILE)


@pytest.mark.parametrize("content", [b"[]", b'{"resultAvanceProducto": null}', b'{"a": [1]}'])
def test_answer_of_another_form_is_refused(content: bytes):
    """A new interface is not guessed at."""
    answer = Received("odepa", datetime(2026, 11, 28, tzinfo=UTC), {"2022 to 2026": content})

    with pytest.raises(PublisherError, match="the answer has no list 'resultAvanceProducto'"):
        read(answer, FILE)


def test_answers_without_any_price_are_refused():
    """An empty table would look like success."""
    with pytest.raises(PublisherError, match="no answer has a price"):
        read(received(), FILE)
