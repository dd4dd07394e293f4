"""Cleaning the macroeconomic series: three repairs, and the notebook's two ways to read numbers."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from spike_assets.catalogue import IMACEC, NON_DURABLE_SALES, PIB
from spike_assets.sources.banco_central import (
    COLUMNS,
    FILE_NAME,
    blank_unreadable_cells,
    clean_banco_central,
    drop_impossible_periods,
    read_numbers,
)
from spike_assets.sources.errors import DataError
from spike_assets.sources.raw_file import read_raw_file, text_table

NOTEBOOK_SERIES = [*PIB, *IMACEC, NON_DURABLE_SALES]
NO_REPAIRS = {"impossible_periods": 0, "repeated_months": 0, "unreadable_cells": 0}


def raw(*rows: dict[str, str]) -> pd.DataFrame:
    """Give a raw table of all 85 columns; cells that are not given are empty."""
    lines = pd.RangeIndex(2, 2 + len(rows), name="line")
    return pd.DataFrame(
        [dict.fromkeys(COLUMNS, "") | row for row in rows], index=lines, dtype="str"
    )


def clean(*rows: dict[str, object]) -> pd.DataFrame:
    """Give a clean table; numbers that are not given are missing."""
    table = pd.DataFrame(
        [dict.fromkeys(["month", *NOTEBOOK_SERIES], float("nan")) | row for row in rows]
    )
    return table.astype({"month": "datetime64[us]"} | dict.fromkeys(NOTEBOOK_SERIES, "float64"))


def test_table_is_typed_and_sorted_and_keeps_only_the_series_of_the_notebook():
    """GDP is read as all digits, the indices near 100, an empty cell is a missing number."""
    table = raw(
        {
            "Periodo": "2013-04-01 00:00:00 UTC",
            "PIB": "11.298.453",
            "Imacec_empalmado": "10.546.824",
            "Indice_de_ventas_comercio_real_no_durables_IVCM": "93.621",
        },
        {
            "Periodo": "2013-03-01 00:00:00 UTC",
            "PIB_Pesca": "57.984.681",
            "Imacec_minero": "978.554.365",
            "Ventas_autos_nuevos": "s/d",  # not used, so not read
        },
    )
    before = table.copy(deep=True)
    cleaned = clean_banco_central(table)
    expected = clean(
        {"month": "2013-03-01", "PIB_Pesca": 57984681, "Imacec_minero": 97.8},
        {
            "month": "2013-04-01",
            "PIB": 11298453,
            "Imacec_empalmado": 105.46,
            "Indice_de_ventas_comercio_real_no_durables_IVCM": 93.621,
        },
    )
    pd.testing.assert_frame_equal(cleaned.table, expected)
    assert cleaned.repairs == NO_REPAIRS
    pd.testing.assert_frame_equal(table, before)


@pytest.mark.parametrize("name", PIB)
def test_every_series_of_gdp_is_read_as_all_digits(name: str):
    """No series of GDP takes the rule for indices."""
    cleaned = clean_banco_central(raw({"Periodo": "2013-03-01", name: "978.554.365"}))
    expected = clean({"month": "2013-03-01", name: 978554365})
    pd.testing.assert_frame_equal(cleaned.table, expected)


@pytest.mark.parametrize("name", [*IMACEC, NON_DURABLE_SALES])
def test_every_index_is_read_near_100(name: str):
    """No index takes the rule for GDP."""
    cleaned = clean_banco_central(raw({"Periodo": "2013-03-01", name: "978.554.365"}))
    expected = clean({"month": "2013-03-01", name: 97.8})
    pd.testing.assert_frame_equal(cleaned.table, expected)


def test_all_repairs_are_counted_each_for_itself():
    """An impossible period, two repeated rows and three unreadable cells, beside one good row."""
    cleaned = clean_banco_central(
        raw(
            {"Periodo": "2018-08-01", "PIB": "12", "Imacec_minero": "a"},
            {"Periodo": "2020-13-01", "PIB": "99", "Imacec_minero": "a"},
            {"Periodo": "2018-08-01 00:00:00 UTC", "PIB": "12", "Imacec_minero": "a"},
            {"Periodo": "2018-09-01", "PIB": "a", "PIB_Pesca": "a"},
            {"Periodo": "2018-08-01", "PIB": "12", "Imacec_minero": "a"},
        )
    )
    expected = clean({"month": "2018-08-01", "PIB": 12}, {"month": "2018-09-01"})
    pd.testing.assert_frame_equal(cleaned.table, expected)
    assert cleaned.repairs == {
        "impossible_periods": 1,
        "repeated_months": 2,
        "unreadable_cells": 3,
    }


def test_rows_of_impossible_periods_are_left_out_and_counted():
    """No year has a month 0 or 13; the other rows keep their lines and their cells."""
    table = raw(
        {"Periodo": "2020-13-01 00:00:00 UTC", "PIB": "1"},
        {"Periodo": "2020-12-01 00:00:00 UTC", "PIB": "2"},
        {"Periodo": "2020-00-01", "PIB": "3"},
        {"Periodo": "2020-01-01", "PIB": "4"},
        {"Periodo": "2020-99-01", "PIB": "5"},
    )
    kept, count = drop_impossible_periods(table)
    pd.testing.assert_frame_equal(kept, table.loc[[3, 5]])
    assert count == 3


@pytest.mark.parametrize(
    "period", ["", "a", "2020", "2020-13", "2020-03-15 00:00:00 UTC", "Mar", "0202-01-01"]
)
def test_period_of_another_form_is_refused_with_line_and_value(period: str):
    """Only a month that is written as one and can't exist is left out."""
    with pytest.raises(DataError) as raised:
        clean_banco_central(raw({"Periodo": "2020-12-01"}, {"Periodo": period}))
    assert str(raised.value) == (
        f"banco_central.csv, line 3, column 'Periodo': {period!r}; "
        "expected a month like 2013-03-01 00:00:00 UTC"
    )


def test_file_of_impossible_periods_alone_is_refused():
    """Nothing is left to build on."""
    with pytest.raises(DataError, match="no row has a month that a year has"):
        clean_banco_central(raw({"Periodo": "2020-13-01"}))


def test_month_missing_in_the_middle_is_refused():
    """A join would leave it out without a word."""
    with pytest.raises(DataError, match="1 months missing between 2018-08 and 2018-10: 2018-09"):
        clean_banco_central(raw({"Periodo": "2018-08-01"}, {"Periodo": "2018-10-01"}))


@pytest.mark.parametrize("name", ["PIB", "Ocupados"])
def test_month_that_contradicts_itself_is_refused(name: str):
    """A difference in a series that the notebook doesn't use counts as well."""
    with pytest.raises(DataError) as raised:
        clean_banco_central(
            raw({"Periodo": "2018-08-01", name: "12"}, {"Periodo": "2018-08-01", name: "1.2"})
        )
    assert str(raised.value) == (
        "banco_central.csv: month 2018-08 stands more than once with different values, "
        f"column {name!r}: '12' (line 2) and '1.2' (line 3)"
    )


def test_unreadable_cells_are_emptied_and_counted():
    """Only the letter by itself is emptied, and only in the series that are used."""
    table = raw({"PIB": "a", "Imacec_minero": "A", "Ocupados": "a"}, {"PIB": "aa", "PIB_Pesca": ""})
    before = table.copy(deep=True)
    blanked, count = blank_unreadable_cells(table)
    expected = raw(
        {"PIB": "", "Imacec_minero": "A", "Ocupados": "a"}, {"PIB": "aa", "PIB_Pesca": ""}
    )
    pd.testing.assert_frame_equal(blanked, expected)
    assert count == 1
    pd.testing.assert_frame_equal(table, before)


@pytest.mark.parametrize("name", ["PIB_Pesca", "Imacec_minero", NON_DURABLE_SALES])
@pytest.mark.parametrize(
    "cell",
    [
        "A",
        "aa",
        " ",
        " 12",
        "1,5",
        "-12",
        "12.",
        ".5",
        "1..2",
        "nan",
        "1e3",
        "12 345",
        "-",
        "9" * 400,
    ],
)
def test_cell_of_anything_but_digits_is_refused_with_its_place(name: str, cell: str):
    """A kind of junk that was never seen is for a person to look at."""
    with pytest.raises(DataError) as raised:
        clean_banco_central(
            raw({"Periodo": "2018-08-01", name: "12"}, {"Periodo": "2018-09-01", name: cell})
        )
    assert str(raised.value) == (
        f"banco_central.csv, line 3, column {name!r}: {cell!r}; "
        "expected digits, grouped by dots or not"
    )


def test_series_without_any_number_is_a_column_of_missing_numbers():
    """Empty cells alone are typed like all others."""
    numbers = read_numbers(raw({}, {})[NOTEBOOK_SERIES])
    expected = pd.DataFrame(
        np.nan, index=pd.RangeIndex(2, 4, name="line"), columns=NOTEBOOK_SERIES, dtype="float64"
    )
    pd.testing.assert_frame_equal(numbers, expected)


def test_real_file_needs_the_repairs_that_were_counted(real_data: Path):
    """614 rows become each month from 1970-01 to 2020-11, and nothing else is repaired."""
    raw_table = text_table(read_raw_file(real_data / FILE_NAME), columns=COLUMNS)
    cleaned = clean_banco_central(raw_table)
    assert raw_table.shape == (614, 85)
    assert cleaned.table.shape == (611, 39)
    months = cleaned.table["month"].tolist()
    assert months == pd.date_range("1970-01", "2020-11", freq="MS").tolist()
    assert cleaned.repairs == {
        "impossible_periods": 1,
        "repeated_months": 2,
        "unreadable_cells": 10,
    }
