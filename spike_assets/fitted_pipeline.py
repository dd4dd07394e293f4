"""What a fitted pipeline of the notebook predicts, without what scikit-learn does around it.

Each step of a pipeline checks its input anew and looks for column names, which takes far longer
than the arithmetic on a few rows. Here the arithmetic is done alone, in the same order, so the
numbers are the same to the last bit.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from sklearn.pipeline import Pipeline
    from sklearn.preprocessing import PolynomialFeatures

    from spike_assets.price_history import PriceHistory


@dataclass(frozen=True)
class FittedPipeline:
    """A pipeline taken apart.

    Attributes:
        history: Adds the prices of the months before, if the pipeline does.
        kept: Positions of the columns that are selected, shape `(k,)`.
        mean: Of each of those, same shape.
        scale: Its standard deviation, same shape.
        polynomial: Expands them.
        coefficients: One for each term.
        intercept: CLP per litre.
    """

    history: "PriceHistory | None"
    kept: NDArray[np.int64]
    mean: NDArray[np.float64]
    scale: NDArray[np.float64]
    polynomial: "PolynomialFeatures"
    coefficients: NDArray[np.float64]
    intercept: float

    @classmethod
    def of(cls, pipeline: "Pipeline") -> Self:
        """Take a pipeline apart.

        Args:
            pipeline: Fitted: perhaps a price history, then scale, select, polynomial and ridge.
        """
        steps = pipeline.named_steps
        scale, ridge = steps["scale"], steps["ridge"]
        kept = steps["select"].get_support(indices=True)
        return cls(
            history=steps.get("history"),
            kept=kept,
            mean=scale.mean_[kept],
            scale=scale.scale_[kept],
            polynomial=steps["polynomial"],
            coefficients=ridge.coef_,
            intercept=float(ridge.intercept_),
        )

    def predict(self, rows: NDArray[np.float64]) -> NDArray[np.float64]:
        """Predict as `Pipeline.predict` does.

        Args:
            rows: Finite numbers, shape `(n_rows, n_columns)`.

        Returns:
            CLP per litre, shape `(n_rows,)`.

        Raises:
            UnknownPriceHistoryError: The price history does not reach a row.
        """
        if self.history is not None:
            rows = self.history.transform(rows)
        terms = (rows[:, self.kept] - self.mean) / self.scale
        if self.polynomial.degree == 1:
            # Sums depend on how the terms lie in memory; scikit-learn's lie row by row.
            terms = np.ascontiguousarray(np.column_stack([np.ones(len(terms)), terms]))
        else:
            terms = self.polynomial.transform(terms)
        return np.asarray(terms @ self.coefficients + self.intercept)
