"""The data known at an origin: cut after it, looked back from it, or gone on from it."""

import numpy as np
import pytest

from spike_assets.models.price_series import HORIZON, PriceSeries


def data(first_month: str = "2013-11") -> PriceSeries:
    """Return five months; world_price of the last one is not known."""
    return PriceSeries(
        first_month=first_month,
        price_clp_per_litre=np.array([200.0, 201.0, 202.0, 203.0, 204.0]),
        drivers={
            "rain": np.array([0.1, 0.2, 0.3, 0.4, 0.5]),
            "world_price": np.array([1.1, 1.2, 1.3, 1.4, np.nan]),
        },
    )


def contents(one: PriceSeries) -> list[str]:
    """Return the first month, the prices and each driver as text; "nan" is equal to itself."""
    columns = (one.price_clp_per_litre, *one.drivers.values())
    assert list(one.drivers) == ["rain", "world_price"]
    return [one.first_month, *(" ".join(map(str, values)) for values in columns)]


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


@pytest.mark.parametrize(
    ("other", "expected"),
    [
        (
            data().until(2),
            ["2013-11", "200.0 201.0 202.0", "0.1 0.2 0.3", "1.1 1.2 1.3"],
        ),
        (data().since(3), ["2014-02", "203.0 204.0", "0.4 0.5", "1.4 nan"]),
        (
            data().since(3).followed_by(np.array([205.5, 206.5])),
            [
                "2014-02",
                "203.0 204.0 205.5 206.5",
                "0.4 0.5 nan nan",
                "1.4 nan nan nan",
            ],
        ),
    ],
    ids=["until-an-origin", "since-a-month", "followed-by-prices"],
)
def test_other_months_keep_what_was_known_beside_their_prices(
    other: PriceSeries, expected: list[str]
):
    """The origin is the last month, that given the first; of those added the price is known."""
    assert contents(other) == expected


def test_cutting_and_adding_leave_the_data_as_it_was():
    """Each gives data of its own."""
    whole = data()
    whole.until(1)
    whole.since(1)
    whole.followed_by(np.array([1.0]))
    assert contents(whole) == contents(data())


def test_horizon_is_a_year():
    """Other names rely on that."""
    assert HORIZON == 12
