"""Price series: the prices that are known at an origin, and the drivers as published.

Array index = information set: position i of every array is what was known on the day on which the
price of month i is published. Cutting the arrays after i gives the knowledge at that origin,
without leaks.

NumPy only, because the service loads it with the forecaster.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

LEVELS = (80, 95)
"""Percent of months that an interval should hold."""

HORIZON = 12
"""Months ahead that are forecast."""


@dataclass(frozen=True)
class PriceSeries:
    """Monthly prices without a gap, and the drivers beside them.

    Attributes:
        first_month: Month of the first price, as `1979-01`.
        price_clp_per_litre: Shape `(n_months,)`.
        drivers: By name, shape `(n_months,)`; NaN where nothing was published.
    """

    first_month: str
    price_clp_per_litre: NDArray[np.float64]
    drivers: Mapping[str, NDArray[np.float64]]

    def __len__(self) -> int:
        return len(self.price_clp_per_litre)

    @property
    def months(self) -> NDArray[np.datetime64]:
        """The months of the prices, shape `(n_months,)`."""
        return np.datetime64(self.first_month, "M") + np.arange(len(self))

    @property
    def month_of_year(self) -> int:
        """The month of the last price; January is 0."""
        return int(self.months[-1].astype(int) % 12)

    def until(self, origin: int) -> "PriceSeries":
        """Return what was known when the price at this position was the last one."""
        return PriceSeries(
            first_month=self.first_month,
            price_clp_per_litre=self.price_clp_per_litre[: origin + 1],
            drivers={name: values[: origin + 1] for name, values in self.drivers.items()},
        )

    def since(self, start: int) -> "PriceSeries":
        """Return the months from this position on."""
        return PriceSeries(
            first_month=str(self.months[start]),
            price_clp_per_litre=self.price_clp_per_litre[start:],
            drivers={name: values[start:] for name, values in self.drivers.items()},
        )

    def followed_by(self, price_clp_per_litre: NDArray[np.float64]) -> "PriceSeries":
        """Append the prices of the next months, in which the drivers are unknown."""
        unknown = np.full(len(price_clp_per_litre), np.nan)
        return PriceSeries(
            first_month=self.first_month,
            price_clp_per_litre=np.concatenate([self.price_clp_per_litre, price_clp_per_litre]),
            drivers={name: np.concatenate([v, unknown]) for name, v in self.drivers.items()},
        )
