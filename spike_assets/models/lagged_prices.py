"""Lagged prices: three more columns, looked up by the month of a row.

Light on imports, because the service loads it with the models that carry a price history.
"""

from typing import Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator, TransformerMixin

from spike_assets.models.errors import UnknownLaggedPricesError
from spike_assets.series.catalogue import FEATURE_NAMES, MONTH_OF_YEAR, YEAR

LAGGED_PRICE_NAMES = (
    "previous_price_clp_per_litre",
    "mean_of_previous_three_clp_per_litre",
    "standard_deviation_of_previous_three_clp_per_litre",
)
"""The columns added: last month's price, and mean and standard deviation of the last three."""

_YEAR_AT = FEATURE_NAMES.index(YEAR)
_MONTH_AT = FEATURE_NAMES.index(MONTH_OF_YEAR)
MONTHS_LOOKED_UP = 3
"""Number of prices before its month that a row needs."""


class LaggedPrices(TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """Adds `LAGGED_PRICE_NAMES` to rows of `FEATURE_NAMES`, looked up by their year and month.

    Nothing is learned in `fit`: the prices are the same for every fold, and a row only ever sees
    prices of months before its own.

    Args:
        prices_clp_per_litre: One price for each month, without a gap, oldest first.
        first_year: Year of the first price.
        first_month: Month of the first price, 1 to 12.
    """

    def __init__(
        self, prices_clp_per_litre: NDArray[np.float64], first_year: int, first_month: int
    ) -> None:
        self.prices_clp_per_litre = prices_clp_per_litre
        self.first_year = first_year
        self.first_month = first_month

    def fit(self, X: ArrayLike, y: ArrayLike | None = None) -> Self:  # noqa: N803 (scikit-learn's name)
        """Learn nothing."""
        return self

    def transform(self, X: NDArray[np.float64]) -> NDArray[np.float64]:  # noqa: N803
        """Add the columns.

        Args:
            X: Rows of `FEATURE_NAMES`, shape `(n_rows, 48)`.

        Returns:
            The same rows, shape `(n_rows, 51)`.

        Raises:
            UnknownLaggedPricesError: A row's month is out of the range that the prices cover.
        """
        at = self._position(X[:, _YEAR_AT], X[:, _MONTH_AT])
        prices = np.asarray(self.prices_clp_per_litre)
        unknown = np.flatnonzero((at < MONTHS_LOOKED_UP) | (at > len(prices)))
        if len(unknown):
            row = int(unknown[0])
            raise UnknownLaggedPricesError(
                row=row,
                month=self._month(int(at[row])),
                first=self._month(MONTHS_LOOKED_UP),
                last=self._month(len(prices)),
            )
        previous_three = prices[at[:, None] - np.arange(1, MONTHS_LOOKED_UP + 1)]
        return np.column_stack(
            [
                X,
                previous_three[:, 0],
                previous_three.mean(axis=1),
                previous_three.std(axis=1, ddof=1),
            ]
        )

    def __sklearn_is_fitted__(self) -> bool:
        return True

    def _position(self, year: NDArray[np.float64], month: NDArray[np.float64]) -> NDArray[np.int64]:
        months = (year - self.first_year) * 12 + month - self.first_month
        return months.astype(np.int64)

    def _month(self, position: int) -> str:
        months = self.first_month - 1 + position
        return f"{self.first_year + months // 12:04d}-{months % 12 + 1:02d}"
