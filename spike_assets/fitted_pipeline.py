"""What a fitted pipeline of the notebook predicts, without what scikit-learn does around it.

Each step of a pipeline checks its input anew and looks for column names, which takes far longer
than the arithmetic on a few rows. Here the arithmetic is done alone, in the same order, so the
numbers are the same to the last bit.
"""

import numpy as np
from numpy.typing import NDArray
from sklearn.pipeline import Pipeline


def predict(pipeline: Pipeline, rows: NDArray[np.float64]) -> NDArray[np.float64]:
    """Predict as `pipeline.predict` does.

    Args:
        pipeline: Fitted: perhaps a price history, then scale, select, polynomial and ridge.
        rows: Finite numbers, shape `(n_rows, n_columns)`.

    Returns:
        Shape `(n_rows,)`.
    """
    *history, (_, scale), (_, select), (_, polynomial), (_, ridge) = pipeline.steps
    for _, step in history:
        rows = step.transform(rows)
    kept = select.get_support(indices=True)
    terms = (rows[:, kept] - scale.mean_[kept]) / scale.scale_[kept]
    if polynomial.degree == 1:
        # Sums depend on how the terms lie in memory; scikit-learn's lie row by row.
        terms = np.ascontiguousarray(np.column_stack([np.ones(len(terms)), terms]))
    else:
        terms = polynomial.transform(terms)
    return np.asarray(terms @ ridge.coef_ + ridge.intercept_)
