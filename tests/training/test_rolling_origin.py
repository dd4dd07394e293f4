"""Refitted at every origin: what is forecast there, and what it is blind to."""

import numpy as np
import pytest

from spike_assets.models.price_series import HORIZON
from spike_assets.training.backtest import forecast_from, rolling_forecasts
from spike_assets.training.baselines import last_price
from spike_assets.training.learners import fit_forecaster
from tests.support.forecast_case import fitted, made_up, poisoned


def test_forecast_is_the_last_price_changed_by_the_mean_of_the_members():
    """The mean is taken of logs."""
    data = made_up()
    changes = fitted().log_changes(data)
    mean = sum(changes.values()) / 4
    np.testing.assert_allclose(
        forecast_from(data), data.price_clp_per_litre[-1] * np.exp(mean), rtol=1e-12
    )


def test_season_is_learned():
    """Over a year of origins the errors are less than a third of the last price's."""
    whole = made_up(160)
    errors, errors_of_last_price = [], []
    for origin in (135, 138, 141, 144):
        came = whole.price_clp_per_litre[origin + 1 : origin + 1 + HORIZON]
        known = whole.until(origin)
        errors.append(forecast_from(known) - came)
        errors_of_last_price.append(last_price(known) - came)
    ours, repeated = (np.sqrt(np.mean(np.square(e))) for e in (errors, errors_of_last_price))
    assert ours < repeated / 3


@pytest.mark.parametrize("poison", [np.nan, 1e9])
def test_nothing_after_an_origin_changes_a_bit_of_its_forecast(poison: float):
    """Prices and drivers of later months are poisoned, and cut off before the fit."""
    blind = poisoned(made_up(), after=125, poison=poison)
    expected = forecast_from(made_up(126))
    assert forecast_from(blind.until(125)).tobytes() == expected.tobytes()
    found = rolling_forecasts(blind, origins=[125], n_jobs=1)
    assert {at: prices.tobytes() for at, prices in found.items()} == {125: expected.tobytes()}


def test_number_of_processes_changes_no_bit():
    """Each origin is by itself, in the order asked for."""
    one, two = (rolling_forecasts(made_up(), origins=[140, 150, 145], n_jobs=n) for n in (1, 2))
    assert list(one) == list(two) == [140, 150, 145]
    for origin, prices in one.items():
        assert two[origin].tobytes() == prices.tobytes()
        assert prices.shape == (HORIZON,)
        assert np.isfinite(prices).all()
        assert (prices > 0).all()


def test_progress_is_told_after_every_origin():
    """How many are done, and of how many."""
    told = []
    rolling_forecasts(
        made_up(126),
        origins=range(124, 126),
        n_jobs=1,
        progress=lambda done, total: told.append((done, total)),
    )
    assert told == [(1, 2), (2, 2)]


def test_forecast_does_not_depend_on_the_currency():
    """Prices a hundred times as high are forecast a hundred times as high.

    To half a percent: rounding differs in the last digit, on which the shape of a tree may turn.
    """
    data = made_up(130)
    in_centavos = type(data)(data.first_month, 100 * data.price_clp_per_litre, data.drivers)
    np.testing.assert_allclose(forecast_from(in_centavos), 100 * forecast_from(data), rtol=5e-3)


def test_fewest_months_are_enough():
    """With 120 months there is a forecast for each of the next twelve."""
    data = made_up(120)
    changes = fit_forecaster(data).log_changes(data)
    assert {len(change) for change in changes.values()} == {HORIZON}
    assert np.isfinite(list(changes.values())).all()
