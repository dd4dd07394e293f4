"""A regressor with the steps of the real ones, fitted on a year of noise: ready in milliseconds."""

from functools import partial

import numpy as np
from numpy.typing import NDArray
from sklearn.feature_selection import SelectKBest, mutual_info_regression
from sklearn.linear_model import Ridge
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import PolynomialFeatures, StandardScaler

from spike_assets.models.lagged_prices import LaggedPrices
from spike_assets.models.regressor import Holdout, Scores, TrainedRegressor
from spike_assets.models.units import InputRanges
from spike_assets.series.catalogue import FEATURE_NAMES

MONTHS = tuple(f"2014-{month:02}" for month in range(1, 13))


def rows(*, seed: int = 0) -> NDArray[np.float64]:
    """Draw rows of `FEATURE_NAMES` for the months of 2014."""
    values = np.random.default_rng(seed).uniform(40, 100, size=(12, len(FEATURE_NAMES)))
    values[:, FEATURE_NAMES.index("ano")] = 2014
    values[:, FEATURE_NAMES.index("mes")] = np.arange(1, 13)
    return values


def tiny_regressor(name: str, *, seed: int = 0) -> TrainedRegressor:
    """Fit one; `model1` carries a price history, as the real one does."""
    rng = np.random.default_rng(seed)
    prices = rng.uniform(200, 250, size=12)
    history = LaggedPrices(rng.uniform(200, 250, size=24), first_year=2013, first_month=1)
    pipeline = Pipeline(
        [
            *([("history", history)] if name == "model1" else []),
            ("scale", StandardScaler()),
            ("select", SelectKBest(partial(mutual_info_regression, random_state=42), k=3)),
            ("polynomial", PolynomialFeatures(degree=2)),
            ("ridge", Ridge(alpha=0.1)),
        ]
    ).fit(rows(seed=seed), prices)
    return TrainedRegressor(
        name=name,
        pipeline=pipeline,
        parameters={"select__k": 3, "polynomial__degree": 2, "ridge__alpha": 0.1},
        cross_validation_r2=0.625,
        selected_columns=("Maule", "PIB", "num"),
        months=MONTHS,
        ranges=InputRanges.around(rows(seed=seed)),
        holdout=Holdout(
            regressor=Scores(r2=0.75, rmse_clp_per_litre=2.5, mae_clp_per_litre=1.5),
            last_price=Scores(r2=0.5, rmse_clp_per_litre=4.5, mae_clp_per_litre=3.5),
            observed_clp_per_litre=prices,
            predicted_clp_per_litre=prices + 1,
            held_out=np.arange(12) % 4 == 0,
        ),
    )
