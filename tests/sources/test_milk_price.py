"""Cleaning the price file."""

from pathlib import Path

import pandas as pd
import pytest

from spike_assets.sources.errors import DataError
from spike_assets.sources.milk_price import COLUMNS, FILE_NAME, clean_milk_price
from spike_assets.sources.raw_file import read_raw_file, text_table


def raw(*rows: tuple[str, str, str]) -> pd.DataFrame:
    lines = pd.RangeIndex(2, 2 + len(rows), name="line")
    return pd.DataFrame(
        list(rows), columns=["Anio", "Mes", "Precio_leche"], index=lines, dtype="str"
    )


def clean(months: list[str], prices: list[float]) -> pd.DataFrame:
    return pd.DataFrame({"month": pd.to_datetime(months), "price_clp_per_litre": prices})


def test_table_is_typed_and_sorted():
    """Year and month name become one month, over the end of a year too."""
    table = raw(("2020", "Ene", "241.5"), ("2019", "Nov", "240"), ("2019", "DIC.", "239.75"))
    before = table.copy(deep=True)
    cleaned = clean_milk_price(table)
    expected = clean(["2019-11-01", "2019-12-01", "2020-01-01"], [240.0, 239.75, 241.5])
    pd.testing.assert_frame_equal(cleaned.table, expected)
    assert cleaned.counts == {"repeated_months": 0}
    pd.testing.assert_frame_equal(table, before)


def test_columns_in_another_order_and_others_beside_them_do_not_matter():
    """Columns go by their names."""
    table = raw(("2020", "Ene", "241.5")).assign(Fuente="ODEPA")
    cleaned = clean_milk_price(table[["Fuente", "Precio_leche", "Mes", "Anio"]])
    pd.testing.assert_frame_equal(cleaned.table, clean(["2020-01-01"], [241.5]))


def test_month_that_stands_twice_with_the_same_price_is_counted():
    """However its name and price are written, it is the same month and the same number."""
    cleaned = clean_milk_price(
        raw(("2020", "Ene", "241.5"), ("2020", "ene.", "241.50"), ("2020", "Feb", "241.5"))
    )
    pd.testing.assert_frame_equal(
        cleaned.table, clean(["2020-01-01", "2020-02-01"], [241.5, 241.5])
    )
    assert cleaned.counts == {"repeated_months": 1}
    assert cleaned.repairs["repeated_months"].to_numpy().tolist() == [
        [3, "Mes", "2020-01", "row left out: an earlier one has the same values"]
    ]


@pytest.mark.parametrize(
    ("second", "message"),
    [
        (
            ("2019", "Dic", "241.6"),
            "duplicate month 2019-12 with different values, "
            "column 'Precio_leche': 241.5 (line 2) and 241.6 (line 3)",
        ),
        (
            ("2020", "Mar", "241"),
            "2 months missing between 2019-12 and 2020-03: 2020-01, 2020-02",
        ),
    ],
    ids=["twice-with-other-prices", "missing"],
)
def test_months_that_contradict_or_lack_each_other_are_refused(
    second: tuple[str, str, str], message: str
):
    """Which price was paid can't be known; with a hole, the wrong month would be looked up."""
    with pytest.raises(DataError) as raised:
        clean_milk_price(raw(("2019", "Dic", "241.5"), second))
    assert str(raised.value) == f"precio_leche.csv: {message}"


@pytest.mark.parametrize(
    ("name", "month"),
    [("Enero", "01"), ("ABRIL", "04"), ("Séptiembre", "09"), ("setiembre", "09"), ("Set.", "09")],
)
def test_full_spanish_month_name_is_read_as_the_abbreviation(name: str, month: str):
    """Another way to write a published month is no fault."""
    cleaned = clean_milk_price(raw(("2020", name, "241.5")))
    pd.testing.assert_frame_equal(cleaned.table, clean([f"2020-{month}-01"], [241.5]))


MONTH_NAMES = "one of Ene, Feb, Mar, Abr, May, Jun, Jul, Ago, Sep, Oct, Nov, Dic"
YEARS = "a year of four digits, from 1900 to 2099"
PRICES = "a number from 1 to 2000 (CLP per litre)"


@pytest.mark.parametrize(
    ("column", "expected", "cell"),
    [
        # A name that is not known is an error, and not a month that quietly drops out.
        *(
            ("Mes", MONTH_NAMES, cell)
            for cell in ("", "Jan", "January", "Apr", "Aug", "13", "0", "Dec")
        ),
        # A year is not completed, rounded or stripped, and a slip of a key opens no gap.
        *(("Anio", YEARS, cell) for cell in ("", "0000", "20", "20200", "2020.0", "-202", " 2020")),
        *(("Anio", YEARS, cell) for cell in ("MMXX", "٢٠٢٠", "9999", "1899")),
        # A price is a plain decimal in CLP per litre, and milk is neither free nor gold.
        *(("Precio_leche", PRICES, cell) for cell in ("", "$241", "241,5", "nan", "1.241.500")),
        *(("Precio_leche", PRICES, cell) for cell in ("0", "-241", "1e9", "2000.5")),
    ],
)
def test_cell_of_another_kind_is_refused_with_line_and_value(column: str, expected: str, cell: str):
    """In whichever column it is, with what was expected there."""
    table = raw(("2019", "Dic", "241.5"), ("2020", "Ene", "241.5"))
    table.loc[3, column] = cell
    with pytest.raises(DataError) as raised:
        clean_milk_price(table)
    assert str(raised.value) == (
        f"precio_leche.csv, line 3, column {column!r}: {cell!r}; expected {expected}"
    )


def test_real_file_has_506_months_and_needs_no_repair(real_data: Path):
    """1979-01 to 2021-02: every Spanish month name is understood."""
    cleaned = clean_milk_price(text_table(read_raw_file(real_data / FILE_NAME), columns=COLUMNS))
    table = cleaned.table
    assert table.shape == (506, 2)
    assert table["month"].tolist() == pd.date_range("1979-01", "2021-02", freq="MS").tolist()
    assert table["price_clp_per_litre"].min() > 0
    assert cleaned.counts == {"repeated_months": 0}
