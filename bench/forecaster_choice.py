"""Comparison of alternative forecasters on the months before 2014 only.

    python -m bench.forecaster_choice [DIR]

Prints, for each alternative, the RMSE in CLP per litre of forecasts one to twelve months ahead
for every month of 1999 to 2013, refitted at each origin. DIR is the folder with the real files.
"""

import sys
from collections.abc import Mapping
from dataclasses import replace

import numpy as np
from joblib import Parallel, delayed, parallel_config
from sklearn.ensemble import ExtraTreesRegressor
from sklearn.linear_model import HuberRegressor
from sklearn.svm import SVR

from spike_assets.models.forecast_features import GROUP_OF, GROUPS, last_row
from spike_assets.models.price_series import HORIZON, PriceSeries
from spike_assets.sources.location import locate_data, read_clean
from spike_assets.training.backtest import origins_for
from spike_assets.training.forecast_frame import HORIZON_COLUMN, forecast_table, targets_between
from spike_assets.training.forecast_inputs import forecast_inputs, price_series
from spike_assets.training.intervals import ORIGINS_NEEDED
from spike_assets.training.learners import LEARNERS, RegressionLearner, fit_members
from spike_assets.training.scores import POOLED, rmse

FIRST, LAST = "1999-01", "2013-12"
SHOWN = (1, 3, 6, 12, POOLED)

_FEATURES = LEARNERS["huber"].features
_PRICES = tuple(name for name in _FEATURES if GROUP_OF[name] in {"momentum", "level"})

VARIANTS: Mapping[str, tuple[str, RegressionLearner]] = {
    "Huber without world prices": (
        "huber",
        replace(LEARNERS["huber"], features=(*_PRICES, *GROUPS["rain"])),
    ),
    "Huber on prices alone": ("huber", replace(LEARNERS["huber"], features=_PRICES)),
    "Huber, weaker penalty (1)": (
        "huber",
        replace(LEARNERS["huber"], estimator=lambda: HuberRegressor(alpha=1.0, max_iter=500)),
    ),
    "Huber, half-life ten years": ("huber", replace(LEARNERS["huber"], half_life_months=120)),
    "support vectors without world prices": (
        "support_vectors",
        replace(LEARNERS["support_vectors"], features=(*_PRICES, *GROUPS["rain"])),
    ),
    "support vectors, wider kernel (gamma 0.03, C 1)": (
        "support_vectors",
        replace(LEARNERS["support_vectors"], estimator=lambda: SVR(C=1.0, gamma=0.03)),
    ),
    "support vectors, half-life ten years": (
        "support_vectors",
        replace(LEARNERS["support_vectors"], half_life_months=120),
    ),
    "trees in place of support vectors": (
        "support_vectors",
        replace(
            LEARNERS["support_vectors"],
            estimator=lambda: ExtraTreesRegressor(
                30, min_samples_leaf=3, max_features=0.5, random_state=0
            ),
        ),
    ),
}
"""Variants of a member, with the name of the member that they replace."""


def main() -> None:
    """Measure the alternatives and print them."""
    location = locate_data(sys.argv[1] if len(sys.argv) > 1 else None)
    tables = read_clean(location)
    inputs = forecast_inputs(tables)
    for name, errors in choices(price_series(inputs)).items():
        print(f"{name:45}", *(f"{error:8.2f}" for error in errors.values()))


def choices(data: PriceSeries) -> dict[str, dict[int, float]]:
    """Return the RMSE of each alternative at the horizons of `SHOWN`, CLP per litre."""
    origins = origins_for(data, first=FIRST, last=LAST)[ORIGINS_NEEDED:]
    with parallel_config("loky", n_jobs=-1, inner_max_num_threads=1):
        by_origin = Parallel()(delayed(_members)(data.until(origin)) for origin in origins)
    chosen = list(LEARNERS)
    alternatives = {
        "the three together, as chosen": chosen,
        **{f"{name.replace('_', ' ')} alone": [name] for name in chosen},
        **{
            f"without {name.replace('_', ' ')}": [n for n in chosen if n != name] for name in chosen
        },
        **{
            name: [name if member == replaced else member for member in chosen]
            for name, (replaced, _) in VARIANTS.items()
        },
    }
    return {
        name: _errors(
            data,
            {
                origin: data.price_clp_per_litre[origin]
                * np.exp(np.mean([changes[member] for member in members], axis=0))
                for origin, changes in zip(origins, by_origin, strict=True)
            },
        )
        for name, members in alternatives.items()
    }


def _members(known: PriceSeries) -> dict[str, np.ndarray]:
    """Fit every member and variant on the known prices, and return their log changes."""
    learners = dict(LEARNERS) | {name: learner for name, (_, learner) in VARIANTS.items()}
    row = last_row(known)
    members = fit_members(known, learners=learners)
    return {member.name: member.log_changes(known, row) for member in members}


def _errors(data: PriceSeries, forecasts: dict[int, np.ndarray]) -> dict[int, float]:
    table = forecast_table("alternative", data, forecasts)
    judged = targets_between(table, first=FIRST, last=LAST, horizon=HORIZON)
    return {
        horizon: rmse(judged if horizon == POOLED else judged[judged[HORIZON_COLUMN] == horizon])
        for horizon in SHOWN
    }


if __name__ == "__main__":
    main()
