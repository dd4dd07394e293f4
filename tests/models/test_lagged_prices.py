"""The columns of past prices: which prices they are made of, and never of later ones."""

import numpy as np
import pytest
from sklearn.base import clone

from spike_assets.models.errors import UnknownLaggedPricesError
from spike_assets.models.lagged_prices import LAGGED_PRICE_NAMES, LaggedPrices
from spike_assets.series.catalogue import FEATURE_NAMES

PRICES = np.array([10.0, 20.0, 30.0, 70.0])  # November 2013 to February 2014


def history(prices: np.ndarray = PRICES) -> LaggedPrices:
    return LaggedPrices(prices_clp_per_litre=prices, first_year=2013, first_month=11)


def rows(*months: str) -> np.ndarray:
    """Return a row for each month; every column but year and month holds a number of its own."""
    table = 1000.0 * np.arange(1, len(months) + 1)[:, None] + np.arange(48)
    for row, month in zip(table, months, strict=True):
        row[FEATURE_NAMES.index("ano")] = int(month[:4])
        row[FEATURE_NAMES.index("mes")] = int(month[5:])
    return table


def test_rows_gain_the_last_price_and_mean_and_deviation_of_the_last_three():
    """10, 20, 30 have a sample deviation of 10; 20, 30, 70 a mean of 40 and a variance of 700."""
    table = rows("2014-02", "2014-03")
    added = history().transform(table)
    expected = np.column_stack([table, [[30.0, 20.0, 10.0], [70.0, 40.0, 700**0.5]]])
    np.testing.assert_allclose(added, expected, rtol=1e-15)
    assert len(LAGGED_PRICE_NAMES) == added.shape[1] - len(FEATURE_NAMES)


def test_rows_are_looked_up_by_month_in_any_order():
    """A row's prices depend on its month, not on its place; a month may be asked for twice."""
    added = history().transform(rows("2014-03", "2014-02", "2014-03"))
    np.testing.assert_array_equal(added[:, 48], [70.0, 30.0, 70.0])


def test_rows_given_stay_as_they_were():
    """The columns are added to a copy."""
    table = rows("2014-02")
    before = table.copy()
    history().transform(table)
    np.testing.assert_array_equal(table, before)


def test_no_price_of_its_own_month_or_later_is_in_a_row():
    """With every price from month t on made unusable, the rows up to t are the same to the bit."""
    prices = np.random.default_rng(0).uniform(100, 300, size=40)
    months = [f"{2013 + at // 12}-{at % 12 + 1:02}" for at in range(13, 51)]  # of positions 3 to 40
    known = LaggedPrices(prices, first_year=2013, first_month=11)
    for at, month in enumerate(months, start=3):
        poisoned = prices.copy()
        poisoned[at:] = np.nan
        blind = LaggedPrices(poisoned, first_year=2013, first_month=11)
        asked = rows(month)
        assert known.transform(asked).tobytes() == blind.transform(asked).tobytes()


@pytest.mark.parametrize("month", ["2014-01", "2014-04", "2013-10", "1990-01", "2200-12"])
def test_month_without_three_known_prices_before_it_is_refused(month: str):
    """The error says which row asks for which month, and what could be asked for instead."""
    with pytest.raises(UnknownLaggedPricesError) as raised:
        history().transform(rows("2014-02", month, "1980-01"))
    error = raised.value
    assert (error.row, error.month, error.first, error.last) == (1, month, "2014-02", "2014-03")
    assert str(error) == (
        f"row 1: the milk price before {month} is not known; "
        "months from 2014-02 to 2014-03 can be answered"
    )


def test_fitting_learns_nothing():
    """Fitted on other rows, cloned or not fitted at all, it adds the same columns."""
    asked = rows("2014-02", "2014-03")
    expected = history().transform(asked)
    fitted = history().fit(rows("1980-01"), np.array([1.0]))
    for same in (fitted, clone(fitted)):
        np.testing.assert_array_equal(same.transform(asked), expected)
