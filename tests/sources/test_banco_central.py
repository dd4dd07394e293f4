"""Cleaning the macroeconomic series: every repair listed, lost decimal points put back."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from spike_assets.series.catalogue import (
    BANCO_CENTRAL,
    IMACEC,
    NON_DURABLE_SALES,
    PIB,
    PLAUSIBLE,
    Series,
)
from spike_assets.sources.banco_central import (
    COLUMNS,
    FILE_NAME,
    blank_unreadable_cells,
    clean_banco_central,
    drop_impossible_periods,
    n_misread,
    restore_every_series,
)
from spike_assets.sources.errors import DataError
from spike_assets.sources.raw_file import read_raw_file, text_table

SERIES = [series.name for series in BANCO_CENTRAL]
UNITS = {series.name: series.unit for series in BANCO_CENTRAL}
DOLLAR = "Tipo_de_cambio_del_dolar_observado_diario"
GOLD = "Precio_de_la_onza_troy_de_oro_dolaresoz"
SILVER = "Precio_de_la_onza_troy_de_plata_dolaresoz"
NO_REPAIRS = {
    "impossible_periods": 0,
    "repeated_months": 0,
    "unreadable_cells": 0,
    "restored_decimals": 0,
    "doubtful_decimals": 0,
    "dates_for_numbers": 0,
    "unusual_values": 0,
}


def raw(*rows: dict[str, str]) -> pd.DataFrame:
    """Return a raw table of all 85 columns; cells that are not given are empty."""
    lines = pd.RangeIndex(2, 2 + len(rows), name="line")
    return pd.DataFrame(
        [dict.fromkeys(COLUMNS, "") | row for row in rows], index=lines, dtype="str"
    )


def clean(*rows: dict[str, object]) -> pd.DataFrame:
    """Return a clean table; numbers that are not given are missing."""
    table = pd.DataFrame([dict.fromkeys(["month", *SERIES], float("nan")) | row for row in rows])
    return table.astype({"month": "datetime64[us]"} | dict.fromkeys(SERIES, "float64"))


def repairs(*rows: tuple[int, str, str, str]) -> pd.DataFrame:
    return pd.DataFrame(list(rows), columns=["line", "column", "value", "done"])


def summary(**by_series: tuple[int, int, int, int]) -> pd.DataFrame:
    """Return the summary by series; those that are not given have no cell at all."""
    return pd.DataFrame(
        [(name, *by_series.get(name, (0, 0, 0, 0))) for name in SERIES],
        columns=["series", "cells", "restored", "misread", "doubtful"],
    )


def test_table_is_typed_and_sorted_and_has_all_84_series():
    """Lost points are put back, points that stayed are kept, an empty cell is a missing number."""
    table = raw(
        {
            "Periodo": "2013-04-01 00:00:00 UTC",
            "PIB": "11.298.453",
            "Imacec_empalmado": "10.546.824",
            NON_DURABLE_SALES: "93.621",
            "Ventas_autos_nuevos": "31245",
        },
        {
            "Periodo": "2013-03-01 00:00:00 UTC",
            "PIB_Pesca": "57.984.681",
            "Imacec_minero": "978.554.365",
            GOLD: "1593.6",
        },
    )
    before = table.copy(deep=True)
    cleaned = clean_banco_central(table)
    expected = clean(
        {
            "month": "2013-03-01",
            "PIB_Pesca": 57.984681,
            "Imacec_minero": 97.8554365,
            GOLD: 1593.6,
        },
        {
            "month": "2013-04-01",
            "PIB": 11298.453,
            "Imacec_empalmado": 105.46824,
            NON_DURABLE_SALES: 93.621,
            "Ventas_autos_nuevos": 31245,
        },
    )
    pd.testing.assert_frame_equal(cleaned.table, expected)
    assert cleaned.counts == NO_REPAIRS | {"restored_decimals": 5}
    pd.testing.assert_frame_equal(table, before)


def test_restored_cells_are_listed_with_line_column_value_and_what_was_read():
    """One row for each cell whose point had been lost, series by series, and for no other cell."""
    cleaned = clean_banco_central(
        raw(
            {"Periodo": "2013-04-01", "PIB_Pesca": "58.123", "PIB": "11.298.453", GOLD: "1593.6"},
            {"Periodo": "2013-03-01", "PIB_Pesca": "57.984.681"},
        )
    )
    expected = repairs(
        (3, "PIB_Pesca", "57.984.681", "read as 57.984681"),
        (2, "PIB_Pesca", "58.123", "read as 58.123"),
        (2, "PIB", "11.298.453", "read as 11298.453"),
    )
    pd.testing.assert_frame_equal(cleaned.repairs["restored_decimals"], expected)
    assert cleaned.repairs["doubtful_decimals"].empty


def test_cells_whose_other_reading_is_almost_as_smooth_are_listed_as_doubtful():
    """A single cell with two plausible readings has nothing beside it that could decide."""
    cleaned = clean_banco_central(raw({"Periodo": "2013-03-01", SILVER: "28.796"}))
    doubtful = cleaned.repairs["doubtful_decimals"]
    assert doubtful[["line", "column", "value"]].to_numpy().tolist() == [[2, SILVER, "28.796"]]
    assert doubtful["done"].tolist() == ["read as 28.796, doubtful"]
    pd.testing.assert_frame_equal(doubtful, cleaned.repairs["restored_decimals"])
    assert cleaned.counts == NO_REPAIRS | {"restored_decimals": 1, "doubtful_decimals": 1}


@pytest.mark.parametrize("name", [*IMACEC, NON_DURABLE_SALES])
def test_every_index_is_read_near_100(name: str):
    """The plausible range of an index leaves one reading; no digit is cut off."""
    cleaned = clean_banco_central(raw({"Periodo": "2013-03-01", name: "978.554.365"}))
    expected = clean({"month": "2013-03-01", name: 97.8554365})
    pd.testing.assert_frame_equal(cleaned.table, expected)


@pytest.mark.parametrize("name", PIB)
def test_every_series_of_gdp_is_read_in_thousand_million_clp(name: str):
    """Nine digits, of which the series' own level says how many stand before the point."""
    level = (PLAUSIBLE[name].lowest * PLAUSIBLE[name].highest) ** 0.5
    value = float(f"{level:.9g}") + 10.0 ** (np.floor(np.log10(level)) - 8)  # no zero at the end
    digits = f"{value:.9g}".replace(".", "")
    cell = f"{int(digits):,}".replace(",", ".")
    cleaned = clean_banco_central(raw({"Periodo": "2013-03-01", name: cell}))
    assert cleaned.table[name].tolist() == [pytest.approx(value, rel=1e-9)]


@pytest.mark.parametrize("name", SERIES)
def test_no_series_is_left_out(name: str):
    """A number with its point still there arrives in the column of its name, and only there."""
    value = (PLAUSIBLE[name].lowest + PLAUSIBLE[name].highest) / 2
    cleaned = clean_banco_central(raw({"Periodo": "2013-03-01", name: f"{value:.1f}"}))
    expected = clean({"month": "2013-03-01", name: float(f"{value:.1f}")})
    pd.testing.assert_frame_equal(cleaned.table, expected)
    assert cleaned.counts == NO_REPAIRS


def test_all_repairs_are_counted_each_for_itself():
    """An impossible period, two repeated rows and three unreadable cells, beside one good row."""
    cleaned = clean_banco_central(
        raw(
            {"Periodo": "2018-08-01", GOLD: "1200.5", "Imacec_minero": "a"},
            {"Periodo": "2020-13-01", GOLD: "99", "Imacec_minero": "a"},
            {"Periodo": "2018-08-01 00:00:00 UTC", GOLD: "1200.5", "Imacec_minero": "a"},
            {"Periodo": "2018-09-01", "PIB": "a", "PIB_Pesca": "a"},
            {"Periodo": "2018-08-01", GOLD: "1200.5", "Imacec_minero": "a"},
        )
    )
    expected = clean({"month": "2018-08-01", GOLD: 1200.5}, {"month": "2018-09-01"})
    pd.testing.assert_frame_equal(cleaned.table, expected)
    tables = {
        "impossible_periods": repairs(
            (3, "Periodo", "2020-13-01", "row left out: there is no such month")
        ),
        "repeated_months": repairs(
            *(
                (line, "Periodo", "2018-08", "row left out: an earlier one has the same values")
                for line in (4, 6)
            )
        ),
        "unreadable_cells": repairs(
            (2, "Imacec_minero", "a", "read as no number"),
            (5, "PIB_Pesca", "a", "read as no number"),
            (5, "PIB", "a", "read as no number"),
        ),
        "restored_decimals": repairs(),
        "doubtful_decimals": repairs(),
        "dates_for_numbers": repairs(),
        "unusual_values": repairs(),
    }
    assert list(cleaned.repairs) == list(tables)
    for defect, table in tables.items():
        # An empty table has no line or value that could have a type.
        pd.testing.assert_frame_equal(cleaned.repairs[defect], table, check_dtype=not table.empty)
    assert cleaned.counts == NO_REPAIRS | {
        "impossible_periods": 1,
        "repeated_months": 2,
        "unreadable_cells": 3,
    }


def test_rows_of_impossible_periods_are_left_out_and_listed():
    """No year has a month 0 or 13; the other rows keep their lines and their cells."""
    table = raw(
        {"Periodo": "2020-13-01 00:00:00 UTC", "PIB": "1"},
        {"Periodo": "2020-12-01 00:00:00 UTC", "PIB": "2"},
        {"Periodo": "2020-00-01", "PIB": "3"},
        {"Periodo": "2020-01-01", "PIB": "4"},
        {"Periodo": "2020-99-01", "PIB": "5"},
    )
    kept, left_out = drop_impossible_periods(table)
    pd.testing.assert_frame_equal(kept, table.loc[[3, 5]])
    done = "row left out: there is no such month"
    expected = repairs(
        (2, "Periodo", "2020-13-01 00:00:00 UTC", done),
        (4, "Periodo", "2020-00-01", done),
        (6, "Periodo", "2020-99-01", done),
    )
    pd.testing.assert_frame_equal(left_out, expected)


@pytest.mark.parametrize(
    "period",
    ["", "a", "2020", "2020-13", "2020-03-15 00:00:00 UTC", "Mar", "0202-01-01", "9999-01-01"],
)
def test_period_of_another_form_is_refused_with_line_and_value(period: str):
    """Only a month that is written as one and can't exist is left out."""
    with pytest.raises(DataError) as raised:
        clean_banco_central(raw({"Periodo": "2020-12-01"}, {"Periodo": period}))
    assert str(raised.value).startswith(
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
        "banco_central.csv: duplicate month 2018-08 with different values, "
        f"column {name!r}: '12' (line 2) and '1.2' (line 3)"
    )


def test_unreadable_cells_are_emptied_and_listed():
    """Only a mark by itself is emptied, in whatever case and in every series."""
    table = raw({"PIB": "a", "Imacec_minero": "A", "Ocupados": "a"}, {"PIB": "aa", "PIB_Pesca": ""})
    before = table.copy(deep=True)
    blanked, unreadable = blank_unreadable_cells(table)
    expected = raw({}, {"PIB": "aa"})
    pd.testing.assert_frame_equal(blanked, expected)
    done = "read as no number"
    pd.testing.assert_frame_equal(
        unreadable,
        repairs((2, "Imacec_minero", "A", done), (2, "PIB", "a", done), (2, "Ocupados", "a", done)),
    )
    pd.testing.assert_frame_equal(table, before)


@pytest.mark.parametrize("name", ["PIB_Pesca", "Ocupados"])
@pytest.mark.parametrize(
    "mark",
    ["a", "A", "-", "n/a", "N/A", "na", "NA", "nan", "NaN", "None", "NULL", "nd", "ND", "s/i"],
)
def test_every_mark_for_no_number_is_emptied_in_any_case(name: str, mark: str):
    """A mark that exports write in place of a number is counted, not refused."""
    cleaned = clean_banco_central(raw({"Periodo": "2018-08-01", name: mark}))
    pd.testing.assert_frame_equal(cleaned.table, clean({"month": "2018-08-01"}))
    assert cleaned.counts == NO_REPAIRS | {"unreadable_cells": 1}


@pytest.mark.parametrize("name", ["PIB_Pesca", "Imacec_minero", NON_DURABLE_SALES, "Ocupados"])
@pytest.mark.parametrize(
    "cell",
    [
        "aa",
        "s/d",
        "--",
        "#N/A",
        " ",
        " 12",
        " a",
        "1,5",
        "-12",
        "12.",
        ".5",
        "1..2",
        "inf",
        "1e3",
        "12 345",
        "٣",
        "9" * 31,
        "9" * 400,
    ],
)
def test_cell_of_anything_but_digits_is_refused_with_its_place(name: str, cell: str):
    """A kind of junk that was never seen is for a person to look at."""
    with pytest.raises(DataError) as raised:
        clean_banco_central(raw({"Periodo": "2018-08-01"}, {"Periodo": "2018-09-01", name: cell}))
    assert str(raised.value) == (
        f"banco_central.csv, line 3, column {name!r}: {cell!r}; "
        "expected digits, grouped by dots or not"
    )


@pytest.mark.parametrize(
    ("name", "cell", "expected"),
    [
        # A number with its point there has one reading.
        ("Ventas_autos_nuevos", "99999999.5", "1000 to 90000 vehicles"),
        # An ounce of gold never cost less than 30 dollars, and never nothing.
        *((GOLD, cell, f"30 to 2500 {UNITS[GOLD]}") for cell in ("0", "19.99", "0.5")),
    ],
)
def test_cell_that_no_decimal_point_makes_plausible_is_refused_with_its_place(
    name: str, cell: str, expected: str
):
    """The error says the range and its unit."""
    with pytest.raises(DataError) as raised:
        clean_banco_central(raw({"Periodo": "2018-08-01"}, {"Periodo": "2018-09-01", name: cell}))
    assert str(raised.value) == (
        f"banco_central.csv, line 3, column {name!r}: {cell!r}; "
        f"expected {expected}; a cell of this form lost no decimal point"
    )


@pytest.mark.parametrize("series", BANCO_CENTRAL, ids=lambda series: series.name)
def test_series_of_one_value_is_held_to_its_plausible_range(series: Series):
    """The error says the range and the unit of the series that the cell stands in."""
    plausible = PLAUSIBLE[series.name]
    with pytest.raises(DataError) as raised:
        clean_banco_central(raw({"Periodo": "2018-09-01", series.name: "99999999.5"}))
    assert str(raised.value) == (
        f"banco_central.csv, line 2, column {series.name!r}: '99999999.5'; expected "
        f"{plausible.lowest:g} to {plausible.highest:g} {series.unit}; "
        "a cell of this form lost no decimal point"
    )


def test_series_without_any_number_is_a_column_of_missing_numbers():
    """Empty cells alone are typed like all others, and the summary counts no cell."""
    table = raw({}, {}).drop(columns="Periodo")
    table["month"] = pd.to_datetime(["2018-08-01", "2018-09-01"])
    numbers, restored, dates, decimals = restore_every_series(table)
    expected = pd.DataFrame(
        np.nan, index=pd.RangeIndex(2, 4, name="line"), columns=SERIES, dtype="float64"
    )
    pd.testing.assert_frame_equal(numbers.drop(columns="month"), expected)
    assert restored.empty
    assert dates.empty
    pd.testing.assert_frame_equal(decimals, summary())


def test_summary_counts_cells_restored_misread_and_doubtful_by_series():
    """Two cells lost three decimals and one lost six; one kept its point; an `a` is no cell."""
    cleaned = clean_banco_central(
        raw(
            {"Periodo": "2018-08-01", "PIB_Pesca": "58.123", GOLD: "1200.5"},
            {"Periodo": "2018-09-01", "PIB_Pesca": "57.984.681", GOLD: "1210"},
            {"Periodo": "2018-10-01", "PIB_Pesca": "57.985", GOLD: "a"},
            {"Periodo": "2018-11-01", "PIB_Pesca": "57.9"},
        )
    )
    pd.testing.assert_frame_equal(
        cleaned.decimals, summary(PIB_Pesca=(4, 3, 2, 0), **{GOLD: (2, 0, 0, 0)})
    )


@pytest.mark.parametrize(
    ("lost_decimals", "expected"),
    [
        ([], 0),
        ([0, 0], 0),
        ([6, 6, 6], 0),
        ([6, 5, 6, 4], 2),
        ([6, 6, 0], 1),
        ([0, 0, 0, 5], 3),
    ],
)
def test_misread_are_the_cells_off_the_usual_power_of_ten(lost_decimals: list[int], expected: int):
    """A cell that kept its point leaves the power of ten of those that lost it."""
    assert n_misread(np.array(lost_decimals, dtype=np.int64)) == expected


@pytest.fixture(scope="module")
def real_raw(real_data: Path) -> pd.DataFrame:
    """The real file's cells as they stand."""
    return text_table(read_raw_file(real_data / FILE_NAME), columns=COLUMNS)


def test_real_file_needs_the_repairs_that_were_counted(real_raw: pd.DataFrame):
    """614 rows become each month from 1970-01 to 2020-11, and nothing else is repaired."""
    cleaned = clean_banco_central(real_raw)
    assert real_raw.shape == (614, 85)
    assert cleaned.table.shape == (611, 85)
    months = cleaned.table["month"].tolist()
    assert months == pd.date_range("1970-01", "2020-11", freq="MS").tolist()
    counts = dict(cleaned.counts)
    assert counts.pop("doubtful_decimals") < 100
    assert counts == {
        "impossible_periods": 1,
        "repeated_months": 2,
        "unreadable_cells": 17,
        "restored_decimals": 11_372,
        "dates_for_numbers": 5,
        "unusual_values": 0,
    }
    decimals = cleaned.decimals
    assert decimals["series"].tolist() == SERIES
    assert decimals["cells"].tolist() == cleaned.table[SERIES].notna().sum().tolist()
    assert decimals["restored"].sum() == 11_372
    assert decimals.loc[decimals["series"].isin(PIB), "misread"].sum() == 383


def test_real_repairs_stand_in_the_file_where_they_are_said_to(real_raw: pd.DataFrame):
    """Line, column and value of each repair are those of the file."""
    cleaned = clean_banco_central(real_raw)
    for defect in ("impossible_periods", "unreadable_cells", "restored_decimals"):
        for line, column, value, _ in cleaned.repairs[defect].itertuples(index=False):
            assert real_raw.at[line, column] == value
    assert set(cleaned.repairs["unreadable_cells"]["value"]) == {"a"}
    assert cleaned.repairs["impossible_periods"]["value"].str[:7].tolist() == ["2020-13"]
    assert cleaned.repairs["repeated_months"]["value"].tolist() == ["2018-08", "2019-08"]


def test_real_numbers_are_all_plausible_and_gdp_keeps_its_digits(real_raw: pd.DataFrame):
    """No value is outside its range, and none has other digits than its cell."""
    cleaned = clean_banco_central(real_raw)
    for name in SERIES:
        values = cleaned.table[name].dropna()
        assert values.between(PLAUSIBLE[name].lowest, PLAUSIBLE[name].highest).all(), name
    by_month = real_raw.assign(month=pd.to_datetime(real_raw["Periodo"].str[:7], errors="coerce"))
    cells = by_month.drop_duplicates("month").set_index("month")["PIB"]
    for month, value in cleaned.table.set_index("month")["PIB"].dropna().items():
        assert f"{value:.9g}".replace(".", "") == cells[month].replace(".", "")


@pytest.mark.parametrize(
    ("first", "second"),
    [("", "NaN"), ("NaN", ""), ("54.66", "54.660"), ("3.0", "3"), ("0.50", "0.5")],
)
def test_month_repeated_with_the_same_value_written_otherwise_is_counted(first: str, second: str):
    """No number is no number, and a zero at the end says nothing."""
    cleaned = clean_banco_central(
        raw(
            {"Periodo": "2018-08-01", "Tasa_de_interes_de_la_politica_monetaria": first},
            {"Periodo": "2018-08-01", "Tasa_de_interes_de_la_politica_monetaria": second},
        )
    )
    assert cleaned.counts["repeated_months"] == 1
    assert len(cleaned.table) == 1


@pytest.mark.parametrize(
    ("name", "cell", "value"),
    [
        ("Ventas_autos_nuevos", "29.486", 29486),
        ("Ocupados", "7.667", 7667),
        ("Ocupados", "76676594", 7667.6594),
        ("Ocupados", "7667", 7667),
    ],
)
def test_cell_that_another_program_wrote_is_read_if_one_value_fits(
    name: str, cell: str, value: float
):
    """Dots that group thousands, and digits whose dots are gone; both are listed as repairs."""
    cleaned = clean_banco_central(raw({"Periodo": "2018-08-01", name: cell}))

    assert cleaned.table[name].tolist() == [value]
    assert cleaned.counts["restored_decimals"] == (cell != "7667")
    assert cleaned.counts["doubtful_decimals"] == 0


@pytest.mark.parametrize(
    ("name", "cell", "reason"),
    [
        # 754.32 without its dot may as well be 75.432.
        (DOLLAR, "75432", "without dots this may stand for several values in so wide a range"),
        ("Ocupados", "766", "with no, or with three or more lost decimals this is out of range"),
        ("Ocupados", "766765", "with no, or with three or more lost decimals this is out of range"),
        (
            "Ventas_autos_nuevos",
            "290.486",
            "in thousands this is 290486, with three or more lost decimals 290.486, or a tenth, a "
            "hundredth, … of that",
        ),
    ],
)
def test_cell_that_another_program_wrote_is_refused_for_the_true_reason(
    name: str, cell: str, reason: str
):
    """No value fits, or more than one."""
    with pytest.raises(DataError) as raised:
        clean_banco_central(raw({"Periodo": "2018-08-01", name: cell}))

    assert str(raised.value).startswith(f"banco_central.csv, line 2, column {name!r}: {cell!r}; ")
    assert str(raised.value).endswith(f"; {reason}")
