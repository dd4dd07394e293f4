"""Synthetic monthly series of which every value is known: the truth that a repair is judged by.

Each kind is a path in logs times a level. The volatility is the standard deviation of a month's
log move; trends and level breaks come on top. Nothing here is like the real file on purpose.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from spike_assets.sample.export_format import lose_decimal_point

N_MONTHS = 300

_PERSISTENCE = 0.8  # of a distance from the level, from one month to the next

_Path = NDArray[np.float64]


@dataclass(frozen=True)
class Kind:
    """A kind of series.

    Attributes:
        level: Around which it moves.
        path: Makes the logs of value / level from a generator and a volatility.
        decimals: To which it is rounded, before the export's nine significant digits.
        reach: The factor by which it leaves the level at most; there it turns back, as a walk of
            25 years at 80 % a month would otherwise leave what the export can write.
    """

    level: float
    path: Callable[[np.random.Generator, float], _Path]
    decimals: int = 9
    reach: float = 30.0


def known_series(kind: Kind, *, volatility: float, seed: int) -> pd.Series:
    """Make a series of 300 months.

    Args:
        kind: One of `KINDS`.
        volatility: Standard deviation of a month's log move; 0.05 is about 5 %.
        seed: Of the random numbers.

    Returns:
        Values of at most nine significant digits, indexed by month.
    """
    path = kind.path(np.random.default_rng(seed), volatility)
    values = np.round(kind.level * np.exp(_turned_back(path, np.log(kind.reach))), kind.decimals)
    months = pd.date_range("1996-01-01", periods=N_MONTHS, freq="MS")
    return pd.Series([float(f"{value:.9g}") for value in values], index=months)


def mangled(values: pd.Series) -> pd.Series:
    """Write the values as the export did: text cells, their decimal points lost."""
    return values.map(lose_decimal_point)


def _random_walk(rng: np.random.Generator, volatility: float) -> _Path:
    return np.cumsum(rng.normal(0, volatility, N_MONTHS))


def _around_the_level(rng: np.random.Generator, volatility: float) -> _Path:
    path: _Path = rng.normal(size=N_MONTHS)
    for at in range(1, N_MONTHS):
        path[at] += _PERSISTENCE * path[at - 1]
    return _moving_by(path, volatility)


def _seasonal(rng: np.random.Generator, volatility: float) -> _Path:
    months_of_the_year: _Path = np.resize(rng.normal(size=12), N_MONTHS)
    return _moving_by(months_of_the_year + rng.normal(0, 0.3, N_MONTHS), volatility)


def _trending(rng: np.random.Generator, volatility: float) -> _Path:
    """Grow twentyfold from the first month to the last."""
    trend: _Path = np.linspace(-0.5, 0.5, N_MONTHS) * np.log(20)
    return trend + _around_the_level(rng, volatility)


def _with_level_breaks(rng: np.random.Generator, volatility: float) -> _Path:
    """Rise or fall three times, from one month to the next, by a factor of 1.5 to 2."""
    path = _around_the_level(rng, volatility)
    for at in rng.choice(np.arange(20, N_MONTHS - 20), size=3, replace=False):
        path[at:] += rng.choice([-1, 1]) * np.log(rng.uniform(1.5, 2))
    return path


def _moving_by(path: _Path, volatility: float) -> _Path:
    return np.asarray(path * volatility / np.diff(path).std())


def _turned_back(path: _Path, reach: float) -> _Path:
    """Fold a path at a distance from 0, as light between two mirrors."""
    return np.asarray(reach - np.abs((path + reach) % (4 * reach) - 2 * reach))


KINDS: Mapping[str, Kind] = {
    "random walk": Kind(level=500, path=_random_walk),
    "seasonal": Kind(level=1_000, path=_seasonal),
    "trending": Kind(level=90, path=_trending),
    "level breaks": Kind(level=300, path=_with_level_breaks),
    "index near 100": Kind(level=100, path=_around_the_level),
    "counts in thousands": Kind(level=8_000, path=_around_the_level, decimals=3),
    "price below 1": Kind(level=0.1, path=_around_the_level, decimals=4, reach=9),
}
"""The kinds of series, by name."""
