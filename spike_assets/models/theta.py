"""Theta method in its simplest form: a random walk with half its trend around the seasons.

The theta method of Assimakopoulos and Nikolopoulos (2000) is, as Hyndman and Billah (2003) show,
simple exponential smoothing with a drift of half the slope of the trend, on a series whose season
was taken out. On the logs of this price the smoothing that fits best is none at all.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from spike_assets.models.member import TREND
from spike_assets.models.price_series import HORIZON, PriceSeries

WINDOW_MONTHS = 180
"""Fifteen years: long enough for a trend, short enough to leave the inflation of before behind."""

HALF_LIFE_MONTHS = 60
"""A season of five years ago counts half."""

_YEAR = np.concatenate([[0.5], np.ones(11), [0.5]]) / 12


@dataclass(frozen=True)
class Theta:
    """A member of the ensemble: the season of recent years and half the trend.

    Attributes:
        name: Name of the member.
        season: Log distance of each month of the year from the year's mean, January first, shape
            `(12,)`.
        drift: Log change a month.
    """

    name: str
    season: NDArray[np.float64]
    drift: float

    def log_changes(self, data: PriceSeries, row: NDArray[np.float64]) -> NDArray[np.float64]:
        """Forecast the log changes, as `Member`; the row is not read."""
        return np.asarray(sum(self.log_changes_by_source(data, row).values()))

    def log_changes_by_source(
        self, data: PriceSeries, row: NDArray[np.float64]
    ) -> dict[str, NDArray[np.float64]]:
        """Split the log changes into season and trend, as `Member`; the row is not read."""
        horizons = np.arange(1, HORIZON + 1)
        ahead = (data.month_of_year + horizons) % 12
        return {
            "season": self.season[ahead] - self.season[data.month_of_year],
            TREND: self.drift * horizons,
        }


def fit_theta(name: str, data: PriceSeries) -> Theta:
    """Fit season and trend to the last `WINDOW_MONTHS` prices."""
    price = np.log(data.price_clp_per_litre[-WINDOW_MONTHS:])
    month_of_year = data.months[-WINDOW_MONTHS:].astype(int) % 12
    off_trend = price[6:-6] - np.convolve(price, _YEAR, mode="valid")
    ages = np.arange(len(off_trend))[::-1]
    weights = 0.5 ** (ages / HALF_LIFE_MONTHS)
    season = np.array(
        [
            np.average(off_trend[chosen], weights=weights[chosen])
            for chosen in (month_of_year[6:-6] == month for month in range(12))
        ]
    )
    season -= season.mean()
    positions = np.arange(len(price))
    slope = np.polyfit(positions, price - season[month_of_year], 1)[0]
    return Theta(name, season=season, drift=float(slope) / 2)
