"""The backtest in Markdown: what stands in which cell."""

import numpy as np
import pandas as pd

from spike_assets.training.report import backtest_report, markdown_table

MONTHS = pd.date_range("2014-01-01", periods=8, freq="MS", unit="us")
PAID = np.array([200.0, 210.0, 220.0, 230.0, 220.0, 210.0, 200.0, 210.0])


def forecasts(model: str, *, horizon: int, too_high: float, wobble: float = 0.0) -> pd.DataFrame:
    """Return eight forecasts that are off by so many CLP, a wobble more and less in turn."""
    forecast = PAID + too_high + wobble * np.where(np.arange(8) % 2, 1, -1)
    return pd.DataFrame(
        {
            "model": model,
            "origin": MONTHS - pd.DateOffset(months=horizon),
            "horizon": horizon,
            "month": MONTHS,
            "forecast_clp_per_litre": forecast,
            "lower_80_clp_per_litre": forecast - 5,
            "upper_80_clp_per_litre": forecast + 5,
            "lower_95_clp_per_litre": forecast - 10,
            "upper_95_clp_per_litre": forecast + 10,
            "actual_clp_per_litre": PAID,
            "mean_change_of_a_year_clp_per_litre": 8.0,
        }
    )


TABLE = pd.concat(
    [
        forecasts("forecaster", horizon=1, too_high=2, wobble=1),
        forecasts("forecaster", horizon=2, too_high=4, wobble=2),
        forecasts("forecaster", horizon=3, too_high=6, wobble=3),
        forecasts("last_price", horizon=1, too_high=8, wobble=1),
        forecasts("last_price", horizon=2, too_high=16, wobble=1),
        forecasts("last_price", horizon=3, too_high=24, wobble=1),
    ],
    ignore_index=True,
)


def tables(report: str) -> dict[str, list[list[str]]]:
    """Return the cells of each table, by the heading that it stands under."""
    found: dict[str, list[list[str]]] = {}
    for part in report.split("### ")[1:]:
        heading, *lines = part.splitlines()
        rows = [line for line in lines if line.startswith("|")]
        found[heading] = [[cell.strip() for cell in row[1:-1].split("|")] for row in rows]
    return found


def test_report_begins_with_what_was_done():
    """Which months, how far ahead, and in which unit."""
    assert backtest_report(TABLE).startswith(
        "Every month from 2014-01 to 2014-08 was forecast one to 3 months before it, by each "
        "model from what was known then, and refitted each time. Errors are in CLP per litre."
    )


def test_next_month_has_a_row_for_each_model():
    """All scores of the first horizon."""
    assert tables(backtest_report(TABLE))["Next month"] == [
        ["model", "months", "RMSE", "MAE", "MAPE %", "MASE", "skill against last price"],
        ["---", "---:", "---:", "---:", "---:", "---:", "---:"],
        ["forecaster", "8", "2.236", "2.000", "0.94", "0.250", "+72.3%"],
        ["last_price", "8", "8.062", "8.000", "3.77", "1.000", "+0.0%"],
    ]


def test_errors_are_shown_by_horizon_and_pooled():
    """Those of the horizons 1, 3, 6 and 12 that there are."""
    heading, _, ours, last = tables(backtest_report(TABLE))["RMSE by months ahead"]
    assert heading == ["model", "1", "3", "all pooled"]
    assert ours == ["forecaster", "2.24", "6.71", "4.83"]
    assert last == ["last_price", "8.06", "24.02", "17.31"]


def test_significance_has_its_p_value_and_months():
    """Significant ones are bold; where there are too few months there is no p-value."""
    heading, _, row = tables(backtest_report(TABLE))["Significance"]
    assert heading == ["baseline", "1 ahead", "3 ahead"]
    assert row == ["last_price", "**0.28 (p 0.000, 8 months)**", "**0.28 (p 0.000, 8 months)**"]


def test_intervals_are_told_as_percent_with_their_width():
    """Next month's errors are 1 and 3, so every interval holds; at three months 3 and 9."""
    rows = tables(backtest_report(TABLE))["Intervals"][2:]
    assert rows == [
        ["forecaster", "1", "100.0%", "10.0", "100.0%", "20.0"],
        ["forecaster", "3", "50.0%", "10.0", "100.0%", "20.0"],
        ["last_price", "1", "0.0%", "10.0", "100.0%", "20.0"],
        ["last_price", "3", "0.0%", "10.0", "0.0%", "20.0"],
    ]


def test_baseline_from_elsewhere_has_its_rows():
    """Any model that forecasts the same months can be put beside."""
    theirs = pd.concat(
        [forecasts("theirs", horizon=horizon, too_high=3, wobble=horizon) for horizon in (1, 2, 3)]
    )
    found = tables(backtest_report(pd.concat([TABLE, theirs])))
    for heading, column in (("Next month", 0), ("Significance", 0), ("Intervals", 0)):
        assert "theirs" in [row[column] for row in found[heading]]


def test_model_that_has_begun_a_month_ago_is_shown_with_what_it_has():
    """Prices that end in 2016-09 leave the notebook three months to be forecast, and no sixth."""
    notebook = forecasts("notebook", horizon=1, too_high=3)
    found = tables(backtest_report(pd.concat([TABLE, notebook])))
    assert found["RMSE by months ahead"][-1][:2] == ["notebook", "3.00"]


def test_table_of_markdown_aligns_numbers_to_the_right():
    """The first column is words."""
    assert markdown_table(("a", "b"), [("x", "1"), ("y", "2")]) == (
        "| a | b |\n| --- | ---: |\n| x | 1 |\n| y | 2 |"
    )
