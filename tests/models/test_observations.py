"""Prices that came since a forecaster was trained, checked before they are believed."""

import numpy as np
import pytest

from spike_assets.models.errors import ObservationError
from spike_assets.models.price_series import PriceSeries
from spike_assets.models.updated_forecast import Observation, following_prices

LARGEST_MOVE = np.log(1.2)
KNOWN = PriceSeries(
    first_month="2020-10",
    price_clp_per_litre=np.array([250.0, 240.0, 288.0, 290.0]),  # up a fifth, at most
    drivers={},
)


def following(*observed: tuple[str, float]) -> list[Observation]:
    return [Observation(month, price) for month, price in observed]


def test_prices_of_the_next_months_are_given_in_order():
    """Over the turn of the year as well as within it."""
    found = following_prices(KNOWN, following(("2021-02", 300.0), ("2021-03", 280.5)))

    np.testing.assert_array_equal(found, [300.0, 280.5])


def test_without_observations_there_are_no_prices():
    """Nothing observed is nothing added."""
    assert following_prices(KNOWN, []).shape == (0,)


@pytest.mark.parametrize(
    ("observed", "position", "expected"),
    [
        ([("2021-01", 290.0)], 0, "2021-02"),
        ([("2021-03", 290.0)], 0, "2021-02"),
        ([("2021-02", 290.0), ("2021-02", 290.0)], 1, "2021-03"),
        ([("2021-02", 290.0), ("2021-04", 290.0)], 1, "2021-03"),
        ([("2021-03", 290.0), ("2021-02", 290.0)], 0, "2021-02"),
    ],
    ids=["known", "gap", "repeated", "gap after the first", "out of order"],
)
def test_month_that_does_not_follow_is_named_with_the_one_expected(observed, position, expected):
    """The forecast goes on from the last price, so none may be missing before it."""
    with pytest.raises(ObservationError, match=f"expected {expected}$") as error:
        following_prices(KNOWN, following(*observed))

    assert (error.value.position, error.value.field) == (position, "month")
    assert error.value.month == observed[position][0]


@pytest.mark.parametrize("direction", [1, -1])
def test_price_may_move_half_as_much_again_as_it_ever_did(direction):
    """A typing error in the first digits is no price; a record month may be one."""
    limit = 290 * np.exp(direction * 1.5 * LARGEST_MOVE)
    beyond = limit * (1 + direction * 1e-6)

    assert following_prices(KNOWN, following(("2021-02", limit / (1 + direction * 1e-6)))).size == 1
    with pytest.raises(ObservationError, match=r"expected 220\.61 to 381\.21") as error:
        following_prices(KNOWN, following(("2021-02", beyond)))
    assert (error.value.position, error.value.field) == (0, "price_clp_per_litre")


def test_move_is_measured_from_the_observation_before():
    """What is plausible after a rise is not what was plausible before it."""
    found = following_prices(KNOWN, following(("2021-02", 370.0), ("2021-03", 470.0)))

    np.testing.assert_array_equal(found, [370.0, 470.0])
    with pytest.raises(ObservationError, match=r"after 370\.00 CLP per litre in 2021-02") as error:
        following_prices(KNOWN, following(("2021-02", 370.0), ("2021-03", 250.0)))
    assert error.value.position == 1
