"""The backtest in words and tables."""

import numpy as np
import pandas as pd
import pytest

from spike_assets.forecasting.report import backtest_report, markdown_table

MONTHS = pd.date_range("2014-01", periods=30, freq="MS", unit="us")


def forecasts(model: str, *, error: float, months: pd.DatetimeIndex = MONTHS) -> pd.DataFrame:
    """Give next-month forecasts of the price 200 that miss it by so much, now up, now down."""
    sign = np.where(np.arange(len(months)) % 2, 1.0, -1.0)
    forecast = 200 + sign * error
    return pd.DataFrame(
        {
            "model": model,
            "origin": months - pd.DateOffset(months=1),
            "horizon": 1,
            "month": months,
            "forecast_clp_per_litre": forecast,
            "lower_80_clp_per_litre": forecast - 5,
            "upper_80_clp_per_litre": forecast + 5,
            "lower_95_clp_per_litre": forecast - 15,
            "upper_95_clp_per_litre": forecast + 15,
            "actual_clp_per_litre": 200 + np.linspace(-0.5, 0.5, len(months)),
            "mean_change_of_a_year_clp_per_litre": 20.0,
        }
    )


@pytest.fixture(scope="module")
def lines() -> list[str]:
    """The report of a good forecaster, the last price, and a rival that began late."""
    table = pd.concat(
        [
            forecasts("forecaster", error=4.0),
            forecasts("last_price", error=10.0),
            forecasts("notebook", error=8.0, months=MONTHS[10:]),
        ],
        ignore_index=True,
    )
    return backtest_report(table).splitlines()


def test_report_says_which_months_and_how_it_was_chosen(lines: list[str]):
    """First of all."""
    assert lines[0].startswith("Every month from 2014-01 to 2016-06 was forecast a month before it")
    assert "chosen on the months before 2014-01" in lines[0]


def test_next_month_has_a_row_for_each_model(lines: list[str]):
    """With how many months it is of."""
    rows = [line for line in lines if line.startswith("| ") and line.count("|") == 8]
    assert [row.split(" | ")[:2] for row in rows[2:]] == [
        ["| forecaster", "30"],
        ["| last_price", "30"],
        ["| notebook", "20"],
    ]
    made = forecasts("forecaster", error=4.0)
    errors = made["forecast_clp_per_litre"] - made["actual_clp_per_litre"]
    assert rows[2].split(" | ")[2:4] == [
        f"{np.sqrt(np.mean(errors**2)):.3f}",
        f"{np.mean(np.abs(errors)):.3f}",
    ]
    assert rows[3].endswith("+0.0% |")


def test_rivals_are_compared_on_common_months_and_luck_is_told_apart(lines: list[str]):
    """Bold is what is hardly luck."""
    assert "| last_price | **0.40 (p 0.000, 30 months)** |" in lines
    assert any(line.startswith("| notebook | **0.50 (p 0.000, 20 months)** |") for line in lines)


def test_intervals_say_what_they_hold_and_how_wide_they_are(lines: list[str]):
    """In percent and in CLP."""
    assert "| forecaster | 1 | 100.0% | 10.0 | 100.0% | 30.0 |" in lines
    assert "| last_price | 1 | 0.0% | 10.0 | 100.0% | 30.0 |" in lines


def test_table_aligns_numbers_to_the_right():
    """As Markdown writes it."""
    assert markdown_table(("model", "n"), [("a", "1"), ("b", "20")]) == (
        "| model | n |\n| --- | ---: |\n| a | 1 |\n| b | 20 |"
    )
