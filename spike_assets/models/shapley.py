"""Shapley values: what each group of columns adds to a prediction, against a typical row.

A group's contribution is the mean, over all orders in which the groups of a row could be let in,
of what the prediction changes by when the group's columns go from the reference to the row
(Shapley 1953; Lundberg and Lee 2017, with one reference). With five groups all 32 subsets are
evaluated, so nothing is sampled. For a linear model it is coefficient times distance, exactly.
"""

from collections.abc import Callable, Mapping, Sequence
from itertools import combinations
from math import factorial

import numpy as np
from numpy.typing import NDArray

Predict = Callable[[NDArray[np.float64]], NDArray[np.float64]]


def group_contributions(
    predict: Predict,
    row: NDArray[np.float64],
    *,
    reference: NDArray[np.float64],
    groups: Mapping[str, Sequence[int]],
) -> dict[str, NDArray[np.float64]]:
    """Split the difference of a prediction from the reference's among groups of columns.

    Args:
        predict: Takes rows, shape `(n_rows, n_columns)`, to outputs, shape `(n_rows, n_outputs)`.
        row: Shape `(n_columns,)`.
        reference: A typical row, same shape.
        groups: Positions of the columns of each group.

    Returns:
        By group, shape `(n_outputs,)`; the sum is the row's prediction less the reference's.
    """
    names = list(groups)
    n = len(names)
    subsets = [frozenset(s) for size in range(n + 1) for s in combinations(names, size)]
    rows = np.tile(reference, (len(subsets), 1))
    for at, subset in enumerate(subsets):
        columns = [column for name in subset for column in groups[name]]
        rows[at, columns] = row[columns]
    value = dict(zip(subsets, predict(rows), strict=True))
    return {
        name: sum(
            (
                factorial(len(subset))
                * factorial(n - len(subset) - 1)
                / factorial(n)
                * (value[subset | {name}] - value[subset])
                for subset in subsets
                if name not in subset
            ),
            start=np.zeros_like(value[subsets[0]]),
        )
        for name in names
    }
