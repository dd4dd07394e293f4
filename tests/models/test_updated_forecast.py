"""A forecaster's answer for any month, from the first past forecast to the last coming one."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from spike_assets.models.errors import ObservationError, UnanswerableMonthError
from spike_assets.models.price_series import PriceSeries
from spike_assets.models.updated_forecast import Observation, UpdatedForecast, following_prices
from spike_assets.sources import milk_price
from spike_assets.sources.location import DataLocation, read_source
from tests.support.forecast_case import made_up, trained

OBSERVED = np.array([231.5, 240.25])
NOTHING = np.empty(0)
LAST = "2016-06"


def test_case_ends_where_the_tests_say_it_does():
    """The last price, and two origins in the history: that month and the one before."""
    assert str(made_up().months[-1]) == LAST
    assert str(trained().history.origin[0]) == "2016-05"


def test_coming_month_is_forecast_from_the_last_price():
    """As the forecaster itself does."""
    outlook = UpdatedForecast(trained(), NOTHING)

    assert outlook.forecast("2016-07") == trained().forecast()[0]
    assert outlook.forecast("2017-06") == trained().forecast()[11]


def test_month_that_has_a_price_is_forecast_a_month_ahead_from_the_history():
    """Out of sample, with the intervals of that time, and without contributions."""
    found = UpdatedForecast(trained(), NOTHING).forecast(LAST)

    history = trained().history
    assert found.price_clp_per_litre == history.forecast_clp_per_litre[0]
    assert found.horizon == 1
    assert found.origin == "2016-05"
    assert found.intervals == {
        level: (history.lower_clp_per_litre[level][0], history.upper_clp_per_litre[level][0])
        for level in (80, 95)
    }
    assert found.contributions_clp_per_litre == {}


@pytest.mark.parametrize(
    ("month", "horizon", "at"), [("2016-07", 2, 1), ("2016-07", 1, 12), ("2017-05", 12, 11)]
)
def test_history_is_looked_up_by_origin_and_horizon(month, horizon, at):
    """Twelve forecasts an origin, the origins one after the other."""
    found = UpdatedForecast(trained(), NOTHING).forecast_ahead(month, horizon=horizon)

    assert found.price_clp_per_litre == trained().history.forecast_clp_per_litre[at]
    assert (found.month, found.horizon) == (month, horizon)


def test_missing_interval_of_the_first_years_is_left_out():
    """There were too few errors to say how far off a forecast may be."""
    history = trained().history
    lower = {level: values.copy() for level, values in history.lower_clp_per_litre.items()}
    lower[95][0] = np.nan
    short = trained(history=type(history)(**{**vars(history), "lower_clp_per_litre": lower}))

    assert list(UpdatedForecast(short, NOTHING).forecast(LAST).intervals) == [80]


def test_observed_months_move_the_outlook_on():
    """The coming months begin after the last observation, and start from its price."""
    outlook = UpdatedForecast(trained(), OBSERVED)

    assert str(outlook.last_month) == "2016-08"
    assert outlook.coming == trained().forecast(observations=OBSERVED)
    assert outlook.forecast("2016-09") == outlook.coming[0]
    assert outlook.price("2016-08") == 240.25
    assert outlook.has_price("2016-08")
    assert not outlook.has_price("2016-09")


def test_observed_month_is_forecast_from_what_was_known_before_it():
    """The second observation by the first; the first by the history."""
    outlook = UpdatedForecast(trained(), OBSERVED)

    explained = trained().forecast(1, observations=OBSERVED[:1])[0]
    assert outlook.forecast("2016-08") == replace(explained, contributions_clp_per_litre={})
    assert (
        outlook.forecast("2016-07").price_clp_per_litre
        == trained().history.forecast_clp_per_litre[12]
    )


@pytest.mark.parametrize("month", ["2016-05", "2017-07", "1900-01", "2199-12"])
def test_month_out_of_reach_is_refused_with_what_can_be_answered(month):
    """From the first past forecast to twelve months after the last price."""
    with pytest.raises(UnanswerableMonthError, match="available: 2016-06 to 2017-06") as error:
        UpdatedForecast(trained(), NOTHING).forecast(month)

    assert error.value.month == month


@pytest.mark.parametrize("month", ["2016-07", "2016-10"])
def test_forecast_from_a_month_without_its_price_is_refused(month):
    """Three months ahead, the origin has to lie among the known prices."""
    with pytest.raises(UnanswerableMonthError, match="available: 2016-08 to 2016-09"):
        UpdatedForecast(trained(), NOTHING).forecast_ahead(month, horizon=3)


def test_first_price_can_be_looked_up():
    """The months before the first past forecast have prices, too."""
    outlook = UpdatedForecast(trained(), NOTHING)

    assert outlook.price("2003-03") == made_up().price_clp_per_litre[0]
    assert not outlook.has_price("2003-02")


USUAL_MOVE = np.log(1.05)
KNOWN = PriceSeries(
    first_month="2017-08",
    price_clp_per_litre=290 * 1.05 ** (np.arange(42)[::-1] % 2),  # up and down a twentieth
    drivers={},
)
assert str(KNOWN.months[-1]) == "2021-01"


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
@pytest.mark.parametrize("wild", [29.0, 290.0, 2900.0])
@pytest.mark.parametrize("frozen_months", [1, 30])
def test_price_may_move_three_times_as_much_as_nearly_all_months_did(
    direction, wild, frozen_months
):
    """A typing error in the first digits is no price; a record month may be one.

    Neither a wild price nor a frozen stretch in the history moves the limit.
    """
    history = np.concatenate([KNOWN.price_clp_per_litre[:-1], np.repeat(290.0, frozen_months)])
    history[19] = wild
    known = PriceSeries(str(np.datetime64("2021-01", "M") - len(history) + 1), history, drivers={})
    limit = 290 * np.exp(direction * 3 * USUAL_MOVE)
    beyond = limit * (1 + direction * 1e-6)

    assert following_prices(known, following(("2021-02", limit / (1 + direction * 1e-6)))).size == 1
    with pytest.raises(ObservationError, match=r"expected 250\.51 to 335\.71") as error:
        following_prices(known, following(("2021-02", beyond)))
    assert (error.value.position, error.value.field) == (0, "price_clp_per_litre")


def test_move_is_measured_from_the_observation_before():
    """After a rise, other prices are plausible than before it."""
    found = following_prices(KNOWN, following(("2021-02", 330.0), ("2021-03", 370.0)))

    np.testing.assert_array_equal(found, [330.0, 370.0])
    with pytest.raises(ObservationError, match=r"after 330\.00 CLP per litre in 2021-02") as error:
        following_prices(KNOWN, following(("2021-02", 330.0), ("2021-03", 280.0)))
    assert error.value.position == 1


def real_prices(real_data: Path) -> PriceSeries:
    table = read_source(DataLocation(real_data), milk_price.SOURCE).table
    return PriceSeries("1979-01", table["price_clp_per_litre"].to_numpy(copy=True), drivers={})


def test_every_real_month_follows_from_the_ten_years_or_more_before_it(real_data: Path):
    """And prices that rise by two thirds in the two years after the last one."""
    known = real_prices(real_data)
    for origin in range(119, len(known) - 1):
        price = float(known.price_clp_per_litre[origin + 1])
        for start in range(0, origin - 118, 12):
            so_far = known.until(origin).since(start)
            following_prices(so_far, following((str(so_far.months[-1] + 1), price)))

    rising = 295.24 * (5 / 3) ** (np.arange(1, 25) / 24)
    months = known.months[-1] + np.arange(1, 25)
    observed = [Observation(str(m), float(p)) for m, p in zip(months, rising, strict=True)]
    np.testing.assert_array_equal(following_prices(known, observed), rising)


def test_lost_decimal_is_refused_though_the_history_has_one(real_data: Path):
    """June 2005 ten times too small is no licence for March 2021."""
    known = real_prices(real_data)
    known.price_clp_per_litre[317] /= 10

    for price in (29.5, 2952.4):
        with pytest.raises(ObservationError, match=r"implausible after 295\.24"):
            following_prices(known, following(("2021-03", price)))
