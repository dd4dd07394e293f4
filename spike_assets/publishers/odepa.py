"""Milk prices from ODEPA: what dairy farms are paid, from its price series (`series-precios`).

The interface is the one behind ODEPA's page of price series. Sub-sector and product are looked up
by name, as their numbers may change. A request is for five years; the values are nominal and
without VAT. They are revised for months, so all years are requested each time.
"""

import json
import unicodedata
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime
from typing import Any

import pandas as pd

from spike_assets.publishers.errors import PublisherError
from spike_assets.publishers.http import PublisherHttp
from spike_assets.publishers.numbers import chilean_number
from spike_assets.publishers.publisher import Publisher, Reading
from spike_assets.publishers.received import Received
from spike_assets.publishers.settings import PublisherSettings
from spike_assets.series.catalogue import MONTH, PRICE, PRICE_CLP_PER_LITRE
from spike_assets.sources.milk_price import SOURCE
from spike_assets.sources.months import first_day, spanish_month_number

NAME = "odepa"
TITLE = "ODEPA, milk price"
FIRST_YEAR = 1979
YEARS_A_REQUEST = 5
_API = "/series-precios/results"
_MARKET = 1  # prices paid to producers
_SUB_SECTOR = "lacteos"
_PRODUCT = "leche total pais productor"
_IPC = 6372  # which consumer prices real values would be in; asked for, but of no effect here


def probe(settings: PublisherSettings) -> None:
    """Request the number of the sub-sector.

    Raises:
        PublisherError: There is no answer, or the sub-sector is gone.
    """
    with PublisherHttp(TITLE, settings.odepa_url) as http:
        _sub_sector(http)


def fetch(settings: PublisherSettings, today: date) -> Received:
    """Request the prices of all years, five a request.

    Raises:
        PublisherError: There is no answer, or neither sub-sector nor product has its name.
    """
    with PublisherHttp(TITLE, settings.odepa_url) as http:
        sub_sector = _sub_sector(http)
        product = _id(
            http.get(
                f"{_API}/productos-by-sub-sector",
                params={"subSector": str(sub_sector)},
                request="list of products",
            ),
            key="id",
            names=("producto", "glosaFull"),
            wanted=_PRODUCT,
            request="list of products",
        )
        answers = {
            f"{first} to {first + YEARS_A_REQUEST - 1}": http.post(
                f"{_API}/avance-por-productos",
                body={
                    "periodoInicio": f"01/01/{first}",
                    "periodoTermino": f"01/12/{first + YEARS_A_REQUEST - 1}",
                    "tipoConsulta": "nominal",
                    "idIPC": _IPC,
                    "tipoMercado": _MARKET,
                    "precioConIva": False,
                    "subSector": sub_sector,
                    "producto": product,
                },
                request=f"prices of {first} to {first + YEARS_A_REQUEST - 1}",
            )
            for first in range(FIRST_YEAR, today.year + 1, YEARS_A_REQUEST)
        }
    return Received(NAME, at=datetime.now(UTC), answers=answers)


def _sub_sector(http: PublisherHttp) -> Any:
    request = "list of sub-sectors"
    content = http.get(
        f"{_API}/sub-sectores-by-tipo-mercado",
        params={"tipoMercado": str(_MARKET)},
        request=request,
    )
    return _id(content, key="sseCod", names=("sseDes",), wanted=_SUB_SECTOR, request=request)


def read(received: Received, file_table: pd.DataFrame) -> Reading:
    """Read the prices by month.

    Raises:
        PublisherError: An answer has another form, holds no number where one is expected, or a
            price that is implausible.
    """
    prices: dict[pd.Timestamp, float] = {}
    n_other_rows = 0
    for years, content in received.answers.items():
        first = int(years[:4])
        for row in _rows(content, years):
            number = spanish_month_number(str(row.get("glosa") or ""))
            if number is None:
                n_other_rows += 1
                continue
            prices |= dict(_prices(row, first=first, month=number, years=years))
    if not prices:
        raise PublisherError(TITLE, "prices", "no answer has a price")
    table = pd.DataFrame({MONTH: list(prices), PRICE_CLP_PER_LITRE: list(prices.values())})
    table = table.astype({MONTH: file_table[MONTH].dtype}).sort_values(MONTH, ignore_index=True)
    return Reading(table, counts={"rows_that_are_no_month": n_other_rows})


def _prices(
    row: Mapping[str, Any], *, first: int, month: int, years: str
) -> Iterator[tuple[pd.Timestamp, float]]:
    for at in range(YEARS_A_REQUEST):
        value = row.get(f"ano{at + 1}")
        if value is None or str(value).strip() in {"", "-", "0", "0.0", "0,0", "0,00"}:
            continue  # not yet published
        number = chilean_number(value)
        where = f"{first + at}-{month:02}"
        if number is None or not PRICE.plausible.lowest <= number <= PRICE.plausible.highest:
            raise PublisherError(
                TITLE,
                f"prices of {years}",
                f"{where}: {value!r}; expected a number from {PRICE.plausible.lowest:g} to "
                f"{PRICE.plausible.highest:g} ({PRICE.unit})",
            )
        yield first_day(first + at, month), number


def _rows(content: bytes, years: str) -> list[Mapping[str, Any]]:
    answer = _json(content, request=f"prices of {years}")
    rows = answer.get("resultAvanceProducto") if isinstance(answer, dict) else None
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise PublisherError(
            TITLE, f"prices of {years}", "the answer has no list 'resultAvanceProducto'"
        )
    return rows


def _id(content: bytes, *, key: str, names: tuple[str, ...], wanted: str, request: str) -> Any:
    """Find the number of what has a name in a list."""
    entries = _json(content, request=request)
    listed = [entry for entry in entries if isinstance(entry, dict)] if entries else []
    for entry in listed:
        if any(_plain(str(entry.get(name, ""))).startswith(wanted) for name in names):
            return entry[key]
    found = ", ".join(str(next((e[n] for n in names if n in e), "?")) for e in listed[:8])
    raise PublisherError(
        TITLE, request, f"nothing is named {wanted!r}; the list has {found or 'nothing'}"
    )


def _plain(text: str) -> str:
    """Return a name in lower case, without accents and with single blanks."""
    letters = unicodedata.normalize("NFKD", text.casefold())
    return " ".join("".join(c for c in letters if not unicodedata.combining(c)).split())


def _json(content: bytes, *, request: str) -> Any:
    try:
        return json.loads(content)
    except ValueError:
        beginning = content[:60].decode("utf-8", errors="replace")
        raise PublisherError(
            TITLE, request, f"the answer is not JSON; it begins with {beginning!r}"
        ) from None


PUBLISHER = Publisher(
    name=NAME,
    title=TITLE,
    description=(
        "What dairy farms are paid for a litre, nominal, without VAT, five to eight weeks after "
        "the month; revised for months. Licence: reproduction with citation of ODEPA; portal "
        "CC BY 4.0. No key is needed."
    ),
    source=SOURCE.name,
    unconfigured=lambda settings: "",
    probe=probe,
    fetch=fetch,
    read=read,
)
