"""The row of an origin: what its columns are made of, and never of anything later."""

from dataclasses import replace

import numpy as np
import pytest

from spike_assets.models.forecast_features import (
    COLUMNS,
    GROUP_OF,
    GROUPS,
    MONTHS_OF_PAST,
    forecast_features,
    last_row,
    log_changes,
)
from spike_assets.models.price_series import PriceSeries
from tests.support.forecast_case import DRIVER_NAMES, made_up, poisoned

N_MONTHS = 100


def row_by_hand(data: PriceSeries, origin: int) -> dict[str, float]:
    """Work a row out once more, a column at a time, from single numbers."""
    price = np.log(data.price_clp_per_litre)
    rain, world = (data.drivers[name] for name in DRIVER_NAMES)
    month = int(str(data.months[origin])[5:]) - 1
    row = {f"return_{k}": price[origin - k] - price[origin - k - 1] for k in range(6)}
    row |= {
        f"above_mean_{n}": price[origin] - price[origin - n + 1 : origin + 1].mean()
        for n in (12, 36)
    }
    for k in (1, 2, 3, 4):
        row[f"sine_{k}"] = np.sin(2 * np.pi * k * month / 12)
        row[f"cosine_{k}"] = np.cos(2 * np.pi * k * month / 12)
    for horizon in range(1, 13):
        changes = [price[origin - 12 * y + horizon] - price[origin - 12 * y] for y in range(1, 6)]
        row[f"change_last_year_{horizon}"] = changes[0]
        row[f"change_mean_3_years_{horizon}"] = sum(changes[:3]) / 3
        row[f"change_mean_5_years_{horizon}"] = sum(changes) / 5
    row["rain_last_month"] = rain[origin]
    row["rain_last_3_months"] = (rain[origin] + rain[origin - 1] + rain[origin - 2]) / 3
    row |= {f"world_price_{n}": world[origin] - world[origin - n] for n in (1, 3, 6, 12)}
    gap = world - price
    row["world_price_gap"] = gap[origin] - gap[origin - 59 : origin + 1].mean()
    return row


def test_columns_are_those_of_the_groups_each_once():
    """59 in all; none is in two groups."""
    assert {group: len(names) for group, names in GROUPS.items()} == {
        "momentum": 6,
        "level": 2,
        "season": 44,
        "rain": 2,
        "world_price": 5,
    }
    assert tuple(name for names in GROUPS.values() for name in names) == COLUMNS
    assert len(set(COLUMNS)) == len(COLUMNS) == 59
    assert {name: GROUP_OF[name] for name in ("return_5", "above_mean_36", "sine_4")} == {
        "return_5": "momentum",
        "above_mean_36": "level",
        "sine_4": "season",
    }


def test_every_row_is_that_worked_out_by_hand():
    """A row for each month after the first five years, in the order of the columns."""
    data = made_up(N_MONTHS)
    rows = forecast_features(data)
    by_hand = [row_by_hand(data, origin) for origin in range(60, N_MONTHS)]
    assert all(set(row) == set(COLUMNS) for row in by_hand)
    expected = np.array([[row[name] for name in COLUMNS] for row in by_hand])
    assert rows.shape == (40, 59)
    np.testing.assert_allclose(rows, expected, rtol=0, atol=1e-12)


@pytest.mark.parametrize("poison", [np.nan, 1e9])
def test_nothing_after_an_origin_changes_a_bit_of_its_row(poison: float):
    """Poison in prices and drivers after it, and all rows up to it are the same."""
    data = made_up(N_MONTHS)
    rows = forecast_features(data)
    for origin in range(MONTHS_OF_PAST, N_MONTHS):
        up_to_origin = origin + 1 - MONTHS_OF_PAST
        blind = forecast_features(poisoned(data, after=origin, poison=poison))
        cut = forecast_features(data.until(origin))
        assert blind[:up_to_origin].tobytes() == rows[:up_to_origin].tobytes()
        assert cut.tobytes() == rows[:up_to_origin].tobytes()


def test_price_at_the_origin_and_five_years_before_have_a_say():
    """The reach of a row: its own month and the 60 before, not the one before those."""
    data = made_up(70)
    last = forecast_features(data)[-1]
    for months_before, changes in ((0, True), (60, True), (61, False)):
        prices = data.price_clp_per_litre.copy()
        prices[69 - months_before] *= 2
        other = forecast_features(replace(data, price_clp_per_litre=prices))[-1]
        # Sums over all prices run through a column, so that another one may cost a last digit.
        assert (not np.allclose(other, last, rtol=0, atol=1e-9)) is changes


def test_unknown_driver_is_typical():
    """Where a driver or what it is compared with is missing, its columns are 0, the others stay."""
    data = made_up(70)
    drivers = {name: values.copy() for name, values in data.drivers.items()}
    drivers["rain"][67:] = np.nan
    drivers["world_price"][66] = np.nan
    row = dict(zip(COLUMNS, forecast_features(replace(data, drivers=drivers))[-1], strict=True))
    expected = row_by_hand(data, 69)
    gap = (drivers["world_price"] - np.log(data.price_clp_per_litre))[10:]
    expected["world_price_gap"] = gap[-1] - np.nanmean(gap)
    zero = ("rain_last_month", "rain_last_3_months", "world_price_3")
    for name in COLUMNS:
        assert row[name] == pytest.approx(0 if name in zero else expected[name], abs=1e-12), name


@pytest.mark.parametrize(("n_known", "is_known"), [(31, True), (30, False)])
def test_gap_to_world_prices_needs_more_than_half_of_five_years(n_known: int, is_known: bool):
    """A hole in the dollar does not hide it; a year of knowledge says nothing of what is usual."""
    data = made_up(70)
    world = data.drivers["world_price"].copy()
    world[: 70 - n_known] = np.nan
    row = forecast_features(replace(data, drivers={**data.drivers, "world_price": world}))[-1]
    gap = (world - np.log(data.price_clp_per_litre))[70 - n_known :]
    expected = gap[-1] - gap.mean() if is_known else 0
    assert row[COLUMNS.index("world_price_gap")] == pytest.approx(expected, abs=1e-12)


def test_months_of_rain_that_are_known_fade_out_with_those_that_are_not():
    """A month without rain counts as a usual one in the mean of three."""
    data = made_up(70)
    rain = data.drivers["rain"].copy()
    rain[67:70] = [0.9, -0.3, np.nan]
    row = forecast_features(replace(data, drivers={**data.drivers, "rain": rain}))[-1]
    assert row[COLUMNS.index("rain_last_month")] == 0
    assert row[COLUMNS.index("rain_last_3_months")] == pytest.approx(0.2)


def test_log_changes_are_what_came_after_each_origin():
    """Beside the rows of the first origins; the last ones have no future yet."""
    prices = 100 * np.exp(np.arange(66) ** 2 / 1000)
    data = replace(made_up(66), price_clp_per_litre=prices)
    np.testing.assert_allclose(
        log_changes(data, horizon=1), [0.121, 0.123, 0.125, 0.127, 0.129], atol=1e-12
    )
    np.testing.assert_allclose(
        log_changes(data, horizon=3), [0.369, 0.375, 0.381], rtol=0, atol=1e-12
    )


def test_data_given_stay_as_they_were():
    """Unknown drivers are replaced in the rows only."""
    data = made_up(70)
    data.drivers["rain"][60:] = np.nan
    before = {name: values.copy() for name, values in data.drivers.items()}
    forecast_features(data)
    for name, values in data.drivers.items():
        np.testing.assert_array_equal(values, before[name])


def test_last_row_is_that_of_the_last_origin():
    """Worked out from the last 61 months alone."""
    np.testing.assert_allclose(
        last_row(made_up()), forecast_features(made_up())[-1], rtol=0, atol=1e-12
    )
