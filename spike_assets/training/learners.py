"""The price of the coming twelve months: the mean of four forecasts that err differently.

Every one forecasts the log change from the last known price, directly for each horizon:

- a Huber regression, which sees momentum, level, season and rain;
- a support vector regression on momentum, level and season;
- extremely randomized trees, which see the exchange rate and copper as well, and learn several
  horizons together;
- the season and half the trend (`seasonal_drift`).

Recent months weigh more. What is in it, and how it is set, was chosen on the months 1999-01 to
2013-12 alone: `python -m bench.forecaster_choice` shows the alternatives.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

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
from spike_assets.models.forecaster import FittedLearner, Forecaster
from spike_assets.models.price_series import HORIZON, PriceSeries
from spike_assets.models.theta import fit_theta

HALF_LIVES_LEARNED = 10
"""Older months would weigh less than a thousandth; without them no history makes a fit longer."""

FOURIER_TERMS = tuple(name for name in GROUPS["season"] if name.startswith(("sine", "cosine")))
_PRICES = ("return_0", "return_1", "return_2", *GROUPS["level"])
_EACH = tuple((horizon,) for horizon in range(1, HORIZON + 1))
_NEXT_MONTH_HALF_YEAR_YEAR = ((1,), tuple(range(2, 7)), tuple(range(7, HORIZON + 1)))
_SEASONS_OF_TREES = tuple(f"change_mean_5_years_{horizon}" for horizon in (1, 3, 6, 12))


@dataclass(frozen=True)
class Learner:
    """One way of learning log changes.

    Attributes:
        estimator: Makes the scikit-learn regressor.
        sees: The columns that it sees beside the season.
        half_life_months: The age at which a month weighs half.
        horizons: Which horizons are learned together, by one regressor each.
        seasons: The columns of earlier years that it sees; None for those of its one horizon.
    """

    estimator: Callable[[], RegressorMixin]
    sees: tuple[str, ...]
    half_life_months: int
    horizons: tuple[tuple[int, ...], ...]
    seasons: tuple[str, ...] | None = None

    @property
    def months_learned(self) -> int:
        """How many origins it learns from, the last ones."""
        return HALF_LIVES_LEARNED * self.half_life_months

    def names(self, horizons: tuple[int, ...]) -> tuple[str, ...]:
        """Give the names of the columns that it sees for these horizons."""
        seasons = self.seasons or tuple(f"{name}_{horizons[0]}" for name in AVERAGED_YEARS)
        return (*self.sees, *FOURIER_TERMS, *seasons)


LEARNERS = {
    "huber": Learner(
        lambda: HuberRegressor(alpha=1.0, max_iter=500),
        sees=(*_PRICES, *GROUPS["rain"]),
        half_life_months=60,
        horizons=_EACH,
    ),
    "support_vectors": Learner(
        lambda: SVR(C=1.0, gamma=0.03, epsilon=0.1),
        sees=_PRICES,
        half_life_months=60,
        horizons=_EACH,
    ),
    "trees": Learner(
        lambda: ExtraTreesRegressor(30, min_samples_leaf=3, max_features=0.5, random_state=0),
        sees=tuple(name for name in COLUMNS if GROUP_OF[name] != "season"),
        half_life_months=120,
        horizons=_NEXT_MONTH_HALF_YEAR_YEAR,
        seasons=_SEASONS_OF_TREES,
    ),
}


def fit_forecaster(data: PriceSeries, *, learners: Mapping[str, Learner] = LEARNERS) -> Forecaster:
    """Fit on everything that the data holds.

    Args:
        data: At least `MONTHS_NEEDED` months.
        learners: By name; other ones are for comparisons.
    """
    data = learned_from(data, learners=learners)
    rows = forecast_features(data)
    changes = {horizon: log_changes(data, horizon=horizon) for horizon in range(1, HORIZON + 1)}
    return Forecaster(
        learners=tuple(
            _fit(name, learner, horizons, rows=rows, changes=changes)
            for name, learner in learners.items()
            for horizons in learner.horizons
        ),
        seasonal_drift=fit_theta(data),
    )


def learned_from(data: PriceSeries, *, learners: Mapping[str, Learner] = LEARNERS) -> PriceSeries:
    """Give the last months of the data: those that a fit at its end makes use of."""
    months = max(learner.months_learned for learner in learners.values())
    return data.since(max(0, len(data) - months - MONTHS_OF_PAST - HORIZON))


def _fit(
    name: str,
    learner: Learner,
    horizons: tuple[int, ...],
    *,
    rows: NDArray[np.float64],
    changes: Mapping[int, NDArray[np.float64]],
) -> FittedLearner:
    regressor = TransformedTargetRegressor(
        Pipeline([("scale", StandardScaler()), ("learn", learner.estimator())]),
        transformer=StandardScaler(),
        check_inverse=False,
    )
    fitted = FittedLearner(name, horizons, learner.names(horizons), regressor)
    n_known = len(changes[horizons[-1]])
    learned = slice(max(0, n_known - learner.months_learned), n_known)
    outputs = np.column_stack([changes[horizon][learned] for horizon in horizons])
    ages_months = np.arange(len(outputs))[::-1]
    regressor.fit(
        rows[learned, fitted.columns],
        outputs.ravel() if len(horizons) == 1 else outputs,
        learn__sample_weight=0.5 ** (ages_months / learner.half_life_months),
    )
    return fitted
