"""Cleaning the price file."""

from pathlib import Path

import pandas as pd
import pytest

from spike_assets.sources.errors import DataError
from spike_assets.sources.milk_price import COLUMNS, FILE_NAME, clean_milk_price
from spike_assets.sources.months import SPANISH_MONTHS
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
    assert cleaned.counts == {"repeated_months": 0, "unusual_values": 0}
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
    assert cleaned.counts == {"repeated_months": 1, "unusual_values": 0}
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
PRICES = "a number (CLP per litre)"
RANGE = "1 to 2000 CLP per litre"


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
        *(("Precio_leche", RANGE, cell) for cell in ("0", "-241", "1e9", "2000.5")),
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


RISING = [100.0 + month for month in range(24)]


def priced(cells: list[str]) -> pd.DataFrame:
    """Return a file of months from 2019-01 on, its first row on line 2."""
    months = pd.date_range("2019-01", periods=len(cells), freq="MS")
    names = [name.title() for name in SPANISH_MONTHS]
    return raw(
        *((str(m.year), names[m.month - 1], cell) for m, cell in zip(months, cells, strict=True))
    )


def with_prices(changed: dict[int, str]) -> pd.DataFrame:
    return priced([changed.get(at, f"{price:g}") for at, price in enumerate(RISING)])


@pytest.mark.parametrize(
    ("changed", "line", "cell", "expected"),
    [
        (
            {11: "11.1"},
            13,
            "11.1",
            "22.2 to 555 CLP per litre (within 5 times the level of the months beside it, 111): "
            "110 in 2019-11 (line 12) and 112 in 2020-01 (line 14)",
        ),
        (
            {11: "1110"},
            13,
            "1110",
            "22.2 to 555 CLP per litre (within 5 times the level of the months beside it, 111): "
            "110 in 2019-11 (line 12) and 112 in 2020-01 (line 14)",
        ),
        (
            {0: "10.0"},
            2,
            "10.0",
            "20.7 to 517.5 CLP per litre (within 5 times the level of the months beside it, "
            "103.5): 101 in 2019-02 (line 3)",
        ),
        (
            {23: "12.3"},
            25,
            "12.3",
            "23.9 to 597.5 CLP per litre (within 5 times the level of the months beside it, "
            "119.5): 122 in 2020-11 (line 24)",
        ),
        (
            {11: "11.1", 12: "11.2", 13: "11.3"},
            13,
            "11.1",
            "21.7 to 542.5 CLP per litre (within 5 times the level of the months beside it, "
            "108.5): 110 in 2019-11 (line 12) and 11.2 in 2020-01 (line 14)",
        ),
        (
            {11: "224.1"},
            13,
            "224.1",
            "a price that differs by a factor of 2 at most from the months beside it: "
            "110 in 2019-11 (line 12) and 112 in 2020-01 (line 14)",
        ),
    ],
    ids=["tenth", "tenfold", "first", "last", "three", "doubled"],
)
def test_price_far_from_its_neighbours_is_refused_with_them(
    changed: dict[int, str], line: int, cell: str, expected: str
):
    """Milk was never more than 1.26 times what it was a month before."""
    with pytest.raises(DataError) as raised:
        clean_milk_price(with_prices(changed))
    assert str(raised.value) == (
        f"precio_leche.csv, line {line}, column 'Precio_leche': {cell!r}; expected {expected}"
    )


@pytest.mark.parametrize(
    ("changed", "warnings"),
    [
        (
            {11: "150"},
            [
                "precio_leche.csv, line 13, column 'Precio_leche': '150' is doubtful, more than "
                "15% away from 110 in 2019-11 (line 12) and 112 in 2020-01 (line 14)"
            ],
        ),
        (
            {23: "80"},
            [
                "precio_leche.csv, line 25, column 'Precio_leche': '80' is doubtful, more than "
                "15% away from 122 in 2020-11 (line 24)"
            ],
        ),
        ({at: f"{150 + at}" for at in range(11, 24)}, []),
        ({11: "126"}, []),
    ],
    ids=["there-and-back", "last", "to-stay", "little"],
)
def test_price_that_jumps_and_returns_is_kept_with_a_warning(
    changed: dict[int, str], warnings: list[str]
):
    """A jump that stays may be true."""
    assert clean_milk_price(with_prices(changed)).warnings == warnings


@pytest.mark.parametrize(("n_equal", "warned"), [(6, False), (7, True)])
def test_frozen_price_is_kept_with_a_warning(n_equal: int, warned: bool):
    """In the published files no series keeps one value for more than half a year."""
    cleaned = clean_milk_price(with_prices(dict.fromkeys(range(24 - n_equal, 24), "117.50")))
    assert cleaned.warnings == (
        [
            "precio_leche.csv, column 'Precio_leche': 117.5 in each of 7 months, 2020-06 (line 19) "
            "to 2020-12 (line 25); check that they are published values"
        ]
        if warned
        else []
    )


def test_price_that_never_moves_is_refused():
    """One sentence says so."""
    with pytest.raises(DataError) as raised:
        clean_milk_price(priced(["250.00"] * 24))
    assert str(raised.value) == (
        "precio_leche.csv, column 'Precio_leche': the price does not move, it is 250 in all 24 "
        "months from 2019-01 to 2020-12"
    )


def test_real_file_has_506_months_and_needs_no_repair(real_data: Path):
    """1979-01 to 2021-02: every Spanish month name is understood."""
    cleaned = clean_milk_price(text_table(read_raw_file(real_data / FILE_NAME), columns=COLUMNS))
    table = cleaned.table
    assert table.shape == (506, 2)
    assert table["month"].tolist() == pd.date_range("1979-01", "2021-02", freq="MS").tolist()
    assert table["price_clp_per_litre"].min() > 0
    assert cleaned.warnings == []
    assert cleaned.counts == {"repeated_months": 0, "unusual_values": 0}
