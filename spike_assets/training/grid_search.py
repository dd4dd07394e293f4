"""The notebook's grid search, with the work that its candidates share done once per fold.

It scores as scikit-learn's `GridSearchCV` does, which fits every candidate on every fold from the
start. Nearly all of that is mutual information, estimated for each candidate though it depends on
the fold alone; most of the rest are polynomials, expanded again for every penalty. What is left to
do for each candidate is done by the same steps on the same numbers, so that scores are equal to
the last bit, ties included. (One factorization for all penalties would be faster still, but the
polynomials are so nearly collinear that scores then differ in the ninth digit.)
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np
from joblib import Parallel, delayed
from numpy.typing import NDArray
from sklearn import config_context
from sklearn.base import clone
from sklearn.model_selection import KFold, ParameterGrid
from sklearn.pipeline import Pipeline

from spike_assets.training.compute.one_core import one_core

K, DEGREE, ALPHA = "select__k", "polynomial__degree", "ridge__alpha"
"""The parameters that a grid lists."""


@dataclass(frozen=True)
class GridSearch:
    """The scores of every candidate of a grid.

    Attributes:
        candidates: Their parameters, in the order of scikit-learn's `ParameterGrid`.
        fold_r2: R² on each fold by those fitted on the others, shape `(n_candidates, n_folds)`.
    """

    candidates: Sequence[Mapping[str, float]]
    fold_r2: NDArray[np.float64]

    @property
    def mean_r2(self) -> NDArray[np.float64]:
        """The mean over the folds, shape `(n_candidates,)`."""
        return np.asarray(self.fold_r2.mean(axis=1))

    @property
    def best_parameters(self) -> dict[str, float]:
        """The candidate with the best mean; among equals, the first."""
        return dict(self.candidates[int(self.mean_r2.argmax())])

    @property
    def best_r2(self) -> float:
        """Its mean."""
        return float(self.mean_r2.max())


def search_grid(
    pipeline: Pipeline,
    grid: Mapping[str, Sequence[float]],
    rows: NDArray[np.float64],
    targets: NDArray[np.float64],
    *,
    folds: int,
) -> GridSearch:
    """Score every candidate of a grid.

    Args:
        pipeline: Its last steps are `select`, `polynomial` and `ridge`; it is left unfitted.
        grid: Values of `K`, `DEGREE` and `ALPHA`, the penalties above 0.
        rows: Shape `(n_rows, n_columns)`.
        targets: Shape `(n_rows,)`.
        folds: How many; each is a run of rows that follow each other.
    """
    # On this machine in turn: processes take longer to start than the folds to score.
    by_fold = Parallel()(
        delayed(_r2_by_candidate)(
            clone(pipeline), grid, rows[seen], targets[seen], held=(rows[held], targets[held])
        )
        for seen, held in KFold(folds).split(rows)
    )
    candidates = list(ParameterGrid(grid))
    return GridSearch(
        candidates,
        np.array([[r2[one[K], one[DEGREE], one[ALPHA]] for r2 in by_fold] for one in candidates]),
    )


@one_core()
def _r2_by_candidate(
    pipeline: Pipeline,
    grid: Mapping[str, Sequence[float]],
    rows: NDArray[np.float64],
    targets: NDArray[np.float64],
    *,
    held: tuple[NDArray[np.float64], NDArray[np.float64]],
) -> dict[tuple[float, float, float], float]:
    """Fit on rows and targets and score on those held out, by k, degree and penalty."""
    held_rows, held_targets = held
    prepare, expand, ridge = pipeline[:-3], pipeline[-3:-1], pipeline[-1]
    rows, held_rows = prepare.fit_transform(rows, targets), prepare.transform(held_rows)
    information = expand["select"].score_func(rows, targets)
    expand.set_params(select__score_func=lambda *_: information)
    found: dict[tuple[float, float, float], float] = {}
    # Looking again at what was checked above takes a fifth of the time.
    with config_context(assume_finite=True, skip_parameter_validation=True):
        for k, degree in product(grid[K], grid[DEGREE]):
            expand.set_params(select__k=k, polynomial__degree=degree)
            terms, held_terms = expand.fit_transform(rows, targets), expand.transform(held_rows)
            for alpha in grid[ALPHA]:
                fitted = ridge.set_params(alpha=alpha).fit(terms, targets)
                found[k, degree, alpha] = fitted.score(held_terms, held_targets)
    return found
