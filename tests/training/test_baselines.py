"""The simple rules, by hand."""

from dataclasses import replace

import numpy as np
import pytest

from spike_assets.models.price_series import PriceSeries
from spike_assets.training.baselines import LAST_PRICE, RULES, drift, last_price, seasonal_naive
from tests.support.forecast_case import made_up


def data() -> PriceSeries:
    """Return 14 prices: 200, 203, 206 and so on to 239."""
    return replace(made_up(14), price_clp_per_litre=200 + 3.0 * np.arange(14))


def test_last_price_is_repeated():
    """Nothing changes for a year."""
    assert last_price(data()).tolist() == [239.0] * 12


def test_seasonal_naive_repeats_the_last_twelve_prices():
    """The next month costs what it did eleven months before the last one."""
    assert seasonal_naive(data()).tolist() == [206.0 + 3 * at for at in range(12)]


def test_drift_goes_on_along_the_line_from_first_to_last():
    """The prices in between have no say."""
    bent = data()
    bent.price_clp_per_litre[1:-1] = 999
    assert drift(bent) == pytest.approx([242.0 + 3 * at for at in range(12)])
    assert drift(bent.until(1)) == pytest.approx([999 + 799 * at for at in range(1, 13)])


def test_rules_are_known_by_name():
    """The names under which the backtest shows them."""
    assert {"last_price": last_price, "seasonal_naive": seasonal_naive, "drift": drift} == RULES
    assert LAST_PRICE == "last_price"


@pytest.mark.parametrize("rule", RULES.values(), ids=RULES)
def test_what_a_rule_gives_is_its_own(rule):
    """Changing a forecast leaves the prices as they were."""
    known = data()
    forecast = rule(known)
    assert (forecast.shape, forecast.dtype) == ((12,), np.float64)
    forecast[:] = 0
    assert known.price_clp_per_litre.tolist() == data().price_clp_per_litre.tolist()
