"""Forecast features: from prices and drivers to the rows that the forecaster's regressors read.

A row belongs to an origin (the month of the last known price). It holds nothing later than its
origin. What is not known is taken as typical, which is 0 in every column of a driver: so a series
that ends early, as rain does ten months before the prices, fades out of the forecast and does not
stop it.

NumPy only, because the service loads it with the forecaster.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from spike_assets.models.price_series import HORIZON, PriceSeries

MONTHS_OF_PAST = 60
"""Number of prices that must precede an origin: five years, for the mean of five seasons."""

AVERAGED_YEARS = {"change_last_year": 1, "change_mean_3_years": 3, "change_mean_5_years": 5}
"""Columns of the price change from the same month of earlier years, and the years averaged."""


@dataclass(frozen=True)
class Origins:
    """The origins of a price series, and the arrays that their features read.

    Attributes:
        at: Positions of the origins in the series, shape `(n_origins,)`.
        log_price: Log of every price, shape `(n_months,)`.
        month_angle: Month of the year of each origin, as an angle; shape `(n_origins,)`.
        drivers: As in `PriceSeries`.
    """

    at: NDArray[np.int64]
    log_price: NDArray[np.float64]
    month_angle: NDArray[np.float64]
    drivers: Mapping[str, NDArray[np.float64]]


Feature = Callable[[Origins], NDArray[np.float64]]
"""Computes a column: a number for each origin, shape `(n_origins,)`."""


def _monthly_return(months_ago: int) -> Feature:
    def feature(origins: Origins) -> NDArray[np.float64]:
        at, price = origins.at - months_ago, origins.log_price
        return np.asarray(price[at] - price[at - 1])

    return feature


def _above_mean(months: int) -> Feature:
    def feature(origins: Origins) -> NDArray[np.float64]:
        price = origins.log_price
        sums = np.cumsum(np.concatenate([[0.0], price]))
        means = (sums[origins.at + 1] - sums[origins.at + 1 - months]) / months
        return np.asarray(price[origins.at] - means)

    return feature


def _wave(wave: Callable[[NDArray[np.float64]], NDArray[np.float64]], k: int) -> Feature:
    return lambda origins: wave(k * origins.month_angle)


def _change_of_earlier_years(horizon: int, *, years: int) -> Feature:
    def feature(origins: Origins) -> NDArray[np.float64]:
        at, price = origins.at, origins.log_price
        changes = [price[at - 12 * y + horizon] - price[at - 12 * y] for y in range(1, years + 1)]
        return np.asarray(np.mean(changes, axis=0))

    return feature


def _mean_of_driver(driver: str, months: int) -> Feature:
    def feature(origins: Origins) -> NDArray[np.float64]:
        values = origins.drivers[driver]
        known = [np.nan_to_num(values[origins.at - months_ago]) for months_ago in range(months)]
        return np.asarray(np.mean(known, axis=0))

    return feature


def _change_of_driver(driver: str, months: int) -> Feature:
    def feature(origins: Origins) -> NDArray[np.float64]:
        values = origins.drivers[driver]
        return np.nan_to_num(values[origins.at] - values[origins.at - months])

    return feature


def _gap_to_driver(driver: str, months: int) -> Feature:
    """Compute how far a driver is above the price, less the mean of that in the last months."""

    def feature(origins: Origins) -> NDArray[np.float64]:
        gap = origins.drivers[driver] - origins.log_price
        known = ~np.isnan(gap)
        sums = np.cumsum(np.concatenate([[0.0], np.where(known, gap, 0.0)]))
        counts = np.cumsum(np.concatenate([[0], known]))
        after, before = origins.at + 1, origins.at + 1 - months
        n_known = counts[after] - counts[before]
        means = (sums[after] - sums[before]) / np.maximum(n_known, 1)
        return np.nan_to_num(np.where(n_known > months / 2, gap[origins.at] - means, 0.0))

    return feature


FEATURES: Mapping[str, Mapping[str, Feature]] = {
    "momentum": {f"return_{months_ago}": _monthly_return(months_ago) for months_ago in range(6)},
    "level": {f"above_mean_{months}": _above_mean(months) for months in (12, 36)},
    "season": {
        f"{name}_{k}": _wave(wave, k)
        for k in (1, 2, 3, 4)
        for name, wave in (("sine", np.sin), ("cosine", np.cos))
    }
    | {
        f"{name}_{horizon}": _change_of_earlier_years(horizon, years=years)
        for horizon in range(1, HORIZON + 1)
        for name, years in AVERAGED_YEARS.items()
    },
    "rain": {
        "rain_last_month": _mean_of_driver("rain", 1),
        "rain_last_3_months": _mean_of_driver("rain", 3),
    },
    "world_price": {
        **{
            f"world_price_{months}": _change_of_driver("world_price", months)
            for months in (1, 3, 6, 12)
        },
        "world_price_gap": _gap_to_driver("world_price", 60),
    },
}
"""The columns by the group that a contribution is reported for.

Returns, changes and distances are of logs. The waves have their phase at the origin's month of
the year; `change_mean_3_years_6` is the mean change over six months from there on, in the last
three years. The columns of a driver end in the months over which it changed.
"""

GROUPS = {group: tuple(features) for group, features in FEATURES.items()}

GROUP_OF = {name: group for group, names in GROUPS.items() for name in names}

COLUMNS = tuple(GROUP_OF)


def forecast_features(data: PriceSeries) -> NDArray[np.float64]:
    """Compute the row of every origin.

    Args:
        data: Prices and drivers, more than `MONTHS_OF_PAST` months.

    Returns:
        Rows of `COLUMNS`, shape `(n_months - MONTHS_OF_PAST, len(COLUMNS))`; the first origin is
        the month at position `MONTHS_OF_PAST`.
    """
    at = np.arange(MONTHS_OF_PAST, len(data))
    origins = Origins(
        at=at,
        log_price=np.log(data.price_clp_per_litre),
        month_angle=2 * np.pi * data.months[at].astype(int) / 12,
        drivers=data.drivers,
    )
    return np.column_stack(
        [feature(origins) for features in FEATURES.values() for feature in features.values()]
    )


def last_row(data: PriceSeries) -> NDArray[np.float64]:
    """Return the row of the last origin, shape `(len(COLUMNS),)`."""
    return np.asarray(forecast_features(data.since(len(data) - 1 - MONTHS_OF_PAST))[0])


def log_changes(data: PriceSeries, *, horizon: int) -> NDArray[np.float64]:
    """Return what came after every origin: log price then, less log price at the origin.

    Returns:
        Shape `(n_months - MONTHS_OF_PAST - horizon,)`, beside the first rows of
        `forecast_features`.
    """
    price = np.log(data.price_clp_per_litre)[MONTHS_OF_PAST:]
    return np.asarray(price[horizon:] - price[:-horizon])
