"""Season and trend: learned exactly where there is nothing else, and from recent years."""

from dataclasses import replace

import numpy as np
import pytest

from spike_assets.models.price_series import PriceSeries
from spike_assets.models.theta import Theta, fit_theta
from tests.support.forecast_case import made_up

SEASON = np.array([5, 4, 2, 0, -2, -4, -6, -4, -1, 1, 2, 3]) / 100
"""Log distance of January to December from the year's mean; together 0."""
NO_ROW = np.array([])


def with_log_prices(logs: np.ndarray, *, first_month: str = "2003-03") -> PriceSeries:
    return replace(
        made_up(len(logs)), first_month=first_month, price_clp_per_litre=100 * np.exp(logs)
    )


def season_and_line(n_months: int, *, slope: float, season: np.ndarray = SEASON) -> np.ndarray:
    """Return logs from March on."""
    at = np.arange(n_months)
    return season[(at + 2) % 12] + slope * at


def test_season_on_a_line_is_found_to_the_digit_and_half_its_slope():
    """Nothing else is in the prices, so nothing is left to chance."""
    found = fit_theta("seasonal_drift", with_log_prices(season_and_line(180, slope=0.004)))
    np.testing.assert_allclose(found.season, SEASON, rtol=0, atol=1e-12)
    assert found.drift == pytest.approx(0.002, abs=1e-12)


def test_parts_are_the_way_from_this_month_through_the_season_and_the_drift():
    """From November: December first, and the same season again after a year."""
    data = with_log_prices(np.zeros(9))
    assert str(data.months[-1]) == "2003-11"
    theta = Theta("seasonal_drift", season=np.arange(12.0), drift=0.5)
    parts = theta.log_changes_by_source(data, NO_ROW)
    assert list(parts) == ["season", "trend"]
    assert parts["season"].tolist() == [1, -10, -9, -8, -7, -6, -5, -4, -3, -2, -1, 0]
    assert parts["trend"].tolist() == [0.5, 1, 1.5, 2, 2.5, 3, 3.5, 4, 4.5, 5, 5.5, 6]
    assert theta.log_changes(data, NO_ROW).tolist() == (parts["season"] + parts["trend"]).tolist()


def test_only_the_last_fifteen_years_count():
    """Prices before the last 180 months change no bit."""
    data = made_up(200)
    prices = data.price_clp_per_litre.copy()
    prices[:20] *= 1e6
    one = fit_theta("seasonal_drift", data)
    other = fit_theta("seasonal_drift", replace(data, price_clp_per_litre=prices))
    assert one.season.tobytes() == other.season.tobytes()
    assert one.drift == other.drift
    prices[20] *= 2
    other = fit_theta("seasonal_drift", replace(data, price_clp_per_litre=prices))
    assert one.drift != other.drift


def test_month_of_five_years_ago_weighs_half():
    """Distances from the yearly mean worked out once more, averaged with weights from 2 ** -age."""
    data = made_up(150)
    logs = np.log(data.price_clp_per_litre)
    found = fit_theta("seasonal_drift", data)
    sums, weights = np.zeros(12), np.zeros(12)
    for at in range(6, 144):
        around = (logs[at - 6] / 2 + logs[at - 5 : at + 6].sum() + logs[at + 6] / 2) / 12
        month = int(str(data.months[at])[5:]) - 1
        weight = 2 ** (-(143 - at) / 60)
        sums[month] += weight * (logs[at] - around)
        weights[month] += weight
    season = sums / weights
    np.testing.assert_allclose(found.season, season - season.mean(), rtol=0, atol=1e-12)


def test_season_that_changed_is_nearer_to_the_new_one():
    """Ten years of a season, then five of its opposite."""
    at = np.arange(180)
    sign = np.where(at < 108, 1, -1)
    found = fit_theta("seasonal_drift", with_log_prices(sign * SEASON[(at + 2) % 12]))
    assert np.corrcoef(found.season, -SEASON)[0, 1] > 0.9
    assert found.season.sum() == pytest.approx(0, abs=1e-12)
