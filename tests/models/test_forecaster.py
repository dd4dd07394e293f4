"""The trained forecaster: forecasts that explain themselves, and come back from a file."""

import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from sklearn.compose import TransformedTargetRegressor
from sklearn.linear_model import LinearRegression
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler

from spike_assets.models.forecast_features import (
    GROUP_OF,
    MONTHS_OF_PAST,
    forecast_features,
    last_row,
)
from spike_assets.models.forecaster import MonthForecast, TrainedForecaster
from spike_assets.models.member import SOURCES, FittedLearner, FittedRegressor
from spike_assets.models.price_series import HORIZON
from spike_assets.models.theta import Theta
from tests.support.forecast_case import (
    DRIVER_NAMES,
    fitted,
    log_changes_of,
    made_up,
    trained,
)

ROOT = Path(__file__).parents[2]
NEW_PRICES = np.array([231.5, 240.25])


def prices(months: list[MonthForecast]) -> list[float]:
    return [month.price_clp_per_litre for month in months]


def test_coming_months_are_forecast_one_by_one():
    """From the month after the last price, over the turn of the year."""
    months = trained().forecast()
    assert str(made_up().months[-1]) == "2016-06"
    assert [(month.month, month.horizon) for month in months] == [
        *((f"2016-{7 + at:02}", 1 + at) for at in range(6)),
        *((f"2017-{1 + at:02}", 7 + at) for at in range(6)),
    ]
    mean = np.mean(list(log_changes_of(fitted(), made_up()).values()), axis=0)
    assert prices(months) == pytest.approx(
        (made_up().price_clp_per_litre[-1] * np.exp(mean)).tolist(), rel=1e-12
    )


@pytest.mark.parametrize("horizon", [1, 5, 12])
def test_horizon_is_the_number_of_months(horizon: int):
    """The same months as in a longer forecast."""
    assert trained().forecast(horizon) == trained().forecast()[:horizon]
    assert len(trained().forecast(horizon)) == horizon


def test_intervals_are_multiplied_and_divided_by_the_half_widths():
    """1 % more a month at 80 %, 2 % at 95 %."""
    for month in trained().forecast():
        price = month.price_clp_per_litre
        for level, percent in ((80, 1), (95, 2)):
            width = np.exp(percent * month.horizon / 100)
            assert month.intervals[level] == pytest.approx((price / width, price * width))
        assert list(month.intervals) == [80, 95]


@pytest.mark.parametrize("n_months", [121, 137, 150, 160])
def test_contributions_add_up_to_the_change_from_the_last_price(n_months: int):
    """In CLP, in every month, from any month of the year; each source is named."""
    forecaster = trained(data=made_up(n_months))
    last = made_up().price_clp_per_litre[n_months - 1]
    for month in forecaster.forecast():
        assert tuple(month.contributions_clp_per_litre) == SOURCES
        assert sum(month.contributions_clp_per_litre.values()) == pytest.approx(
            month.price_clp_per_litre - last, abs=1e-9
        )


def linear_members(slopes_of: Callable[[int], np.ndarray]) -> list[FittedLearner]:
    """Put linear regressions with these slopes in place of the learners' regressors."""
    rows = forecast_features(made_up())

    def linear(fit: FittedRegressor) -> FittedRegressor:
        seen = rows[:, fit.columns]
        slopes = slopes_of(len(fit.columns))
        outputs = seen @ slopes + 0.01 * slopes.any()
        regressor = TransformedTargetRegressor(
            Pipeline([("scale", StandardScaler()), ("learn", LinearRegression())]),
            transformer=StandardScaler(),
        ).fit(seen, outputs)
        return replace(fit, regressor=regressor, reference=seen.mean(axis=0))

    return [
        replace(member, regressors=tuple(linear(fit) for fit in member.regressors))
        for member in fitted()[:-1]
    ]


def test_contributions_of_linear_members_are_coefficient_times_distance():
    """A third each, in logs; what is left is the trend, and the drift's season is season."""
    season = np.linspace(-0.1, 0.12, 12)
    rng, drawn = np.random.default_rng(0), []

    def slopes_of(n_columns: int) -> np.ndarray:
        drawn.append(0.1 * rng.normal(size=n_columns))
        return drawn[-1]

    learners = linear_members(slopes_of)
    forecaster = trained(members=(*learners, Theta("seasonal_drift", season, 0.003)))
    row = last_row(made_up())
    expected = {source: np.zeros(HORIZON) for source in SOURCES}
    fits = [(at, fit) for learner in learners for at, fit in enumerate(learner.regressors)]
    for (ahead, fit), slopes in zip(fits, drawn, strict=True):
        seen = zip(fit.features, row[fit.columns], slopes, fit.reference, strict=True)
        for name, value, slope, mean in seen:
            expected[GROUP_OF[name]][ahead] += slope * (value - mean)
        expected["trend"][ahead] += fit.reference @ slopes + 0.01
    june = 5
    expected["season"] += season[(june + np.arange(1, 13)) % 12] - season[june]
    expected["trend"] += 0.003 * np.arange(1, 13)

    last = made_up().price_clp_per_litre[-1]
    for at, month in enumerate(forecaster.forecast()):
        logs = {source: change[at] / 3 for source, change in expected.items()}
        change = sum(logs.values())
        assert month.price_clp_per_litre == pytest.approx(last * np.exp(change), rel=1e-9)
        worth = (month.price_clp_per_litre - last) / change
        assert month.contributions_clp_per_litre == pytest.approx(
            {source: worth * log for source, log in logs.items()}, abs=1e-7
        )


def test_forecast_that_does_not_move_is_made_of_nothing():
    """Where every member says no change, every contribution is 0 and nothing is divided by it."""
    still = linear_members(np.zeros)
    forecaster = trained(members=(*still, Theta("seasonal_drift", np.zeros(12), 0.0)))
    for month in forecaster.forecast():
        assert month.price_clp_per_litre == made_up().price_clp_per_litre[-1]
        assert set(month.contributions_clp_per_litre.values()) == {0.0}


@pytest.mark.parametrize("n_new", [1, 2])
def test_prices_that_came_since_move_the_forecast_on(n_new: int):
    """As if the data had held them, without drivers: so many months later, from the last price."""
    observed = NEW_PRICES[:n_new]
    found = trained().forecast(observations=observed)
    longer = trained(data=made_up().followed_by(observed))
    assert found == longer.forecast()
    assert found[0].month == f"2016-{7 + n_new:02}"
    assert [month.horizon for month in found] == list(range(1, 13))
    assert sum(found[0].contributions_clp_per_litre.values()) == pytest.approx(
        found[0].price_clp_per_litre - observed[-1], abs=1e-9
    )
    assert prices(found) != prices(trained().forecast())


def test_no_prices_that_came_since_change_nothing():
    """An empty list is as good as none."""
    assert trained().forecast(observations=np.array([])) == trained().forecast()


def test_forecasting_leaves_the_data_as_it_was():
    """The prices observed are added to data of their own."""
    forecaster = trained()
    forecaster.forecast(observations=NEW_PRICES)
    assert len(forecaster.data) == 160
    assert forecaster.data.price_clp_per_litre.tolist() == made_up().price_clp_per_litre.tolist()


def test_drivers_that_are_not_known_contribute_what_is_typical():
    """Of rain nobody has seen, only the distance of a usual month from the mean one is left."""
    unknown = {name: np.full(160, np.nan) for name in DRIVER_NAMES}
    forecaster = trained(data=replace(made_up(), drivers=unknown))
    for month in forecaster.forecast():
        assert all(np.isfinite(list(month.contributions_clp_per_litre.values())))
        assert month.price_clp_per_litre > 0


def test_facts_are_its_months_members_drivers_and_metrics():
    """Plain data, to be recorded beside it."""
    assert trained().facts() == {
        "months": {"first": "2003-03", "last": "2016-06", "count": 160},
        "members": ["huber", "support_vectors", "seasonal_drift"],
        "drivers": ["rain", "world_price"],
        "metrics": {"n": 1.0, "rmse_clp_per_litre": 1.5},
    }
    assert trained().name == "forecaster"


def test_forecaster_that_was_read_back_forecasts_the_same_to_the_bit():
    """Prices, intervals and contributions, with and without prices that came since."""
    read = TrainedForecaster.from_bytes(trained().to_bytes())
    assert read.forecast() == trained().forecast()
    assert read.forecast(observations=NEW_PRICES) == trained().forecast(observations=NEW_PRICES)


def test_forecaster_that_was_read_back_has_the_same_fields():
    """History, data, metrics and half widths come back with their types."""
    read, expected = TrainedForecaster.from_bytes(trained().to_bytes()), trained()
    assert read.metrics == expected.metrics
    assert read.facts() == expected.facts()
    assert read.name == "forecaster"
    assert read.data.first_month == expected.data.first_month
    assert [type(member) for member in read.members] == [type(one) for one in expected.members]
    fits_read, fits = (
        [
            (fit.features, fit.reference.tobytes())
            for member in one.members[:-1]
            for fit in member.regressors
        ]
        for one in (read, expected)
    )
    assert fits_read == fits
    assert read.members[-1].drift == expected.members[-1].drift
    for name in ("origin", "month", "horizon", "forecast_clp_per_litre", "actual_clp_per_litre"):
        array, back = getattr(expected.history, name), getattr(read.history, name)
        assert (back.dtype, back.tobytes()) == (array.dtype, array.tobytes()), name
    for by_name, back in (
        (expected.history.lower_clp_per_litre, read.history.lower_clp_per_litre),
        (expected.history.upper_clp_per_litre, read.history.upper_clp_per_litre),
        (expected.half_widths, read.half_widths),
        (expected.data.drivers, read.data.drivers),
    ):
        assert {name: array.tobytes() for name, array in back.items()} == {
            name: array.tobytes() for name, array in by_name.items()
        }


def test_service_needs_neither_pandas_nor_dagster_nor_bentoml(tmp_path: Path):
    """Where none of them can be imported it is read and forecasts the same.

    Which modules are there says nothing: scikit-learn imports pandas wherever it is installed.
    """
    payload = tmp_path / "forecaster.skops"
    payload.write_bytes(trained().to_bytes())
    program = (
        "import sys\n"
        "class NotInstalled:\n"
        "    def find_spec(self, name, *_):\n"
        "        if name.split('.')[0] in {'pandas', 'pandera', 'dagster', 'bentoml'}:\n"
        "            raise ModuleNotFoundError(name)\n"
        "sys.meta_path.insert(0, NotInstalled())\n"
        "from pathlib import Path\n"
        "from spike_assets.models.forecaster import TrainedForecaster\n"
        f"forecaster = TrainedForecaster.from_bytes(Path({str(payload)!r}).read_bytes())\n"
        "print(forecaster.forecast(1)[0].price_clp_per_litre)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert float(done.stdout) == trained().forecast(1)[0].price_clp_per_litre


def test_reference_of_a_contribution_is_the_mean_row_that_was_learned_from():
    """Where the row is that of the mean, only trend is left of what a learner says."""
    rows = forecast_features(made_up())
    for member in fitted()[:-1]:
        for horizon, fit in enumerate(member.regressors, 1):
            known = rows[: len(made_up()) - MONTHS_OF_PAST - horizon, fit.columns]
            np.testing.assert_allclose(fit.reference, known.mean(axis=0), rtol=0, atol=1e-12)


@pytest.mark.parametrize("horizon", [0, -1, HORIZON + 1])
def test_horizon_out_of_range_is_refused(horizon: int):
    """In words, not as an index that is out of bounds."""
    with pytest.raises(ValueError, match=f"the horizon is {horizon}; expected 1 to 12 months"):
        trained().forecast(horizon)
