"""How far predictions are from what came."""

from dataclasses import asdict, dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import mean_absolute_error, r2_score, root_mean_squared_error


@dataclass(frozen=True)
class Scores:
    """Errors of a set of predictions.

    Attributes:
        r2: Coefficient of determination; 1 is perfect, 0 is no better than the mean.
        rmse_clp_per_litre: Root of the mean squared error.
        mae_clp_per_litre: Mean absolute error.
    """

    r2: float
    rmse_clp_per_litre: float
    mae_clp_per_litre: float

    def as_dict(self) -> dict[str, float]:
        """Give the scores by name."""
        return asdict(self)


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
