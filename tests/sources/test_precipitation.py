"""Cleaning the rainfall file."""

from pathlib import Path

import pandas as pd
import pytest

from spike_assets.series.catalogue import REGIONS
from spike_assets.sources.errors import DataError
from spike_assets.sources.precipitation import COLUMNS, FILE_NAME, clean_precipitation
from spike_assets.sources.raw_file import read_raw_file, text_table

HEADER = ["date", *REGIONS]
DRY = ["0"] * 8
WET = ["0.5", "1", "2.25", "4", "8", "16.125", "32", "1e2"]


def raw(*rows: list[str]) -> pd.DataFrame:
    lines = pd.RangeIndex(2, 2 + len(rows), name="line")
    return pd.DataFrame(list(rows), columns=HEADER, index=lines, dtype="str")


def clean(*rows: list[object]) -> pd.DataFrame:
    table = pd.DataFrame(list(rows), columns=["month", *HEADER[1:]])
    return table.astype({"month": "datetime64[us]"} | dict.fromkeys(HEADER[1:], "float64"))


def test_table_is_typed_and_sorted():
    """Each region keeps its own numbers, in mm, in the row of its month."""
    table = raw(["1979-02-01", *WET], ["1979-01-01", *DRY])
    before = table.copy(deep=True)
    cleaned = clean_precipitation(table)
    expected = clean(
        ["1979-01-01", *[0] * 8],
        ["1979-02-01", 0.5, 1, 2.25, 4, 8, 16.125, 32, 100],
    )
    pd.testing.assert_frame_equal(cleaned.table, expected)
    assert cleaned.counts == {"repeated_months": 0, "unusual_values": 0}
    pd.testing.assert_frame_equal(table, before)


def test_columns_beside_the_regions_are_left_out():
    """A column that the project doesn't know is not carried on."""
    cleaned = clean_precipitation(raw(["1979-01-01", *DRY]).assign(Magallanes="x"))
    pd.testing.assert_frame_equal(cleaned.table, clean(["1979-01-01", *[0] * 8]))


def test_month_that_stands_twice_with_the_same_numbers_is_counted():
    """`1` and `1.0` are the same number, so the rows say the same."""
    again = ["0.50", "1.0", "2.25", "4", "8", "16.125", "32", "100"]
    cleaned = clean_precipitation(raw(["1979-01-01", *WET], ["1979-01-01", *again]))
    pd.testing.assert_frame_equal(
        cleaned.table, clean(["1979-01-01", 0.5, 1, 2.25, 4, 8, 16.125, 32, 100])
    )
    assert cleaned.counts == {"repeated_months": 1, "unusual_values": 0}
    assert cleaned.repairs["repeated_months"].to_numpy().tolist() == [
        [3, "date", "1979-01", "row left out: an earlier one has the same values"]
    ]


@pytest.mark.parametrize(
    ("second", "message"),
    [
        (
            ["1979-01-01", *WET],
            "duplicate month 1979-01 with different values, "
            "column 'Coquimbo': 0.0 (line 2) and 0.5 (line 3)",
        ),
        (
            ["1979-04-01", *DRY],
            "2 months missing between 1979-01 and 1979-04: 1979-02, 1979-03",
        ),
    ],
    ids=["twice-with-other-numbers", "missing"],
)
def test_months_that_contradict_or_lack_each_other_are_refused(second: list[str], message: str):
    """The error has both lines and the first region that differs, or the months in between."""
    with pytest.raises(DataError) as raised:
        clean_precipitation(raw(["1979-01-01", *DRY], second))
    assert str(raised.value) == f"precipitaciones.csv: {message}"


NO_MONTHS = ("", "1979-13-01", "1979-00-01", "1979-02-02", "02/1979", "Feb", "9999-02-01")


@pytest.mark.parametrize(
    ("column", "expected", "cell"),
    [
        # An impossible month is not left out here: this file never had one.
        *(("date", "a month like 1979-01-01, from 1900 to 2099", cell) for cell in NO_MONTHS),
        # Every region is read as strictly as the others; rain is not negative, nor two metres.
        *(
            (region, "a number (mm)", cell)
            for region in REGIONS
            for cell in ("", "a", "1,5", "nan")
        ),
        *((region, "0 to 2000 mm", cell) for region in REGIONS for cell in ("-0.1", "2000.5")),
    ],
)
def test_cell_of_another_kind_is_refused_with_its_place(column: str, expected: str, cell: str):
    """In whichever column it is, with what was expected there."""
    table = raw(["1979-01-01", *DRY], ["1979-02-01", *WET])
    table.loc[3, column] = cell
    with pytest.raises(DataError) as raised:
        clean_precipitation(table)
    assert str(raised.value) == (
        f"precipitaciones.csv, line 3, column {column!r}: {cell!r}; expected {expected}"
    )


def test_real_file_has_496_months_and_needs_no_repair(real_data: Path):
    """1979-01 to 2020-04, without a gap or a number below zero."""
    cleaned = clean_precipitation(text_table(read_raw_file(real_data / FILE_NAME), columns=COLUMNS))
    table = cleaned.table
    assert table.shape == (496, 9)
    assert table["month"].tolist() == pd.date_range("1979-01", "2020-04", freq="MS").tolist()
    assert table.drop(columns="month").min().min() >= 0
    assert cleaned.counts == {"repeated_months": 0, "unusual_values": 0}
