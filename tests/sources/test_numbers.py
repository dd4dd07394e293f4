"""Plain decimal numbers in text cells."""

import pandas as pd
import pytest

from spike_assets.sources.errors import DataError
from spike_assets.sources.numbers import plain_number, plain_numbers


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
    read = plain_numbers(column(["3.85", "12"]), file_name="rain.csv", unit="mm")
    pd.testing.assert_series_equal(read, expected)


@pytest.mark.parametrize("cell", ["", "1,5", "nan", "s/d"])
def test_cell_without_a_number_is_refused_with_its_place_and_unit(cell: str):
    """The first such cell is named; an empty one is not quietly a missing value."""
    with pytest.raises(DataError) as raised:
        plain_numbers(column(["3.85", cell, "x"]), file_name="rain.csv", unit="mm")
    assert str(raised.value) == (
        f"rain.csv, line 3, column 'Coquimbo': {cell!r}; expected a number (mm)"
    )
