"""From prices and drivers to the rows that a forecast is made from.

A row belongs to an origin (the month of the last known price) and a horizon (months ahead). It
holds nothing later than its origin. What is not known is taken as typical, which is 0 in every
column that a driver gives: so a series that ends early, as rain does ten months before the
prices, fades out of the forecast and does not stop it.

NumPy only, because the service loads it with the forecaster.
"""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from spike_assets.models.price_series import DRIVERS, HORIZON, PriceSeries

MONTHS_OF_PAST = 60
"""How many prices must precede an origin: five years, for the mean of five seasons."""

AVERAGED_YEARS = {"change_last_year": 1, "change_mean_3_years": 3, "change_mean_5_years": 5}
"""How the price went on from the same month of earlier years: the columns, by years averaged."""

GROUPS: Mapping[str, tuple[str, ...]] = {
    "momentum": tuple(f"return_{months_ago}" for months_ago in range(6)),
    "level": ("above_mean_12", "above_mean_36"),
    "season": (
        *(f"{wave}_{k}" for k in (1, 2, 3, 4) for wave in ("sine", "cosine")),
        *(f"{name}_{horizon}" for horizon in range(1, HORIZON + 1) for name in AVERAGED_YEARS),
    ),
    "rain": ("rain_last_month", "rain_last_3_months"),
    "exchange_rate": ("exchange_rate_1", "exchange_rate_3", "exchange_rate_12"),
    "copper": ("copper_3", "copper_12"),
}
"""The columns by what they tell.

Returns, changes and distances are of logs. The waves have their phase at the origin's month of
the year; `change_mean_3_years_6` is the mean change over six months from there on, in the last
three years. Those of a driver end in the months over which it changed.
"""

COLUMNS = tuple(name for names in GROUPS.values() for name in names)

GROUP_OF = {name: group for group, names in GROUPS.items() for name in names}


def forecast_features(data: PriceSeries) -> NDArray[np.float64]:
    """Make the row of every origin.

    Args:
        data: Prices and drivers, more than `MONTHS_OF_PAST` months.

    Returns:
        Rows of `COLUMNS`, shape `(n_months - MONTHS_OF_PAST, len(COLUMNS))`; the first origin is
        the month at position `MONTHS_OF_PAST`.
    """
    price = np.log(data.price_clp_per_litre)
    origins = np.arange(MONTHS_OF_PAST, len(price))
    angle = 2 * np.pi * data.months[origins].astype(int) / 12
    rain, exchange_rate, copper = (data.drivers[name] for name in DRIVERS)
    last_rain = np.nan_to_num(np.stack([rain[origins - k] for k in range(3)]))
    columns = [
        *(price[origins - k] - price[origins - k - 1] for k in range(6)),
        *(price[origins] - _mean_of_last(price, months)[origins] for months in (12, 36)),
        *(wave(k * angle) for k in (1, 2, 3, 4) for wave in (np.sin, np.cos)),
        *_changes_of_earlier_years(price, origins),
        last_rain[0],
        last_rain.mean(axis=0),
        *(_change(exchange_rate, origins, months) for months in (1, 3, 12)),
        *(_change(copper, origins, months) for months in (3, 12)),
    ]
    return np.column_stack(columns)


def log_changes(data: PriceSeries, *, horizon: int) -> NDArray[np.float64]:
    """Give what came after every origin: log price then, less log price at the origin.

    Returns:
        Shape `(n_months - MONTHS_OF_PAST - horizon,)`, beside the first rows of
        `forecast_features`.
    """
    price = np.log(data.price_clp_per_litre)[MONTHS_OF_PAST:]
    return np.asarray(price[horizon:] - price[:-horizon])


def _changes_of_earlier_years(
    price: NDArray[np.float64], origins: NDArray[np.int64]
) -> list[NDArray[np.float64]]:
    columns = []
    for horizon in range(1, HORIZON + 1):
        changes = [
            price[origins - 12 * years + horizon] - price[origins - 12 * years]
            for years in range(1, 6)
        ]
        columns += [np.mean(changes[:years], axis=0) for years in AVERAGED_YEARS.values()]
    return columns


def _mean_of_last(values: NDArray[np.float64], months: int) -> NDArray[np.float64]:
    sums = np.cumsum(np.concatenate([[0.0], values]))
    means = np.full(len(values), np.nan)
    means[months - 1 :] = (sums[months:] - sums[:-months]) / months
    return means


def _change(
    values: NDArray[np.float64], origins: NDArray[np.int64], months: int
) -> NDArray[np.float64]:
    return np.nan_to_num(values[origins] - values[origins - months])
