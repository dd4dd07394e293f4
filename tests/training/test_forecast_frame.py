"""Forecasts beside what came: the right month, the right price, the interval known in time."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from spike_assets.models.price_series import HORIZON, PriceSeries
from spike_assets.training.forecast_frame import forecast_table, lower, targets_between, upper
from spike_assets.training.intervals import half_widths
from tests.support.forecast_case import made_up, poisoned


def noisy(data: PriceSeries, origins: range) -> dict[int, np.ndarray]:
    """Forecast the last price, a few percent off."""
    rng = np.random.default_rng(0)
    return {
        at: data.price_clp_per_litre[at] * np.exp(rng.normal(0, 0.03, HORIZON)) for at in origins
    }


def test_forecasts_stand_beside_what_came():
    """Two origins of a series of 15 months: twelve rows each, and three months that came.

    Prices are 100, 101 and so on to 114: a year's change is always 12.
    """
    data = replace(made_up(15), price_clp_per_litre=100.0 + np.arange(15))
    table = forecast_table("rule", data, {12: np.arange(200.0, 212.0), 13: np.arange(300.0, 312.0)})
    first, second = (
        pd.date_range(first, periods=12, freq="MS", unit="us") for first in ("2004-04", "2004-05")
    )
    unknown = np.full(24, np.nan)
    expected = pd.DataFrame(
        {
            "model": pd.Series(["rule"] * 24, dtype="str"),
            "origin": pd.to_datetime(["2004-03-01"] * 12 + ["2004-04-01"] * 12).as_unit("us"),
            "horizon": [*range(1, 13), *range(1, 13)],
            "month": first.append(second),
            "forecast_clp_per_litre": [*np.arange(200.0, 212.0), *np.arange(300.0, 312.0)],
            "half_width_80_log": unknown,
            "lower_80_clp_per_litre": unknown,
            "upper_80_clp_per_litre": unknown,
            "half_width_95_log": unknown,
            "lower_95_clp_per_litre": unknown,
            "upper_95_clp_per_litre": unknown,
            "actual_clp_per_litre": [113.0, 114.0, *[np.nan] * 10, 114.0, *[np.nan] * 11],
            "mean_change_of_a_year_clp_per_litre": 12.0,
        }
    )
    pd.testing.assert_frame_equal(table, expected)


def test_change_of_a_year_is_the_mean_up_to_the_origin():
    """Changes of 12 months: 6 up, 2 down and 7 up; in the first year there is none."""
    prices = np.full(15, 100.0)
    prices[[12, 13, 14]] = [106.0, 98.0, 107.0]
    data = replace(made_up(15), price_clp_per_litre=prices)
    table = forecast_table("rule", data, {at: np.full(12, 100.5) for at in range(11, 15)})
    by_origin = table.groupby("origin")["mean_change_of_a_year_clp_per_litre"].unique()
    assert [list(values) for values in by_origin[1:]] == [[6], [4], [5]]
    assert np.isnan(by_origin.iloc[0]).all()


def test_intervals_are_as_wide_as_the_errors_before_them_ask_for():
    """Multiplied and divided by the same: the price is in the middle of the logs."""
    data = made_up(90)
    forecasts = noisy(data, range(15, 90))
    table = forecast_table("rule", data, forecasts)
    prices = np.array(list(forecasts.values()))
    came = np.full((75, HORIZON), np.nan)
    for row, origin in enumerate(range(15, 90)):
        for ahead in range(1, HORIZON + 1):
            if origin + ahead < 90:
                came[row, ahead - 1] = data.price_clp_per_litre[origin + ahead]
    for level in (80, 95):
        widths = half_widths(np.log(came) - np.log(prices), level=level)
        assert np.isfinite(widths).sum() > 400
        for name, ends in (
            (lower(level), prices / np.exp(widths)),
            (upper(level), prices * np.exp(widths)),
        ):
            np.testing.assert_allclose(table[name], ends.ravel(), rtol=1e-12)


def test_lower_ends_are_above_zero_however_wrong_the_forecasts_were():
    """Errors of a factor of a hundred make wide intervals, of positive prices."""
    data = made_up(90)
    rng = np.random.default_rng(0)
    wrong = {at: 200 * np.exp(rng.normal(0, 5, HORIZON)) for at in range(15, 90)}
    table = forecast_table("rule", data, wrong).dropna(subset=[lower(95)])
    assert (table[lower(95)] > 0).all()
    assert (table[lower(95)] < table[lower(80)] / 2).all()
    assert (table[lower(80)] < table["forecast_clp_per_litre"]).all()
    assert (table["forecast_clp_per_litre"] < table[upper(80)]).all()


@pytest.mark.parametrize("poison", [np.nan, 1e9])
def test_prices_after_an_origin_change_no_bit_of_its_rows(poison: float):
    """All but what came after it: forecast, intervals and the scale of the errors."""
    data = made_up(90)
    forecasts = noisy(data, range(15, 90))
    table = forecast_table("rule", data, forecasts)
    for origin in (15, 40, 51, 60, 88):
        blind = forecast_table("rule", poisoned(data, after=origin, poison=poison), forecasts)
        n_rows = (origin + 1 - 15) * HORIZON
        rows, rows_blind = (
            one.drop(columns=["model", "actual_clp_per_litre"]).iloc[:n_rows]
            for one in (table, blind)
        )
        for name in rows:
            assert rows[name].to_numpy().tobytes() == rows_blind[name].to_numpy().tobytes(), name
        came = table["month"].iloc[:n_rows] <= table["origin"].iloc[n_rows - 1]
        np.testing.assert_array_equal(
            blind["actual_clp_per_litre"].iloc[:n_rows][came],
            table["actual_clp_per_litre"].iloc[:n_rows][came],
        )


def test_model_without_forecasts_has_no_rows():
    """The columns are those of the others."""
    data = made_up(30)
    empty = forecast_table("nobody", data, {})
    assert list(empty) == list(forecast_table("rule", data, noisy(data, range(15, 16))))
    assert empty.empty


def test_targets_are_chosen_by_month_and_horizon_and_only_if_they_came():
    """Both months count; of what is further ahead or still to come nothing is left."""
    data = replace(made_up(15), price_clp_per_litre=100.0 + np.arange(15))
    table = forecast_table("rule", data, noisy(data, range(10, 15)))
    chosen = targets_between(table, first="2004-03", last="2004-04", horizon=2)
    assert chosen[["origin", "horizon", "actual_clp_per_litre"]].to_numpy().tolist() == [
        [pd.Timestamp("2004-01-01"), 2, 112.0],
        [pd.Timestamp("2004-02-01"), 1, 112.0],
        [pd.Timestamp("2004-02-01"), 2, 113.0],
        [pd.Timestamp("2004-03-01"), 1, 113.0],
    ]
    later = targets_between(table, first="2004-05", last="2004-12", horizon=12)
    assert later["month"].unique().tolist() == [pd.Timestamp("2004-05-01")]
