"""Numbers judged by the level of their own series, and the real ones at the levels of today."""

import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from spike_assets.series.catalogue import (
    BANCO_CENTRAL,
    DOLLAR,
    MONTH,
    PRICE,
    PRICE_CLP_PER_LITRE,
    Column,
    PlausibleRange,
    Series,
)
from spike_assets.sources.errors import DataError
from spike_assets.sources.plausibility import (
    ENOUGH_VALUES,
    IMPLAUSIBLE_FACTOR,
    UNUSUAL_FACTOR,
    hold_to_own_level,
    limits,
)
from spike_assets.sources.raw_file import read_raw_file
from spike_assets.sources.sources import SOURCES

METAL = Series("metal", "USD", "made up", PlausibleRange(1, 60, "made up"), 1)
RAIN = Series("rain", "mm", "made up", PlausibleRange(0, 2000, "made up"), 1)

GOLD = "Precio_de_la_onza_troy_de_oro_dolaresoz"
SILVER = "Precio_de_la_onza_troy_de_plata_dolaresoz"
BY_NAME = {series.name: series for series in (*BANCO_CENTRAL, PRICE)}


def judge(series: Series, *values: float) -> pd.DataFrame:
    """Hold the numbers to their level, as from a file in which line 2 is January 2020."""
    lines = pd.RangeIndex(2, 2 + len(values), name="line")
    months = pd.date_range("2020-01", periods=len(values), freq="MS")
    numbers = pd.DataFrame({MONTH: months, series.name: values}, index=lines)
    cells = numbers.map(lambda value: f"{value:g}" if isinstance(value, float) else str(value))
    return hold_to_own_level(numbers, {series.name: series}, cells=cells, file_name="x.csv")


def test_values_beyond_the_range_are_neither_listed_nor_refused():
    """A market may leave its range, up to 60 here, step by step."""
    assert judge(METAL, *[50.0] * 5, 58.0, 64.5, 80.0, 95.0, 99.0, 120.0, 130.0).empty


def test_unusual_value_is_kept_and_listed_with_what_is_usual():
    """Three and a half times the median of the six months beside it."""
    unusual = judge(METAL, 10.0, 10.0, 11.0, 35.0, 10.0, 9.0, *[10.0] * 6)
    assert unusual.to_numpy().tolist() == [
        [
            5,
            "metal",
            "35",
            "kept as 35; usual is 3.33333 to 30 USD "
            "(within 3 times the level of the months beside it, 10)",
        ]
    ]


@pytest.mark.parametrize(
    ("values", "line", "cell", "lowest", "highest"),
    [
        # In the middle, at the end and at the start of a series.
        ((*[10] * 3, 1, *[10] * 8), 5, "1", "2", "50"),
        ((*[10] * 11, 1), 13, "1", "2", "50"),
        ((100, *[10] * 11), 2, "100", "2", "50"),
        # The newest four months: the first of them that is wrong.
        ((*[10] * 8, 1, 1, 1, 1), 10, "1", "1.1", "27.5"),
        ((*[10] * 11, -10), 13, "-10", "2", "50"),
        ((*[10] * 3, 0, *[10] * 8), 5, "0", "2", "50"),
    ],
)
def test_implausible_value_is_refused_with_its_place_and_the_level_beside_it(
    values: tuple[float, ...], line: int, cell: str, lowest: str, highest: str
):
    """A wrong power of ten is ten times away, wherever it stands."""
    with pytest.raises(DataError) as raised:
        judge(METAL, *map(float, values))
    level = float(lowest) * IMPLAUSIBLE_FACTOR
    assert str(raised.value).startswith(
        f"x.csv, line {line}, column 'metal': {cell!r}; expected {lowest} to {highest} USD "
        f"(within 5 times the level of the months beside it, {level:g}): "
    )


@pytest.mark.parametrize(
    ("series", "n_values"),
    [(METAL, 1), (METAL, ENOUGH_VALUES - 1), (RAIN, 100)],
)
def test_series_that_is_short_or_may_be_zero_is_held_to_its_range(series: Series, n_values: int):
    """Few values could all be wrong, and dry months say nothing about wet ones."""
    lowest, highest = series.plausible.lowest, series.plausible.highest
    assert judge(series, *[highest] * n_values).empty
    expected = f"'{highest + 1:g}'; expected {lowest:g} to {highest:g} {series.unit}"
    with pytest.raises(DataError, match=f"{re.escape(expected)}$"):
        judge(series, *[highest + 1] * n_values)


def test_series_of_zeros_is_refused_where_zero_is_no_value():
    """Their own level would be zero."""
    with pytest.raises(DataError, match=r"line 2, column 'metal': '0'; expected 0.2 to 5 USD"):
        judge(METAL, *[0.0] * 25)


def test_column_that_is_no_series_is_held_to_its_range():
    """The month of the year goes from 1 to 12 and is no level."""
    month = Column("mes", "1 to 12", "month of the year", PlausibleRange(1, 12, "the calendar"))
    values = pd.Series(np.arange(1.0, 14.0))
    assert limits(values, month, factor=IMPLAUSIBLE_FACTOR).exceeded_by(values) == [12]


def test_missing_values_are_passed_over():
    """The neighbours are the nearest values, not the nearest months."""
    nan = float("nan")
    with pytest.raises(DataError, match=r"line 9, .*: 10 in 2020-06 \(line 7\) and 10 in 2020-09 "):
        judge(METAL, 10.0, 10.0, nan, 10.0, 10.0, 10.0, nan, 1.0, *[10.0] * 6, nan)


@pytest.fixture(scope="module")
def real_values(real_data: Path) -> dict[str, pd.Series]:
    """The values of each series of the real files, by month."""
    return {
        name: values.dropna()
        for source in SOURCES
        for name, values in source.clean(source.split(read_raw_file(real_data / source.file_name)))
        .table.set_index(MONTH)
        .items()
    }


def followed_by(values: pd.Series, *newer: float) -> pd.Series:
    """Continue a series, one month for each value."""
    months = pd.date_range(values.index[-1], periods=len(newer) + 1, freq="MS")[1:]
    return pd.concat([values, pd.Series(newer, index=months)])


@pytest.mark.parametrize(
    ("name", "today", "wrong"),
    [
        ("Precio_del_cobre_refinado_BML_dolareslibra", 6.02, 0.602),
        (GOLD, 5020.0, 502.0),
        (SILVER, 64.5, 6.45),
        (DOLLAR, 1050.0, 105.0),
        (PRICE_CLP_PER_LITRE, 480.0, 48.0),
    ],
)
def test_real_prices_may_go_on_to_the_levels_of_today_but_not_to_a_tenth_of_them(
    real_values: dict[str, pd.Series], name: str, today: float, wrong: float
):
    """Right after the last month of the file, and within the months of that level."""
    values, series = real_values[name], BY_NAME[name]
    for continued in (followed_by(values, today), followed_by(values, *[today] * 12)):
        assert limits(continued, series, factor=UNUSUAL_FACTOR).exceeded_by(continued) == []
    after_the_file = followed_by(values, wrong)
    listed = limits(after_the_file, series, factor=UNUSUAL_FACTOR).exceeded_by(after_the_file)
    assert listed == [len(values)]
    among_today = followed_by(values, *[today] * 12, wrong)
    refused = limits(among_today, series, factor=IMPLAUSIBLE_FACTOR).exceeded_by(among_today)
    assert refused == [len(among_today) - 1]


def test_no_month_of_the_real_series_was_ever_implausible(real_values: dict[str, pd.Series]):
    """Also as the newest month of a file that ended with it."""
    for series in (one for source in SOURCES for one in source.series):
        values = real_values[series.name]
        for n_months in range(len(values) + 1):
            # Seven years: no value is judged by others that are further away.
            known = values.iloc[max(0, n_months - 84) : n_months]
            assert limits(known, series, factor=IMPLAUSIBLE_FACTOR).exceeded_by(known) == []


def test_real_file_with_one_price_ten_times_too_small_is_refused(real_data: Path):
    """File, line, cell, and the level of the months beside it."""
    (source,) = (one for one in SOURCES if one.series == (PRICE,))
    raw = source.split(read_raw_file(real_data / source.file_name))
    line = raw.index[(raw["Anio"] == "2005") & (raw["Mes"] == "Jun")][0]
    raw.loc[line, "Precio_leche"] = "13.208"
    with pytest.raises(
        DataError,
        match=re.escape(
            f"precio_leche.csv, line {line}, column 'Precio_leche': '13.208'; expected"
        ),
    ):
        source.clean(raw)
