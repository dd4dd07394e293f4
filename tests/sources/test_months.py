"""Parsing of months, and the rule of one row for each."""

import pandas as pd
import pytest

from spike_assets.sources.errors import DataError
from spike_assets.sources.months import (
    drop_repeated_months,
    fault,
    first_day,
    iso_year_and_month,
    require_every_month,
    sorted_by_month,
    spanish_month_number,
)


def by_line(columns: dict[str, list[object]]) -> pd.DataFrame:
    lines = pd.RangeIndex(2, 2 + len(columns["month"]), name="line")
    return pd.DataFrame(columns, index=lines).astype({"month": "datetime64[us]"})


PUBLISHED = ("Ene", "Feb", "Mar", "Abr", "May", "Jun", "Jul", "Ago", "Sep", "Oct", "Nov", "Dic")
IN_FULL = ("Enero", "FEBRERO", "marzo", "Abril", "mayo", "junio", "julio", "agosto", "Séptiembre")


@pytest.mark.parametrize(
    ("name", "number"),
    [
        *((name, number) for number, name in enumerate(PUBLISHED, start=1)),
        *((name, number) for number, name in enumerate(IN_FULL, start=1)),
        *(
            ("sept.", 9),
            ("setiembre", 9),
            ("Set", 9),
            ("octubre", 10),
            ("noviembre", 11),
            ("Diciembre.", 12),
        ),
    ],
)
def test_each_spanish_month_name_has_its_number(name: str, number: int):
    """Published or in full, not only those that English and Spanish share; September is two."""
    assert spanish_month_number(name) == number


@pytest.mark.parametrize(
    "name", ["ENE", "ene", "eNe", "Ene.", "ENE.", " ene\t", "Éne", "e\u0301ne"]
)
def test_case_accents_dot_and_blanks_do_not_matter(name: str):
    """The accent may be one character with its letter or one of its own."""
    assert spanish_month_number(name) == 1


@pytest.mark.parametrize(
    "name",
    [
        *("", ".", "Jan", "Apr", "Aug", "Dec", "January", "March", "June", "October"),
        *("1", "01", "13", "En", "Ener", "Enerol", "E.ne", "may o"),
    ],
)
def test_other_names_are_no_month(name: str):
    """English names, numbers and pieces of a name are not guessed at."""
    assert spanish_month_number(name) is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2013-03-01", (2013, 3)),
        ("2013-03-01 00:00:00 UTC", (2013, 3)),
        ("1979-12-01", (1979, 12)),
        ("1900-01-01", (1900, 1)),
        ("2099-12-01", (2099, 12)),
        ("2020-13-01 00:00:00 UTC", (2020, 13)),
        ("2020-00-01", (2020, 0)),
    ],
)
def test_iso_months_are_read_even_if_no_year_has_them(text: str, expected: tuple[int, int]):
    """The month is given as it is written; whether it exists is for the caller."""
    assert iso_year_and_month(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2013-03",
        "2013-3-01",
        "13-03-01",
        "9999-03-01",
        "1899-12-01",
        "2100-01-01",
        "2013-03-02",
        "2013/03/01",
        "01-03-2013",
        "2013-03-01 00:00:00",
        "2013-03-01 12:00:00 UTC",
        "2013-03-01T00:00:00 UTC",
        " 2013-03-01",
        "2013-03-01\n",
        "2013-03-011",
    ],
)
def test_other_forms_are_no_iso_month(text: str):
    """No day but the first, no hour but midnight, no year that a file can't be about."""
    assert iso_year_and_month(text) is None


def test_month_stands_for_its_first_day():
    """The key of every table is midnight of the first, without a time zone."""
    assert first_day(2013, 3) == pd.Timestamp("2013-03-01 00:00:00")


def test_rows_that_repeat_a_month_with_the_same_values_are_dropped_and_listed():
    """The first of them stays, with its line; rows that are the same in another month stay too."""
    table = by_line(
        {
            "month": ["2020-02-01", "2020-01-01", "2020-02-01", "2020-03-01", "2020-02-01"],
            "rain": [1.5, 1.5, 1.5, None, 1.5],
        }
    )
    kept, left_out = drop_repeated_months(table, file_name="rain.csv", column="date")
    pd.testing.assert_frame_equal(kept, table.loc[[2, 3, 5]])
    done = "row left out: an earlier one has the same values"
    pd.testing.assert_frame_equal(
        left_out,
        pd.DataFrame(
            [(4, "date", "2020-02", done), (6, "date", "2020-02", done)],
            columns=["line", "column", "value", "done"],
        ),
    )


def test_repeated_month_without_a_number_is_the_same_as_itself():
    """Two missing values don't differ."""
    table = by_line({"month": ["2020-01-01", "2020-01-01"], "rain": [float("nan"), float("nan")]})
    kept, left_out = drop_repeated_months(table, file_name="rain.csv", column="date")
    pd.testing.assert_frame_equal(kept, table.loc[[2]])
    assert left_out[["line", "column", "value"]].to_numpy().tolist() == [[3, "date", "2020-01"]]


def test_table_without_repeated_months_stays_as_it_is():
    """Nothing is dropped, and the list has its columns and no row."""
    table = by_line({"month": ["2020-02-01", "2020-01-01"], "rain": [1.5, 1.5]})
    kept, left_out = drop_repeated_months(table, file_name="rain.csv", column="date")
    pd.testing.assert_frame_equal(kept, table)
    assert left_out.shape == (0, 4)
    assert list(left_out.columns) == ["line", "column", "value", "done"]


@pytest.mark.parametrize(
    ("first", "second", "values"),
    [
        ("1", "2", "'1' (line 2) and '2' (line 4)"),
        ("1", "", "'1' (line 2) and '' (line 4)"),
        (1.0, 1.5, "1.0 (line 2) and 1.5 (line 4)"),
        (1.0, float("nan"), "1.0 (line 2) and nan (line 4)"),
    ],
)
def test_month_that_contradicts_itself_is_refused_with_lines_column_and_values(
    first: object, second: object, values: str
):
    """Which of the rows is right can't be known, so a person has to look."""
    table = by_line(
        {
            "month": ["2020-02-01", "2020-01-01", "2020-02-01"],
            "station": ["x", "y", "x"],
            "rain": [first, first, second],
        }
    )
    with pytest.raises(DataError) as raised:
        drop_repeated_months(table, file_name="rain.csv", column="date")
    assert str(raised.value) == (
        f"rain.csv: duplicate month 2020-02 with different values, column 'rain': {values}"
    )


def test_every_month_in_any_order_is_accepted():
    """The end of a year is no gap, and neither is what lies before the first month."""
    table = by_line({"month": ["2020-01-01", "2019-11-01", "2019-12-01"]})
    require_every_month(table, file_name="rain.csv")


@pytest.mark.parametrize(
    ("months", "message"),
    [
        (
            ["2020-04-01", "2019-11-01", "2020-01-01"],
            "3 months missing between 2019-11 and 2020-04: 2019-12, 2020-02, 2020-03",
        ),
        (
            ["2020-01-01", "2020-07-01"],
            "5 months missing between 2020-01 and 2020-07: "
            "2020-02, 2020-03, 2020-04, 2020-05, 2020-06",
        ),
        (
            ["2020-01-01", "2020-08-01"],
            "6 months missing between 2020-01 and 2020-08: "
            "2020-02, 2020-03, 2020-04, 2020-05, 2020-06, …",
        ),
    ],
    ids=["two-gaps", "five", "more-than-five"],
)
def test_missing_months_are_refused_with_the_names_of_five_at_most(months: list[str], message: str):
    """The months that a person has to look for, with the span; dots where some were left out."""
    with pytest.raises(DataError) as raised:
        require_every_month(by_line({"month": months}), file_name="rain.csv")
    assert str(raised.value) == f"rain.csv: {message}"


def test_sorted_table_begins_with_the_month_and_has_no_lines():
    """Rows are in order and numbered from 0 without a name; the table given stays as it was."""
    table = by_line({"rain": [2.0, 1.0], "month": ["2020-02-01", "2020-01-01"], "wind": [4, 3]})
    before = table.copy(deep=True)
    expected = pd.DataFrame(
        {
            "month": pd.to_datetime(["2020-01-01", "2020-02-01"]),
            "rain": [1.0, 2.0],
            "wind": [3, 4],
        }
    )
    pd.testing.assert_frame_equal(sorted_by_month(table), expected)
    pd.testing.assert_frame_equal(table, before)


def test_fault_names_file_line_column_value_and_what_was_expected():
    """A cell that can't be read can be found in an editor."""
    error = fault("rain.csv", line=7, column="Coquimbo", value="x ", expected="a number (mm)")
    assert type(error) is DataError
    assert str(error) == "rain.csv, line 7, column 'Coquimbo': 'x '; expected a number (mm)"
