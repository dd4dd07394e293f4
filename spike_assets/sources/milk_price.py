"""The price of milk: `precio_leche.csv`.

What dairy farms are paid for a litre, in nominal CLP without VAT, since 1979. One row a month:
year, Spanish month abbreviation, price.
"""

import re
from typing import Annotated

import pandas as pd

from spike_assets.series.catalogue import MONTH, PRICE, PRICE_CLP_PER_LITRE
from spike_assets.sources.months import (
    SPANISH_MONTHS,
    YEAR_PATTERN,
    YEARS,
    drop_repeated_months,
    fault,
    first_day,
    require_every_month,
    sorted_by_month,
    spanish_month_number,
)
from spike_assets.sources.numbers import plain_numbers
from spike_assets.sources.schemas import monthly_schema
from spike_assets.sources.source import CHALLENGE_URL, Cleaned, Source

FILE_NAME = "precio_leche.csv"
YEAR = "Anio"
MONTH_NAME = "Mes"
PUBLISHED_PRICE = "Precio_leche"
_YEAR = re.compile(YEAR_PATTERN, re.ASCII)
COLUMNS = (YEAR, MONTH_NAME, PUBLISHED_PRICE)


def clean_milk_price(raw: pd.DataFrame) -> Cleaned:
    """Type the price file.

    Args:
        raw: Text cells with `COLUMNS`, indexed by line.

    Returns:
        `month` and `price_clp_per_litre` (`float64`). Repair: `repeated_months`.

    Raises:
        DataError: A year, month or price can't be read or is implausible, a month is missing or
            contradicts itself.
    """
    prices = plain_numbers(
        raw[PUBLISHED_PRICE],
        file_name=FILE_NAME,
        unit=PRICE.unit,
        plausible=PRICE.plausible,
    )
    table = pd.DataFrame({MONTH: _months(raw), PUBLISHED_PRICE: prices})
    table, repeated_months = drop_repeated_months(table, file_name=FILE_NAME, column=MONTH_NAME)
    require_every_month(table, file_name=FILE_NAME)
    table = sorted_by_month(table.rename(columns={PUBLISHED_PRICE: PRICE_CLP_PER_LITRE}))
    return Cleaned(table, repairs={"repeated_months": repeated_months})


def _months(raw: pd.DataFrame) -> list[pd.Timestamp]:
    months = []
    for line, year, name in raw[[YEAR, MONTH_NAME]].itertuples():
        if not _YEAR.fullmatch(year):
            raise fault(
                FILE_NAME,
                line=line,
                column=YEAR,
                value=year,
                expected=f"a year of four digits, {YEARS}",
            )
        number = spanish_month_number(name)
        if number is None:
            raise fault(
                FILE_NAME,
                line=line,
                column=MONTH_NAME,
                value=name,
                expected=f"one of {', '.join(month.title() for month in SPANISH_MONTHS)}",
            )
        months.append(first_day(int(year), number))
    return months


SOURCE = Source(
    name="milk_price",
    description=__doc__,
    file_name=FILE_NAME,
    url=f"{CHALLENGE_URL}/{FILE_NAME}",
    sha256="07cf7b1e030ff51eaf02493c87bf8cc52e33470c0e8ff6f39db5abed029d72f0",
    columns=COLUMNS,
    series=(PRICE,),
    clean=clean_milk_price,
    schema=monthly_schema(
        [PRICE],
        description="What dairy farms were paid for a litre in nominal CLP, a row for each month.",
    ),
)
MilkPriceTable = Annotated[pd.DataFrame, SOURCE.schema]
