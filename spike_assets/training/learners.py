"""Learners: the members of the ensemble, and how each is fitted.

The forecast is the equal-weight mean of four members. Each forecasts the log change from the last
known price, directly for each horizon:

- a Huber regression on momentum, level, season and rain;
- a support vector regression on momentum, level and season;
- extremely randomized trees, which read the exchange rate and copper as well, and learn several
  horizons together;
- the season and half the trend (`theta`).

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
from sklearn.ensemble import ExtraTreesRegressor
from sklearn.linear_model import HuberRegressor
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVR

from spike_assets.models.forecast_features import (
    AVERAGED_YEARS,
    COLUMNS,
    GROUP_OF,
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
_PRICES = ("return_0", "return_1", "return_2", *GROUPS["level"])
_EACH = tuple((horizon,) for horizon in range(1, HORIZON + 1))
_NEXT_MONTH_HALF_YEAR_YEAR = ((1,), tuple(range(2, 7)), tuple(range(7, HORIZON + 1)))
_SEASONS_OF_TREES = tuple(f"change_mean_5_years_{horizon}" for horizon in (1, 3, 6, 12))


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
    """scikit-learn regressors of the log changes.

    Attributes:
        estimator: Makes the scikit-learn regressor.
        features: The columns that it reads beside the season.
        half_life_months: The age at which a month weighs half.
        horizons: Which horizons are learned together, by one regressor each.
        seasons: The columns of earlier years that it reads; None for those of its one horizon.
    """

    estimator: Callable[[], RegressorMixin]
    features: tuple[str, ...]
    half_life_months: int
    horizons: tuple[tuple[int, ...], ...]
    seasons: tuple[str, ...] | None = None

    @property
    def months_learned(self) -> int:
        """Number of origins that it learns from, the last ones."""
        return HALF_LIVES_LEARNED * self.half_life_months

    def fit(self, name: str, training: TrainingData) -> FittedLearner:
        """Fit a regressor for each group of horizons."""
        return FittedLearner(
            name, tuple(self._fit_horizons(horizons, training) for horizons in self.horizons)
        )

    def _fit_horizons(self, horizons: tuple[int, ...], training: TrainingData) -> FittedRegressor:
        seasons = self.seasons or tuple(f"{name}_{horizons[0]}" for name in AVERAGED_YEARS)
        features = (*self.features, *FOURIER_TERMS, *seasons)
        n_known = len(training.changes[horizons[-1]])
        learned = slice(max(0, n_known - self.months_learned), n_known)
        outputs = np.column_stack([training.changes[horizon][learned] for horizon in horizons])
        ages_months = np.arange(len(outputs))[::-1]
        regressor = TransformedTargetRegressor(
            Pipeline([("scale", StandardScaler()), ("learn", self.estimator())]),
            transformer=StandardScaler(),
            check_inverse=False,
        ).fit(
            training.rows[learned, [COLUMNS.index(name) for name in features]],
            outputs.ravel() if len(horizons) == 1 else outputs,
            learn__sample_weight=0.5 ** (ages_months / self.half_life_months),
        )
        reference = regressor.regressor_.named_steps["scale"].mean_
        return FittedRegressor(horizons, features, regressor, reference)


@dataclass(frozen=True)
class ThetaLearner:
    """The season and half the trend of the prices."""

    months_learned: int = WINDOW_MONTHS

    def fit(self, name: str, training: TrainingData) -> Member:
        """Fit season and trend."""
        return fit_theta(name, training.data)


LEARNERS: Mapping[str, Learner] = {
    "huber": RegressionLearner(
        lambda: HuberRegressor(alpha=1.0, max_iter=500),
        features=(*_PRICES, *GROUPS["rain"]),
        half_life_months=60,
        horizons=_EACH,
    ),
    "support_vectors": RegressionLearner(
        lambda: SVR(C=1.0, gamma=0.03, epsilon=0.1),
        features=_PRICES,
        half_life_months=60,
        horizons=_EACH,
    ),
    "trees": RegressionLearner(
        lambda: ExtraTreesRegressor(30, min_samples_leaf=3, max_features=0.5, random_state=0),
        features=tuple(name for name in COLUMNS if GROUP_OF[name] != "season"),
        half_life_months=120,
        horizons=_NEXT_MONTH_HALF_YEAR_YEAR,
        seasons=_SEASONS_OF_TREES,
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
