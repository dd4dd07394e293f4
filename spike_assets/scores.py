"""How far predictions are from what came."""

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import mean_absolute_error, r2_score, root_mean_squared_error

from spike_assets.trained_regressor import Scores


def score(actual: NDArray[np.float64], predicted: NDArray[np.float64]) -> Scores:
    """Score predictions.

    Args:
        actual: What was paid, shape `(n_months,)`, CLP per litre.
        predicted: What was predicted, same shape.
    """
    return Scores(
        r2=float(r2_score(actual, predicted)),
        rmse_clp_per_litre=float(root_mean_squared_error(actual, predicted)),
        mae_clp_per_litre=float(mean_absolute_error(actual, predicted)),
    )
