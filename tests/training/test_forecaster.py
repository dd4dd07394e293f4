"""Training what is served: fitted on every month, with the errors that it had before."""

import math

import numpy as np
import pandas as pd
import pytest

from spike_assets.models.forecaster import TrainedForecaster
from spike_assets.sources.errors import DataError
from spike_assets.training.backtest import forecast_from
from spike_assets.training.forecast_frame import forecast_table
from spike_assets.training.forecaster import (
    MIN_PRICES,
    next_month_metrics,
    require_trainable,
    train_forecaster,
)
from tests.support.forecast_case import fitted, history, log_changes_of, made_up


@pytest.fixture(scope="module")
def forecaster() -> TrainedForecaster:
    """Trained on the made-up months."""
    return train_forecaster(made_up(), history())


def test_it_forecasts_as_the_history_does_at_its_last_origin(forecaster: TrainedForecaster):
    """Prices and both intervals of the coming twelve months."""
    coming = history().iloc[-12:]
    months = forecaster.forecast()
    assert [one.month for one in months] == coming["month"].dt.strftime("%Y-%m").tolist()
    found = [[one.price_clp_per_litre, *one.intervals[80], *one.intervals[95]] for one in months]
    columns = ["forecast", "lower_80", "upper_80", "lower_95", "upper_95"]
    expected = coming[[f"{name}_clp_per_litre" for name in columns]].to_numpy()
    np.testing.assert_allclose(found, expected, rtol=1e-9)
    np.testing.assert_allclose(
        [one.price_clp_per_litre for one in months], forecast_from(made_up()), rtol=1e-12
    )


def test_members_are_fitted_on_every_month(forecaster: TrainedForecaster):
    """The same as those fitted on the data by themselves."""
    assert forecaster.data.months.tolist() == made_up().months.tolist()
    expected = log_changes_of(fitted(), made_up())
    for name, changes in log_changes_of(forecaster.members, made_up()).items():
        assert changes.tobytes() == expected[name].tobytes(), name


def test_history_comes_along_whole(forecaster: TrainedForecaster):
    """Row by row, to the bit, those without an interval and those still to come included."""
    table = history()
    found = pd.DataFrame(
        {
            "origin": forecaster.history.origin.astype("datetime64[us]"),
            "horizon": forecaster.history.horizon,
            "month": forecaster.history.month.astype("datetime64[us]"),
            "forecast_clp_per_litre": forecaster.history.forecast_clp_per_litre,
            **{
                f"{end}_{level}_clp_per_litre": ends[level]
                for level in (80, 95)
                for end, ends in (
                    ("lower", forecaster.history.lower_clp_per_litre),
                    ("upper", forecaster.history.upper_clp_per_litre),
                )
            },
            "actual_clp_per_litre": forecaster.history.actual_clp_per_litre,
        }
    )
    pd.testing.assert_frame_equal(found, table[found.columns])


def test_widths_are_those_of_the_last_origin(forecaster: TrainedForecaster):
    """To the bit, as the history has them."""
    for level, widths in forecaster.half_widths.items():
        expected = history()[f"half_width_{level}_log"].to_numpy()[-12:]
        assert widths.tobytes() == expected.tobytes()


def test_metrics_are_the_next_month_scores_from_2014_on(forecaster: TrainedForecaster):
    """The 30 months to June 2016, of which 15 have an interval, worked out by hand."""
    table = history()
    judged = table[(table["horizon"] == 1) & (table["month"] >= "2014-01-01")].dropna(
        subset=["actual_clp_per_litre"]
    )
    actual = judged["actual_clp_per_litre"].to_numpy()
    off = actual - judged["forecast_clp_per_litre"].to_numpy()
    off_of_last_price = actual - made_up().price_clp_per_litre[-31:-1]
    with_interval = judged.dropna(subset=["lower_80_clp_per_litre"])
    held = {
        level: [
            row[f"lower_{level}_clp_per_litre"]
            <= row["actual_clp_per_litre"]
            <= row[f"upper_{level}_clp_per_litre"]
            for _, row in with_interval.iterrows()
        ]
        for level in (80, 95)
    }
    assert (len(judged), len(with_interval)) == (30, 15)
    assert forecaster.metrics == pytest.approx(
        {
            "months": 30,
            "rmse_clp_per_litre": math.sqrt((off**2).mean()),
            "mae_clp_per_litre": np.abs(off).mean(),
            "skill_against_last_price": 1
            - math.sqrt((off**2).mean() / (off_of_last_price**2).mean()),
            "coverage_80": np.mean(held[80]),
            "coverage_95": np.mean(held[95]),
        },
        rel=1e-9,
    )
    assert {type(value) for value in forecaster.metrics.values()} == {int, float}


def test_season_that_was_learned_shows_in_the_skill(forecaster: TrainedForecaster):
    """Against a price that swings, repeating it is poor."""
    assert forecaster.metrics["skill_against_last_price"] > 0.5


def test_prices_that_end_before_2014_have_no_metrics():
    """There is no month to judge by; the first one has no intervals yet, so no coverage."""
    data = made_up(130)
    before = forecast_table("forecaster", data, {at: np.full(12, 200.0) for at in range(119, 130)})
    assert str(data.months[-1]) == "2013-12"
    assert next_month_metrics(data, before) == {}
    one_more = made_up(131)
    after = forecast_table(
        "forecaster", one_more, {at: np.full(12, 200.0) for at in range(119, 131)}
    )
    metrics = next_month_metrics(one_more, after)
    assert set(metrics) == {
        "months",
        "rmse_clp_per_litre",
        "mae_clp_per_litre",
        "skill_against_last_price",
    }
    assert metrics["months"] == 1
    assert metrics["mae_clp_per_litre"] == abs(one_more.price_clp_per_litre[-1] - 200)


def test_months_too_few_for_intervals_are_refused():
    """A year ahead, 24 errors need 37 origins after the first 120 months: 156 in all."""
    assert MIN_PRICES == 156
    data = made_up(155)
    short = history()[history()["origin"] < pd.Timestamp("2016-02-01")]
    table = forecast_table("forecaster", data, forecasts_of(short))
    with pytest.raises(DataError) as raised:
        train_forecaster(data, table)
    assert str(raised.value) == (
        "forecast_history has too few errors to say how far off the coming forecasts are"
    )
    enough = history()[history()["origin"] < pd.Timestamp("2016-03-01")]
    table = forecast_table("forecaster", made_up(156), forecasts_of(enough))
    months = train_forecaster(made_up(156), table).forecast()
    assert np.isfinite([end for one in months for end in one.intervals[95]]).all()


def forecasts_of(table: pd.DataFrame) -> dict[int, np.ndarray]:
    prices = table["forecast_clp_per_litre"].to_numpy().reshape(-1, 12)
    return dict(enumerate(prices, start=119))


def prices(first: str, last: str, *, frozen_from: str = "2100-01") -> pd.DataFrame:
    months = pd.date_range(first, last, freq="MS", unit="us")
    moving = 200.0 + np.arange(len(months)) % 2
    return pd.DataFrame(
        {"month": months, "price_clp_per_litre": np.where(months < frozen_from, moving, 250.5)}
    )


@pytest.mark.parametrize(
    ("table", "says"),
    [
        (
            prices("2008-04", "2021-02"),
            "155 months have a milk price, 2008-04 to 2021-02; a run needs 156: 120 before the "
            "first forecast, and 24 forecasts of 12 months ahead that have come true",
        ),
        (
            prices("1979-01", "2013-12"),
            "milk prices end in 2013-12, so forecasts of 0 months can be scored; a run needs 12 "
            "months from 2014-01 on",
        ),
        (
            prices("1979-01", "2014-11"),
            "milk prices end in 2014-11, so forecasts of 11 months can be scored; a run needs 12 "
            "months from 2014-01 on",
        ),
        (
            prices("1979-01", "2021-02", frozen_from="2013-12"),
            "the milk price does not move from 2013-12 to 2021-02, the months that forecasts are "
            "scored on: it is 250.5 in each, and no forecast is better than repeating it",
        ),
    ],
    ids=["few", "none-scored", "few-scored", "frozen"],
)
def test_prices_that_no_forecaster_can_be_trained_or_judged_on_are_refused(
    table: pd.DataFrame, says: str
):
    """Before anything is fitted, with what it takes."""
    with pytest.raises(DataError) as raised:
        require_trainable(table)
    assert str(raised.value) == says


@pytest.mark.parametrize(
    "table",
    [
        prices("2008-03", "2021-02"),
        prices("1979-01", "2014-12"),
        prices("1979-01", "2021-02", frozen_from="2014-01"),
    ],
    ids=["few", "few-scored", "frozen"],
)
def test_prices_that_just_suffice_are_accepted(table: pd.DataFrame):
    """One month more than those that are refused; or one move in the months that are scored."""
    require_trainable(table)


def test_history_of_another_version_is_refused():
    """Its intervals are not what this one reads."""
    old = history().drop(columns=["half_width_80_log", "half_width_95_log"])
    with pytest.raises(DataError, match="made by another version, without half_width_80_log"):
        train_forecaster(made_up(), old)
