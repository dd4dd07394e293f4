"""The contracts of the monthly tables: each sentence fails on its own fault."""

from pathlib import Path

import pandas as pd
import pytest

from spike_assets.series.catalogue import BANCO_CENTRAL
from spike_assets.sources.banco_central import SOURCE as BANCO_CENTRAL_SOURCE
from spike_assets.sources.location import DataLocation
from spike_assets.sources.milk_price import SOURCE as MILK_PRICE
from spike_assets.sources.schemas import FEATURES_TABLE, violations
from spike_assets.sources.sources import SOURCES
from spike_assets.training.data_check import check_data

PRICE = "price_clp_per_litre"
COLUMNS = ["month", "column", "value", "expected"]

MILK_PRICE_TABLE = MILK_PRICE.schema
BANCO_CENTRAL_TABLE = BANCO_CENTRAL_SOURCE.schema
TABLES = [*(source.schema for source in SOURCES), FEATURES_TABLE]


def prices(by_day: dict[str, float]) -> pd.DataFrame:
    return pd.DataFrame({"month": days(*by_day), PRICE: list(by_day.values())})


def days(*texts: str) -> pd.Series:
    return pd.Series([pd.Timestamp(text) for text in texts], dtype="datetime64[us]")


def banco_central(**by_series: list[float]) -> pd.DataFrame:
    """Return one row per month from 2014-01, missing but for the series named."""
    n_months = len(next(iter(by_series.values())))
    missing = {one.name: [float("nan")] * n_months for one in BANCO_CENTRAL}
    months = pd.date_range("2014-01", periods=n_months, freq="MS", unit="us")
    return pd.DataFrame({"month": months} | missing | by_series)


def found(table: pd.DataFrame, schema=MILK_PRICE_TABLE) -> dict[str, list[tuple[str, ...]]]:
    """Return the violations of each check that has any."""
    return {
        sentence: list(rows.itertuples(index=False, name=None))
        for sentence, rows in violations(table, schema).items()
        if len(rows)
    }


GOOD = prices({"2014-01-01": 213.02, "2014-02-01": 219.03, "2014-03-01": 227.45})


def test_table_that_keeps_its_contract_has_an_empty_table_for_each_sentence():
    """Nothing found has the columns of something found."""
    kept = violations(GOOD, MILK_PRICE_TABLE)

    assert list(kept) == [
        "has_its_columns_and_types",
        "has_one_row_per_month",
        "has_every_month_in_order",
        "holds_plausible_values",
    ]
    for rows in kept.values():
        assert (list(rows.columns), len(rows)) == (COLUMNS, 0)


@pytest.mark.parametrize(
    ("by_day", "broken"),
    [
        pytest.param(
            {"2014-01-01": 213.02, "2014-02-15": 219.03, "2014-03-01": 227.45},
            {"has_one_row_per_month": ["2014-02-15"]},
            id="in mid-month",
        ),
        pytest.param(
            {"2014-01-01": 213.02, "2014-02-01 12:00": 219.03, "2014-03-01": 227.45},
            {"has_one_row_per_month": ["2014-02-01 12:00:00"]},
            id="at noon",
        ),
        pytest.param(
            {"2014-02-01": 219.03, "2014-01-01": 213.02, "2014-03-01": 227.45},
            {"has_every_month_in_order": ["2014-01-01", "2014-03-01"]},
            id="not sorted",
        ),
        pytest.param(
            {"2014-03-01": 227.45, "2014-02-01": 219.03, "2014-01-01": 213.02},
            {"has_every_month_in_order": ["2014-02-01", "2014-01-01"]},
            id="backwards",
        ),
        pytest.param(
            {"2013-12-01": 210.0, "2014-02-01": 219.03, "2014-03-01": 227.45},
            {"has_every_month_in_order": ["2014-02-01"]},
            id="skipped",
        ),
        pytest.param(
            {"2013-12-01": 210.0, "2014-12-01": 219.03},
            {"has_every_month_in_order": ["2014-12-01"]},
            id="a year skipped",
        ),
    ],
)
def test_month_that_stands_wrong_breaks_one_sentence(
    by_day: dict[str, float], broken: dict[str, list[str]]
):
    """Each row that is wrong is named with its month, in the order of the table."""
    assert found(prices(by_day)) == {
        sentence: [(day[:7], "month", day, sentence) for day in wrong]
        for sentence, wrong in broken.items()
    }


def test_duplicate_month_is_not_out_of_order():
    """Both rows are named, and nothing else is said."""
    twice = GOOD.assign(month=days("2014-01-01", "2014-02-01", "2014-02-01"))

    row = ("2014-02", "month", "2014-02-01", "has_one_row_per_month")
    assert found(twice) == {"has_one_row_per_month": [row, row]}


def test_turn_of_the_year_and_a_leap_february_are_in_order():
    """Months are counted, not days."""
    table = prices({"2015-12-01": 1.0, "2016-01-01": 2.0, "2016-02-01": 3.0, "2016-03-01": 4.0})

    assert found(table) == {}


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        *(
            (value, "1 to 2000 CLP per litre")
            for value in (0.99, -213.02, 2000.5, float("inf"), float("-inf"))
        ),
        (float("nan"), "not_nullable"),
    ],
)
def test_value_out_of_range_or_missing_is_named_with_what_was_expected(value: float, expected: str):
    """Month, column, value and the range with its unit, or that it must be there."""
    assert found(GOOD.assign(**{PRICE: [213.02, value, 227.45]})) == {
        "holds_plausible_values": [("2014-02", PRICE, str(value), expected)]
    }


@pytest.mark.parametrize("value", [1.0, 2000.0])
def test_both_ends_of_a_range_belong_to_it(value: float):
    """A value on the border is plausible."""
    assert found(GOOD.assign(**{PRICE: value})) == {}


def test_value_may_be_missing_in_the_macroeconomic_table_but_not_be_out_of_range():
    """The Banco Central publishes series from different months on; a wrong one is wrong still."""
    table = banco_central(PIB=[float("nan"), 11215.0, 112152352.0], Imacec_minero=[1.0, 99.0, 98.0])

    assert found(banco_central(PIB=[float("nan"), 11215.0]), BANCO_CENTRAL_TABLE) == {}
    assert found(table, BANCO_CENTRAL_TABLE) == {
        "holds_plausible_values": [
            ("2014-01", "Imacec_minero", "1.0", "25 to 200 index, 2013 = 100"),
            (
                "2014-03",
                "PIB",
                "112152352.0",
                "4033.33 to 36300 thousand million CLP, chained volume",
            ),
        ]
    }


@pytest.mark.parametrize(
    ("table", "rows"),
    [
        pytest.param(
            GOOD.drop(columns=PRICE), [("", "", PRICE, "column_in_dataframe")], id="missing"
        ),
        pytest.param(
            GOOD.drop(columns="month"), [("", "", "month", "column_in_dataframe")], id="no month"
        ),
        pytest.param(
            GOOD.assign(litres=1.0), [("", "", "litres", "column_in_schema")], id="one more"
        ),
        pytest.param(
            GOOD[[PRICE, "month"]],
            [("", "", PRICE, "column_ordered"), ("", "", "month", "column_ordered")],
            id="other order",
        ),
        pytest.param(
            GOOD.assign(**{PRICE: [213, 219, 227]}),
            [("", PRICE, "int64", "dtype('float64')")],
            id="whole numbers",
        ),
        pytest.param(
            GOOD.astype({PRICE: "str"}), [("", PRICE, "str", "dtype('float64')")], id="text"
        ),
        pytest.param(
            GOOD.astype({PRICE: "float32"}),
            [("", PRICE, "float32", "dtype('float64')")],
            id="half the digits",
        ),
        pytest.param(
            GOOD.astype({"month": "str"}),
            [("", "month", "str", "dtype('datetime64[ns]')")],
            id="months as text",
        ),
    ],
)
def test_columns_that_are_not_those_of_the_contract_break_one_sentence(
    table: pd.DataFrame, rows: list[tuple[str, ...]]
):
    """A value that can't be compared for its type is not said to be out of range as well."""
    broken = found(table)

    assert [tuple(cell for cell in row if cell) for row in broken["has_its_columns_and_types"]] == [
        tuple(cell for cell in row if cell) for row in rows
    ]
    assert list(broken) == ["has_its_columns_and_types"]


def test_each_fault_of_many_is_told_under_its_own_sentence():
    """One fault hides no other."""
    table = prices({"2014-01-02": 213.02, "2014-02-01": 9000.0, "2014-04-01": 227.45})

    assert found(table.assign(litres=1)) == {
        "has_its_columns_and_types": [("", "", "litres", "column_in_schema")],
        "has_one_row_per_month": [("2014-01", "month", "2014-01-02", "has_one_row_per_month")],
        "has_every_month_in_order": [
            ("2014-04", "month", "2014-04-01", "has_every_month_in_order")
        ],
        "holds_plausible_values": [("2014-02", PRICE, "9000.0", "1 to 2000 CLP per litre")],
    }


def test_violations_stand_in_the_order_of_rows_and_then_of_columns():
    """A month's faults are told side by side, as the table has them."""
    names = [one.name for one in BANCO_CENTRAL]
    table = banco_central(**{name: [-1.0, -1.0] for name in names})

    rows = violations(table, BANCO_CENTRAL_TABLE)["holds_plausible_values"]

    expected = [(month, name) for month in ("2014-01", "2014-02") for name in names]
    assert list(zip(rows["month"], rows["column"], strict=True)) == expected


def test_table_that_is_checked_stays_as_it_was():
    """Nothing is coerced, sorted or dropped."""
    table = prices({"2014-02-01": 9000.0, "2014-01-01": 213.02})
    before = table.copy(deep=True)

    found(table)

    pd.testing.assert_frame_equal(table, before)


def test_tables_of_the_sample_keep_their_contracts():
    """The embedded files, cleaned and joined."""
    tables = [check.table for check in check_data(DataLocation(folder=None))]

    assert [found(table, schema) for table, schema in zip(tables, TABLES, strict=True)] == [{}] * 5


def test_tables_of_the_real_files_keep_their_contracts(real_data: Path):
    """The published files, cleaned and joined."""
    tables = [check.table for check in check_data(DataLocation(folder=real_data))]

    assert [found(table, schema) for table, schema in zip(tables, TABLES, strict=True)] == [{}] * 5


def test_columns_say_their_unit_and_meaning():
    """The contract can be read without the catalogue."""
    column = MILK_PRICE_TABLE.columns[PRICE]

    assert column.title == "CLP per litre"
    assert column.description == "paid to dairy farms, nominal, without VAT"
