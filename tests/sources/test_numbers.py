"""Plain decimal numbers in text cells."""

import pandas as pd
import pytest

from spike_assets.series.catalogue import PlausibleRange
from spike_assets.sources.errors import DataError
from spike_assets.sources.numbers import plain_number, plain_numbers

FEW = PlausibleRange(0, 20, "made up")


def column(cells: list[str]) -> pd.Series:
    lines = pd.RangeIndex(2, 2 + len(cells), name="line")
    return pd.Series(cells, index=lines, name="Coquimbo", dtype="str")


@pytest.mark.parametrize(
    ("cell", "number"),
    [
        ("3.85", 3.85),
        ("12", 12.0),
        ("0", 0.0),
        ("007", 7.0),
        ("-1", -1.0),
        ("+1.5", 1.5),
        ("5.", 5.0),
        (".5", 0.5),
        ("1.2e-05", 0.000012),
        ("1E3", 1000.0),
        ("0.2979352672646154", 0.2979352672646154),
    ],
)
def test_plain_decimals_are_read_to_the_last_digit(cell: str, number: float):
    """Signs, exponents and a point without digits on one side are decimals too."""
    assert plain_number(cell) == number


@pytest.mark.parametrize(
    "cell",
    [
        "",
        " ",
        ".",
        "-",
        "e5",
        "1e",
        "1,5",
        "1.234.567",
        "1_000",
        "0x10",
        "1 000",
        " 1",
        "1 ",
        "1\n",
        "nan",
        "NaN",
        "inf",
        "1e999",
        "-Infinity",
        "a",
        "s/d",
        "½",
    ],
)
def test_anything_else_is_no_number(cell: str):
    """Cells that `float` would accept, such as `nan`, ` 1` and `1_000`, are refused as well."""
    assert plain_number(cell) is None


def test_column_of_numbers_keeps_its_lines_and_name():
    """The numbers can still be traced to the file."""
    expected = pd.Series(
        [3.85, 12.0], index=pd.RangeIndex(2, 4, name="line"), name="Coquimbo", dtype="float64"
    )
    read = plain_numbers(column(["3.85", "12"]), file_name="rain.csv", unit="mm", plausible=FEW)
    pd.testing.assert_series_equal(read, expected)


@pytest.mark.parametrize(
    "cells",
    [
        # The first cell without a number is named; an empty one is not quietly a missing value.
        *((cell, "x") for cell in ("", "1,5", "nan", "s/d")),
        # A number out of the plausible range would teach a model nonsense.
        *((cell,) for cell in ("-0.001", "-1", "20.001", "1e9")),
    ],
    ids=lambda cells: cells[0] or "empty",
)
def test_cell_without_a_plausible_number_is_refused_with_its_place_and_unit(cells: tuple[str, ...]):
    """As the file has it, with the line, and with what was expected."""
    with pytest.raises(DataError) as raised:
        plain_numbers(column(["3.85", *cells]), file_name="rain.csv", unit="mm", plausible=FEW)
    assert str(raised.value) == (
        f"rain.csv, line 3, column 'Coquimbo': {cells[0]!r}; expected a number from 0 to 20 (mm)"
    )


def test_both_ends_of_the_plausible_range_are_accepted():
    """A month without rain is no fault."""
    cells = column(["0", "20"])
    read = plain_numbers(cells, file_name="rain.csv", unit="mm", plausible=FEW)
    assert read.tolist() == [0.0, 20.0]
