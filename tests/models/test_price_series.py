"""What is known at an origin: cut after it, looked back from it, or gone on from it."""

import numpy as np
import pytest

from spike_assets.models.price_series import HORIZON, PriceSeries


def data(first_month: str = "2013-11") -> PriceSeries:
    """Give five months; copper of the last one is not known."""
    return PriceSeries(
        first_month=first_month,
        price_clp_per_litre=np.array([200.0, 201.0, 202.0, 203.0, 204.0]),
        drivers={
            "rain": np.array([0.1, 0.2, 0.3, 0.4, 0.5]),
            "exchange_rate": np.array([6.1, 6.2, 6.3, 6.4, 6.5]),
            "copper": np.array([1.1, 1.2, 1.3, 1.4, np.nan]),
        },
    )


def contents(one: PriceSeries) -> dict[str, object]:
    """Lay everything out as plain values; "nan" is equal to itself."""
    return {
        "first_month": one.first_month,
        "price": one.price_clp_per_litre.tolist(),
        **{name: [str(value) for value in values] for name, values in one.drivers.items()},
    }


def test_months_follow_each_other_from_the_first():
    """Over the turn of the year, one for each price."""
    assert data().months.astype(str).tolist() == [
        "2013-11",
        "2013-12",
        "2014-01",
        "2014-02",
        "2014-03",
    ]
    assert len(data()) == 5


@pytest.mark.parametrize(
    ("first_month", "month_of_year"), [("2013-09", 0), ("2013-08", 11), ("1965-01", 4)]
)
def test_month_of_year_is_that_of_the_last_price(first_month: str, month_of_year: int):
    """January is 0 and December 11, before 1970 as well."""
    assert data(first_month).month_of_year == month_of_year


def test_until_an_origin_nothing_later_is_left():
    """The price at the origin is the last one, of drivers what was known beside it."""
    assert contents(data().until(2)) == {
        "first_month": "2013-11",
        "price": [200.0, 201.0, 202.0],
        "rain": ["0.1", "0.2", "0.3"],
        "exchange_rate": ["6.1", "6.2", "6.3"],
        "copper": ["1.1", "1.2", "1.3"],
    }


def test_since_a_month_nothing_earlier_is_left():
    """The month given becomes the first."""
    assert contents(data().since(3)) == {
        "first_month": "2014-02",
        "price": [203.0, 204.0],
        "rain": ["0.4", "0.5"],
        "exchange_rate": ["6.4", "6.5"],
        "copper": ["1.4", "nan"],
    }


def test_prices_that_follow_have_no_drivers():
    """Of the months added nothing but the price is known."""
    assert contents(data().followed_by(np.array([205.5, 206.5]))) == {
        "first_month": "2013-11",
        "price": [200.0, 201.0, 202.0, 203.0, 204.0, 205.5, 206.5],
        "rain": ["0.1", "0.2", "0.3", "0.4", "0.5", "nan", "nan"],
        "exchange_rate": ["6.1", "6.2", "6.3", "6.4", "6.5", "nan", "nan"],
        "copper": ["1.1", "1.2", "1.3", "1.4", "nan", "nan", "nan"],
    }


def test_cutting_and_adding_leave_the_data_as_it_was():
    """Each gives data of its own."""
    whole = data()
    whole.until(1)
    whole.since(1)
    whole.followed_by(np.array([1.0]))
    assert contents(whole) == contents(data())


def test_horizon_is_a_year():
    """What else is named by it can rely on that."""
    assert HORIZON == 12
