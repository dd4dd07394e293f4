"""The price of milk: `precio_leche.csv`.

What dairy farms are paid for a litre, in nominal CLP without VAT, since 1979. One row a month:
year, Spanish month abbreviation, price.
"""

import re
from typing import Annotated

import numpy as np
import pandas as pd

from spike_assets.series.catalogue import MONTH, PRICE, PRICE_CLP_PER_LITRE
from spike_assets.sources.errors import DataError
from spike_assets.sources.frozen import MAX_EQUAL_MONTHS, frozen_stretches
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
from spike_assets.sources.plausibility import beside, hold_to_own_level
from spike_assets.sources.schemas import monthly_schema
from spike_assets.sources.source import CHALLENGE_URL, Cleaned, Source

FILE_NAME = "precio_leche.csv"
YEAR = "Anio"
MONTH_NAME = "Mes"
PUBLISHED_PRICE = "Precio_leche"
_YEAR = re.compile(YEAR_PATTERN, re.ASCII)
COLUMNS = (YEAR, MONTH_NAME, PUBLISHED_PRICE)

MAX_RATIO = 2.0
"""Largest plausible ratio of the prices of neighbouring months; 1.26 is the largest since 1979."""

DOUBTFUL_RATIO = 1.15
"""A price is doubtful beyond it, if it goes there and back; 1.05 is the largest since 1979."""


def clean_milk_price(raw: pd.DataFrame) -> Cleaned:
    """Type the price file.

    Args:
        raw: Text cells with `COLUMNS`, indexed by line.

    Returns:
        `month` and `price_clp_per_litre` (`float64`). Repairs: `repeated_months`, and
        `unusual_values`, which are kept.

    Raises:
        DataError: A year, month or price can't be read or is implausible, a month is missing or
            contradicts itself, or the price never moves.
    """
    prices = plain_numbers(raw[PUBLISHED_PRICE], file_name=FILE_NAME, unit=PRICE.unit)
    table = pd.DataFrame({MONTH: _months(raw), PUBLISHED_PRICE: prices})
    table, repeated_months = drop_repeated_months(table, file_name=FILE_NAME, column=MONTH_NAME)
    require_every_month(table, file_name=FILE_NAME)
    unusual_values = hold_to_own_level(
        table, {PUBLISHED_PRICE: PRICE}, cells=raw, file_name=FILE_NAME
    )
    by_month = table.sort_values(MONTH)
    _require_moving(by_month)
    _require_plausible_moves(by_month, cells=raw[PUBLISHED_PRICE])
    warnings = [
        *_doubtful_prices(by_month, cells=raw[PUBLISHED_PRICE]),
        *frozen_stretches(by_month, file_name=FILE_NAME),
    ]
    table = sorted_by_month(table.rename(columns={PUBLISHED_PRICE: PRICE_CLP_PER_LITRE}))
    return Cleaned(
        table,
        repairs={"repeated_months": repeated_months, "unusual_values": unusual_values},
        warnings=warnings,
    )


def _require_moving(by_month: pd.DataFrame) -> None:
    """Refuse a price that is the same in every month: nothing can be learned from it."""
    prices = by_month[PUBLISHED_PRICE]
    if len(prices) > MAX_EQUAL_MONTHS and prices.nunique() == 1:
        first, last = by_month[MONTH].iloc[[0, -1]]
        raise DataError(
            f"{FILE_NAME}, column {PUBLISHED_PRICE!r}: the price does not move, it is "
            f"{prices.iloc[0]:g} in all {len(prices)} months from {first:%Y-%m} to {last:%Y-%m}"
        )


def _require_plausible_moves(by_month: pd.DataFrame, *, cells: pd.Series) -> None:
    """Refuse a price that differs from that of a neighbouring month by more than `MAX_RATIO`."""
    log_prices = np.log(by_month[PUBLISHED_PRICE].to_numpy())
    too_far = np.abs(np.diff(log_prices)) > np.log(MAX_RATIO)
    if not too_far.any():
        return
    # A month and the next one differ: the one that is further from the months around is wrong.
    before = int(too_far.argmax())
    around = np.median(log_prices[max(0, before - 5) : before + 7])  # a year
    at = max(before, before + 1, key=lambda position: abs(log_prices[position] - around))
    line = by_month.index[at]
    raise fault(
        FILE_NAME,
        line=line,
        column=PUBLISHED_PRICE,
        value=cells[line],
        expected=f"a price that differs by a factor of {MAX_RATIO:g} at most from the months "
        f"beside it: {beside(by_month, at, cells)}",
    )


def _doubtful_prices(by_month: pd.DataFrame, *, cells: pd.Series) -> list[str]:
    """Describe the prices that leave both neighbours by more than `DOUBTFUL_RATIO`, to one side.

    The last month has one neighbour.
    """
    moves = np.diff(np.log(by_month[PUBLISHED_PRICE].to_numpy()))
    into, out_of = moves, np.append(-moves[1:], moves[-1:])
    there_and_back = np.where(into * out_of > 0, np.minimum(np.abs(into), np.abs(out_of)), 0)
    doubtful = np.flatnonzero(there_and_back > np.log(DOUBTFUL_RATIO)).tolist()
    return [
        f"{FILE_NAME}, line {by_month.index[move + 1]}, column {PUBLISHED_PRICE!r}: "
        f"{cells[by_month.index[move + 1]]!r} is doubtful, more than {DOUBTFUL_RATIO - 1:.0%} away "
        f"from {beside(by_month, move + 1, cells)}"
        for move in doubtful
    ]


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
