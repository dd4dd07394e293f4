"""Learners: the members of the ensemble, and how each is fitted.

The forecast is the equal-weight mean of three members. Each forecasts the log change from the last
known price, directly for each horizon:

- a Huber regression on momentum, level, season, rain and world dairy prices;
- a support vector regression on the same;
- the season and half the trend (`theta`), which needs no driver.

Recent months weigh more. The members and their settings were chosen on the months 1999-01 to
2013-12 alone: `python -m bench.forecaster_choice` shows the alternatives.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from sklearn.base import RegressorMixin
from sklearn.compose import TransformedTargetRegressor
from sklearn.linear_model import HuberRegressor
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVR

from spike_assets.models.forecast_features import (
    AVERAGED_YEARS,
    COLUMNS,
    GROUPS,
    MONTHS_OF_PAST,
    forecast_features,
    log_changes,
)
from spike_assets.models.member import FittedLearner, FittedRegressor, Member
from spike_assets.models.price_series import HORIZON, PriceSeries
from spike_assets.models.theta import WINDOW_MONTHS, fit_theta

HALF_LIVES_LEARNED = 10
"""Older months would weigh less than a thousandth; without them no history makes a fit longer."""

FOURIER_TERMS = tuple(name for name in GROUPS["season"] if name.startswith(("sine", "cosine")))
_FEATURES = (
    *("return_0", "return_1", "return_2"),
    *GROUPS["level"],
    *GROUPS["rain"],
    *GROUPS["world_price"],
)


@dataclass(frozen=True)
class TrainingData:
    """The data that the learners are fitted on.

    Attributes:
        data: Prices and drivers.
        rows: Its `forecast_features`.
        changes: By horizon, its `log_changes`.
    """

    data: PriceSeries
    rows: NDArray[np.float64]
    changes: Mapping[int, NDArray[np.float64]]


class Learner(Protocol):
    """A way to fit a member."""

    @property
    def months_learned(self) -> int:
        """Number of origins that it learns from, the last ones."""

    def fit(self, name: str, training: TrainingData) -> Member:
        """Fit a member of this name."""


@dataclass(frozen=True)
class RegressionLearner:
    """scikit-learn regressors of the log changes, one for each horizon.

    Attributes:
        estimator: Makes the scikit-learn regressor.
        features: The columns that it reads beside the season.
        half_life_months: The age at which a month weighs half.
    """

    estimator: Callable[[], RegressorMixin]
    features: tuple[str, ...]
    half_life_months: int

    @property
    def months_learned(self) -> int:
        """Number of origins that it learns from, the last ones."""
        return HALF_LIVES_LEARNED * self.half_life_months

    def fit(self, name: str, training: TrainingData) -> FittedLearner:
        """Fit a regressor for each horizon."""
        horizons = range(1, HORIZON + 1)
        return FittedLearner(name, tuple(self._fit_horizon(one, training) for one in horizons))

    def _fit_horizon(self, horizon: int, training: TrainingData) -> FittedRegressor:
        seasons = (f"{name}_{horizon}" for name in AVERAGED_YEARS)
        features = (*self.features, *FOURIER_TERMS, *seasons)
        n_known = len(training.changes[horizon])
        learned = slice(max(0, n_known - self.months_learned), n_known)
        changes = training.changes[horizon][learned]
        ages_months = np.arange(len(changes))[::-1]
        regressor = TransformedTargetRegressor(
            Pipeline([("scale", StandardScaler()), ("learn", self.estimator())]),
            transformer=StandardScaler(),
            check_inverse=False,
        ).fit(
            training.rows[learned, [COLUMNS.index(name) for name in features]],
            changes,
            learn__sample_weight=0.5 ** (ages_months / self.half_life_months),
        )
        reference = regressor.regressor_.named_steps["scale"].mean_
        return FittedRegressor(features, regressor, reference)


@dataclass(frozen=True)
class ThetaLearner:
    """The season and half the trend of the prices."""

    months_learned: int = WINDOW_MONTHS

    def fit(self, name: str, training: TrainingData) -> Member:
        """Fit season and trend."""
        return fit_theta(name, training.data)


LEARNERS: Mapping[str, Learner] = {
    "huber": RegressionLearner(
        lambda: HuberRegressor(alpha=10.0, max_iter=500),
        features=_FEATURES,
        half_life_months=60,
    ),
    "support_vectors": RegressionLearner(
        lambda: SVR(C=3.0, gamma=0.01, epsilon=0.1),
        features=_FEATURES,
        half_life_months=60,
    ),
    "seasonal_drift": ThetaLearner(),
}
"""The members of the ensemble by name."""


def fit_members(
    data: PriceSeries, *, learners: Mapping[str, Learner] = LEARNERS
) -> tuple[Member, ...]:
    """Fit the members on everything that the data holds.

    Args:
        data: At least `MONTHS_NEEDED` months.
        learners: By name; other ones are for comparisons.
    """
    data = learned_from(data, learners=learners)
    training = TrainingData(
        data,
        rows=forecast_features(data),
        changes={horizon: log_changes(data, horizon=horizon) for horizon in range(1, HORIZON + 1)},
    )
    return tuple(learner.fit(name, training) for name, learner in learners.items())


def learned_from(data: PriceSeries, *, learners: Mapping[str, Learner] = LEARNERS) -> PriceSeries:
    """Return the last months of the data: those that a fit at its end makes use of."""
    months = max(learner.months_learned for learner in learners.values())
    return data.since(max(0, len(data) - months - MONTHS_OF_PAST - HORIZON))
