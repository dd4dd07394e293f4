"""Members of the ensemble: what the forecaster averages, and the regressors among them.

NumPy and fitted scikit-learn objects only, because the service loads this module.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import numpy as np
from numpy.typing import NDArray

from spike_assets.models.forecast_features import COLUMNS, GROUP_OF, GROUPS
from spike_assets.models.price_series import HORIZON, PriceSeries
from spike_assets.models.shapley import group_contributions

if TYPE_CHECKING:
    from sklearn.compose import TransformedTargetRegressor

TREND = "trend"
"""The source of what a forecast does when nothing is unusual: mean change and half the trend."""

SOURCES = (*GROUPS, TREND)
"""The possible sources of a forecast's change."""


class Member(Protocol):
    """A fitted model of the ensemble.

    Both methods forecast from the last price of `data`: the log change to each of the next
    `HORIZON` months, shape `(HORIZON,)`. `row` is that origin's row of features, as
    `forecast_features.last_row` computes it once for all members.
    """

    @property
    def name(self) -> str:
        """The member's name in the metadata."""

    def log_changes(self, data: PriceSeries, row: NDArray[np.float64]) -> NDArray[np.float64]:
        """Forecast the log changes."""

    def log_changes_by_source(
        self, data: PriceSeries, row: NDArray[np.float64]
    ) -> Mapping[str, NDArray[np.float64]]:
        """Split the log changes among some of `SOURCES`; the parts add up to the forecast."""


@dataclass(frozen=True)
class FittedRegressor:
    """A scikit-learn regressor of the log changes at one horizon.

    Attributes:
        features: Names of the columns that it reads.
        regressor: Takes rows of those columns to log changes.
        reference: The mean row that it learned from, shape `(len(features),)`; contributions are
            measured from it.
    """

    features: tuple[str, ...]
    regressor: "TransformedTargetRegressor"
    reference: NDArray[np.float64]

    @property
    def columns(self) -> list[int]:
        """Positions of its features in `COLUMNS`."""
        return [COLUMNS.index(name) for name in self.features]

    def predict(self, rows: NDArray[np.float64]) -> NDArray[np.float64]:
        """Predict log changes, shape `(n_rows,)`, from rows of its features."""
        return np.asarray(self.regressor.predict(rows))


@dataclass(frozen=True)
class FittedLearner:
    """A member made of scikit-learn regressors.

    Attributes:
        name: Name of the learner.
        regressors: One for each horizon, in their order.
    """

    name: str
    regressors: tuple[FittedRegressor, ...]

    def log_changes(self, data: PriceSeries, row: NDArray[np.float64]) -> NDArray[np.float64]:
        """Forecast the log changes, as `Member`."""
        return np.array([one.predict(row[None, one.columns])[0] for one in self.regressors])

    def log_changes_by_source(
        self, data: PriceSeries, row: NDArray[np.float64]
    ) -> dict[str, NDArray[np.float64]]:
        """Split the log changes by Shapley values of the feature groups, as `Member`."""
        parts = {source: np.zeros(HORIZON) for source in SOURCES}
        for at, fitted in enumerate(self.regressors):
            groups = {
                group: [n for n, name in enumerate(fitted.features) if GROUP_OF[name] == group]
                for group in dict.fromkeys(GROUP_OF[name] for name in fitted.features)
            }
            shares = group_contributions(
                fitted.predict, row[fitted.columns], reference=fitted.reference, groups=groups
            )
            for group, share in shares.items():
                parts[group][at] = share
            parts[TREND][at] = fitted.predict(fitted.reference[None])[0]
        return parts
