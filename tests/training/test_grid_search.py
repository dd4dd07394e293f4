"""The fast grid: candidate by candidate and fold by fold what scikit-learn's search says."""

from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.feature_selection import mutual_info_regression
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler

from spike_assets.series.catalogue import FEATURE_NAMES, PRICE_CLP_PER_LITRE
from spike_assets.sources.location import locate_data, read_clean
from spike_assets.sources.monthly_features import monthly_features
from spike_assets.training.compute.one_core import one_core
from spike_assets.training.grid_search import GridSearch, search_grid
from spike_assets.training.regressors import lagged_prices, notebook_pipeline

Grid = Mapping[str, Sequence[float]]

GRID = {
    "select__k": (2, 5),
    "polynomial__degree": (1, 2, 4),
    "ridge__alpha": (1, 0.01),
}
"""From 3 polynomials to 126: fewer and more than there are rows in a fold."""
WORST_FIRST = {
    "ridge__alpha": (1e6, 10.0, 0.2),
    "polynomial__degree": (3, 1),
    "select__k": (4, 1),
}
ONE_CANDIDATE = {"select__k": (2,), "polynomial__degree": (2,), "ridge__alpha": (0.5,)}


def pipeline() -> Pipeline:
    """Return the notebook's, with noise of another seed in what it selects by."""
    information = partial(mutual_info_regression, random_state=7)
    return notebook_pipeline(None).set_params(select__score_func=information)


def made_up(n_rows: int, n_columns: int, *, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Return targets that are a square and a product of columns of different sizes, and noise."""
    rng = np.random.default_rng(seed)
    rows = rng.normal(loc=3, size=(n_rows, n_columns)) * np.geomspace(0.01, 100, n_columns)
    first, second, third = StandardScaler().fit_transform(rows)[:, :3].T
    return rows, 200 + 20 * first**2 + 10 * second * third + rng.normal(scale=5, size=n_rows)


def assert_as_scikit_learns(
    given: Pipeline, grid: Grid, rows: np.ndarray, targets: np.ndarray, *, folds: int = 3
) -> None:
    """Hold candidates, every score, the winner and what it predicts against `GridSearchCV`."""
    expected = GridSearchCV(given, grid, cv=folds, scoring="r2", error_score="raise")
    with one_core():  # as ours is searched; with more, the last bits are others
        expected.fit(rows, targets)
    found = search_grid(given, grid, rows, targets, folds=folds)

    assert list(found.candidates) == expected.cv_results_["params"]
    by_fold = [expected.cv_results_[f"split{fold}_test_score"] for fold in range(folds)]
    np.testing.assert_array_equal(found.fold_r2, np.column_stack(by_fold))
    assert found.best_parameters == expected.best_params_
    assert found.best_r2 == expected.best_score_
    with one_core():
        winner = clone(given).set_params(**found.best_parameters).fit(rows, targets)
    assert winner.predict(rows).tobytes() == expected.predict(rows).tobytes()


@pytest.mark.parametrize("seed", [0, 1])
@pytest.mark.parametrize(
    ("n_rows", "n_columns", "folds"), [(20, 5, 2), (41, 12, 3), (60, 6, 5), (120, 8, 3)]
)
def test_scores_and_winner_are_those_of_grid_search_cv(
    n_rows: int, n_columns: int, folds: int, seed: int
):
    """On random data with few rows and many, folds of unequal length among them."""
    rows, targets = made_up(n_rows, n_columns, seed=seed)
    assert_as_scikit_learns(pipeline(), GRID, rows, targets, folds=folds)


@pytest.mark.parametrize("grid", [WORST_FIRST, ONE_CANDIDATE])
def test_grid_may_list_its_values_in_any_order_and_number(grid: Grid):
    """Candidates come in the order in which scikit-learn would try them."""
    assert_as_scikit_learns(pipeline(), grid, *made_up(45, 6, seed=4))


@pytest.mark.parametrize("seed", range(3))
def test_constant_and_repeated_columns_are_scored_the_same(seed: int):
    """They are equally informative, and add nothing to the polynomials but zeros and copies."""
    rows, targets = made_up(45, 7, seed=seed)
    rows[:, 4:6] = 5.0
    rows[:, 6] = rows[:, 0]
    assert_as_scikit_learns(pipeline(), GRID, rows, targets)


def test_first_candidate_wins_where_all_are_equal():
    """A target that never changes is foretold perfectly by every one."""
    rows, targets = made_up(45, 6, seed=0)
    assert_as_scikit_learns(pipeline(), GRID, rows, np.full_like(targets, 213.0))


def test_first_of_equally_good_candidates_is_the_best():
    """The mean over the folds decides, and the order where it is the same."""
    candidates = [{"ridge__alpha": alpha} for alpha in (1.0, 0.5, 0.2)]
    search = GridSearch(candidates, np.array([[0.9, -0.5], [0.25, 0.75], [0.75, 0.25]]))
    assert search.best_parameters == {"ridge__alpha": 0.5}
    assert search.best_r2 == 0.5


def test_pipeline_and_data_are_left_as_they_were():
    """The pipeline can be fitted afterwards, and the arrays still hold what they held."""
    given, (rows, targets) = pipeline(), made_up(30, 5, seed=0)
    search_grid(given, ONE_CANDIDATE, rows, targets, folds=3)
    assert repr(given) == repr(pipeline())
    assert not hasattr(given["scale"], "mean_")
    expected_rows, expected_targets = made_up(30, 5, seed=0)
    np.testing.assert_array_equal(rows, expected_rows)
    np.testing.assert_array_equal(targets, expected_targets)


@pytest.mark.parametrize("sees_prices", [True, False])
def test_real_months_are_scored_as_grid_search_cv_scores_them(real_data: Path, sees_prices: bool):
    """The corners of the notebook's grid; `bench.grid` compares the whole."""
    tables = read_clean(locate_data(str(real_data)))
    months = monthly_features(
        tables["precipitation"], tables["milk_price"], tables["banco_central"]
    )
    history = lagged_prices(tables["milk_price"]) if sees_prices else None
    grid = {
        "select__k": (3, 10),
        "polynomial__degree": (1, 7),
        "ridge__alpha": (1, 0.01),
    }
    assert_as_scikit_learns(
        notebook_pipeline(history),
        grid,
        months[list(FEATURE_NAMES)].to_numpy(),
        months[PRICE_CLP_PER_LITRE].to_numpy(),
    )
