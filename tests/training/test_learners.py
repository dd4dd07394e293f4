"""The four forecasts: learned from what was known, the same every time, for all the months."""

from dataclasses import replace

import numpy as np
import pytest
from sklearn.linear_model import HuberRegressor
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVR

from spike_assets.models.forecast_features import (
    COLUMNS,
    MONTHS_OF_PAST,
    forecast_features,
    last_row,
)
from spike_assets.models.member import SOURCES, FittedRegressor
from spike_assets.models.price_series import HORIZON, PriceSeries
from spike_assets.training.learners import LEARNERS, fit_members, learned_from
from tests.support.forecast_case import DRIVER_NAMES, fitted, log_changes_of, made_up, poisoned

REGRESSIONS = ("huber", "support_vectors")
PRICES = ["return_0", "return_1", "return_2", "above_mean_12", "above_mean_36"]
RAIN = ["rain_last_month", "rain_last_3_months"]
WORLD = [*(f"world_price_{n}" for n in (1, 3, 6, 12)), "world_price_gap"]
WAVES = [f"{wave}_{k}" for k in (1, 2, 3, 4) for wave in ("sine", "cosine")]


def regressor_of(name: str, *, horizon: int) -> FittedRegressor:
    """Return the regressor that forecasts a horizon."""
    [member] = [one for one in fitted() if one.name == name]
    return member.regressors[horizon - 1]


def years(horizon: int) -> list[str]:
    return [f"change_{span}_{horizon}" for span in ("last_year", "mean_3_years", "mean_5_years")]


def learned_by_hand(
    learner: str, names: list[str], *, horizon: int, half_life_months: int
) -> float:
    """Learn from the made-up months once more, without pipelines, and forecast from the last."""
    data = made_up()
    logs = np.log(data.price_clp_per_litre)
    rows = forecast_features(data)[:, [COLUMNS.index(name) for name in names]]
    origins = np.arange(MONTHS_OF_PAST, len(data) - horizon)
    seen = rows[: len(origins)]
    changes = (logs[origins + horizon] - logs[origins])[:, None]
    weights = 0.5 ** ((origins[-1] - origins) / half_life_months)
    by_column, by_output = StandardScaler().fit(seen), StandardScaler().fit(changes)
    estimator = LEARNERS[learner].estimator()
    estimator.fit(by_column.transform(seen), by_output.transform(changes)[:, 0], weights)
    predicted = estimator.predict(by_column.transform(rows[-1:]))
    return float(by_output.inverse_transform(predicted[:, None])[0, 0])


@pytest.mark.parametrize("horizon", [1, 5, 12])
@pytest.mark.parametrize(("learner", "atol"), [("huber", 1e-6), ("support_vectors", 1e-9)])
def test_regression_is_that_fitted_by_hand(learner: str, atol: float, horizon: int):
    """Momentum, level, season and drivers, for one horizon; five years ago weighs half."""
    expected = learned_by_hand(
        learner,
        [*PRICES, *RAIN, *WORLD, *WAVES, *years(horizon)],
        horizon=horizon,
        half_life_months=60,
    )
    found = log_changes_of(fitted(), made_up())[learner][horizon - 1]
    assert found == pytest.approx(expected, abs=atol)


def test_learners_are_two_that_err_differently():
    """A robust line and a smooth curve."""
    kinds = {name: type(LEARNERS[name].estimator()) for name in REGRESSIONS}
    assert kinds == {"huber": HuberRegressor, "support_vectors": SVR}


def test_every_horizon_is_forecast_by_each_member():
    """Three members, of which two learn each horizon by itself."""
    assert {len(member.regressors) for member in fitted() if member.name in REGRESSIONS} == {12}
    changes = log_changes_of(fitted(), made_up())
    assert list(changes) == ["huber", "support_vectors", "seasonal_drift"]
    assert {name: change.shape for name, change in changes.items()} == dict.fromkeys(
        changes, (HORIZON,)
    )


def test_seasonal_drift_is_that_of_the_month_of_the_last_price():
    """The sum of its season and its trend."""
    data = made_up()
    parts = fitted()[-1].log_changes_by_source(data, last_row(data))
    assert list(parts) == ["season", "trend"]
    np.testing.assert_array_equal(
        log_changes_of(fitted(), data)["seasonal_drift"], parts["season"] + parts["trend"]
    )


@pytest.mark.parametrize("name", REGRESSIONS)
@pytest.mark.parametrize("horizon", [1, 9])
def test_learner_sees_the_season_of_its_horizon(name: str, horizon: int):
    """Beside momentum, level and the drivers."""
    seen = [COLUMNS[at] for at in regressor_of(name, horizon=horizon).columns]

    assert seen == [*PRICES, *RAIN, *WORLD, *WAVES, *years(horizon)]


def test_sources_of_a_change_are_the_groups_and_the_trend():
    """In the order in which the API shows them."""
    assert SOURCES == ("momentum", "level", "season", "rain", "world_price", "trend")


def test_same_data_twice_give_the_same_forecasts_to_the_bit():
    """Nothing random is left without a seed."""
    again = log_changes_of(fit_members(made_up()), made_up())
    for name, changes in log_changes_of(fitted(), made_up()).items():
        assert again[name].tobytes() == changes.tobytes(), name


@pytest.mark.parametrize("poison", [np.nan, 1e9])
def test_nothing_after_an_origin_changes_a_bit_of_what_is_learned_there(poison: float):
    """Fitted on the months up to it, every member forecasts the same."""
    known = made_up().until(130)
    blind = poisoned(made_up(), after=130, poison=poison).until(130)
    expected = log_changes_of(fit_members(known), known)
    for name, changes in log_changes_of(fit_members(blind), blind).items():
        assert changes.tobytes() == expected[name].tobytes(), name


def long_history(*, change_until: int = 0) -> PriceSeries:
    """Prices and drivers of 110 years; those until a position are others."""
    one, other = made_up(1320), made_up(1320, seed=1, noise=0.1)
    is_other = np.arange(len(one)) < change_until
    return replace(
        one,
        price_clp_per_litre=np.where(is_other, other.price_clp_per_litre, one.price_clp_per_litre),
        drivers={
            name: np.where(is_other, other.drivers[name], values)
            for name, values in one.drivers.items()
        },
    )


def test_months_that_would_hardly_weigh_are_not_learned_from():
    """Ten half-lives, and what their first rows and last changes need."""
    data = long_history()
    learned = learned_from(data)

    assert len(learned) == 600 + 60 + 12
    assert str(learned.months[-1]) == str(data.months[-1])
    assert len(learned_from(learned)) == len(learned)
    assert len(learned_from(made_up())) == len(made_up())


def test_months_that_are_not_learned_from_change_no_bit_of_a_forecast():
    """So a fit takes no longer, however long the history is."""
    data, other = long_history(), long_history(change_until=1320 - 672)

    expected = log_changes_of(fit_members(data), data)

    for name, changes in log_changes_of(fit_members(other), other).items():
        assert changes.tobytes() == expected[name].tobytes(), name


def without_drivers(data: PriceSeries, *, since: int, names: tuple[str, ...]) -> PriceSeries:
    drivers = dict(data.drivers)
    for name in names:
        drivers[name] = np.where(np.arange(len(data)) >= since, np.nan, drivers[name])
    return replace(data, drivers=drivers)


@pytest.mark.parametrize(
    ("since", "names"),
    [(145, DRIVER_NAMES), (0, ("world_price",)), (0, DRIVER_NAMES)],
    ids=["all-at-the-end", "one-everywhere", "all-everywhere"],
)
def test_drivers_that_are_not_known_do_not_stop_the_forecast(since: int, names: tuple[str, ...]):
    """A year and more without them, or no month with them: the season still shows."""
    data = without_drivers(made_up(), since=since, names=names)
    for name, changes in log_changes_of(fit_members(data), data).items():
        assert np.isfinite(changes).all(), name
        ahead = 160 - 1 + np.arange(13)
        season = 0.1 * np.sin(2 * np.pi * ahead / 12)
        np.testing.assert_allclose(changes, season[1:] - season[0], atol=0.05, err_msg=name)


def test_driver_that_is_not_known_now_changes_its_readers_only():
    """The season and the trend need none."""
    known = made_up()
    blind = without_drivers(known, since=159, names=("world_price",))
    expected, found = log_changes_of(fitted(), known), log_changes_of(fitted(), blind)
    same = [name for name in expected if found[name].tobytes() == expected[name].tobytes()]
    assert same == ["seasonal_drift"]
