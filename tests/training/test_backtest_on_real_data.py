"""The forecaster's errors on the real files, within what the documents say of them."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
import pytest

from spike_assets.models.forecaster import TrainedForecaster
from spike_assets.models.price_series import PriceSeries
from spike_assets.training.forecast_frame import targets_between
from spike_assets.training.forecast_inputs import price_series
from spike_assets.training.forecaster import train_forecaster
from spike_assets.training.gate import CHECK_DESCRIPTIONS, run_checks
from spike_assets.training.scores import POOLED, coverage, rmse, scores


@dataclass(frozen=True)
class Real:
    """The real files, what was forecast at every origin, and the backtest from 2014 on."""

    inputs: pd.DataFrame
    data: PriceSeries
    history: pd.DataFrame
    backtest: pd.DataFrame

    def window(self, first: str, last: str, *, horizon: int) -> pd.DataFrame:
        return targets_between(self.history, first=first, last=last, horizon=horizon)


@pytest.fixture(scope="module")
def real(real_run) -> Real:
    """The tables that a run of the whole graph on the real files stored."""
    inputs, history, backtest = (
        pd.read_parquet(real_run.storage / f"{asset}.parquet")
        for asset in ("forecast_inputs", "forecast_history", "backtest")
    )
    return Real(inputs, price_series(inputs), history, backtest)


@pytest.fixture(scope="module")
def forecaster(real: Real) -> TrainedForecaster:
    """Trained on every month."""
    return train_forecaster(real.data, real.history)


def test_next_month_from_2014_on_is_within_what_was_promised(real: Real):
    """86 months that had no say in how the forecaster is made."""
    found = scores(targets_between(real.backtest, first="2014-01", last="2021-02", horizon=1))
    by_model = found[found["horizon"] == 1].set_index("model")
    assert by_model["n"].drop("notebook").tolist() == [86] * 4
    assert by_model.loc["forecaster", "rmse_clp_per_litre"] <= 6.35
    assert by_model.loc["forecaster", "mae_clp_per_litre"] <= 4.05
    repeated = by_model.loc["last_price", ["rmse_clp_per_litre", "mae_clp_per_litre"]]
    assert repeated.tolist() == pytest.approx([8.906, 6.272], abs=0.0005)


def test_forecaster_beats_every_baseline_in_the_next_month(real: Real):
    """The notebook's pipeline on the months that it forecast."""
    next_month = real.backtest[real.backtest["horizon"] == 1]
    ours = next_month[next_month["model"] == "forecaster"].set_index("month")
    for name, theirs in next_month.groupby("model"):
        if name != "forecaster":
            common = ours.loc[theirs["month"]].reset_index()
            assert len(theirs) >= 40
            assert rmse(common) < 0.85 * rmse(theirs), name


def test_months_that_it_was_chosen_on_are_no_better_than_said(real: Real):
    """The 180 months from 1999 to 2013."""
    chosen_on = real.window("1999-01", "2013-12", horizon=1)
    assert len(chosen_on) == 180
    assert rmse(chosen_on) <= 4.10


def test_year_ahead_is_within_what_was_promised(real: Real):
    """The 75 origins whose first target is 2014-01 to 2020-03, all twelve horizons together."""
    origins = real.history["origin"].between("2013-12-01", "2020-02-01")
    pooled = real.history[origins & real.history["actual_clp_per_litre"].notna()]
    assert len(pooled) == 75 * 12
    assert rmse(pooled) <= 15.5


@pytest.mark.parametrize(("level", "lowest", "highest"), [(80, 0.76, 0.84), (95, 0.92, 0.98)])
def test_intervals_hold_about_what_they_say(real: Real, level: int, lowest: float, highest: float):
    """One, six and twelve months ahead together, every month with an interval."""
    window = real.window("2014-01", "2021-02", horizon=12)
    chosen = window[window["horizon"].isin([1, 6, 12])]
    assert len(chosen) == 3 * 86
    assert chosen[f"lower_{level}_clp_per_litre"].gt(0).all()
    assert lowest <= coverage(chosen, level=level) <= highest


def test_real_forecaster_passes_the_gate(real: Real, forecaster: TrainedForecaster):
    """All five checks, compared with itself as the one promoted."""
    found = run_checks(
        forecaster, backtest=real.backtest, history=real.history, promoted=forecaster.history
    )
    assert {result.name: result.passed for result in found} == dict.fromkeys(
        CHECK_DESCRIPTIONS, True
    ), "\n".join(result.reason for result in found)
    assert found[1].figures["months"] == 86


def test_forecasts_go_on_from_the_last_price_though_drivers_ended(
    real: Real, forecaster: TrainedForecaster
):
    """Rain is there until April 2020, the dollar until November; prices until 2021-02.

    The last two are known when the price of the month before them is published.
    """
    months = real.inputs.set_index("month")
    last = {name: f"{months[name].last_valid_index():%Y-%m}" for name in months}
    assert last == {
        "price_clp_per_litre": "2021-02",
        "rain": "2020-03",
        "world_price": "2020-10",
    }
    coming = forecaster.forecast()
    assert [coming[0].month, coming[-1].month] == ["2021-03", "2022-02"]
    last_price = real.data.price_clp_per_litre[-1]
    for month in coming:
        assert 0.7 * last_price < month.price_clp_per_litre < 1.4 * last_price
        assert month.intervals[95][0] < month.intervals[80][0] < month.price_clp_per_litre
        assert month.price_clp_per_litre < month.intervals[80][1] < month.intervals[95][1]
        assert sum(month.contributions_clp_per_litre.values()) == pytest.approx(
            month.price_clp_per_litre - last_price, abs=1e-9
        )


def test_backtest_is_the_history_of_the_forecaster_and_that_of_its_baselines(real: Real):
    """Twelve horizons of 86 months; the pooled rows are all of them."""
    found = scores(real.backtest).set_index(["model", "horizon"])["n"]
    assert found["forecaster", POOLED] == found["last_price", POOLED] == 86 * 12
    ours = real.backtest[real.backtest["model"] == "forecaster"]
    expected = real.window("2014-01", "2021-02", horizon=12)
    pd.testing.assert_frame_equal(ours.reset_index(drop=True), expected.reset_index(drop=True))
    assert np.isfinite(real.backtest["forecast_clp_per_litre"]).all()
