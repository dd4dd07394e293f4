"""How long the notebook's grid takes, beside scikit-learn's `GridSearchCV`.

    python -m bench.grid [DIR]

Searches the grid of `model1` and `model2` on the notebook's training months in three ways, in turn
and several times over, on one core; says whether they agree. Counts the seconds that the core
worked, so that others on the machine matter little. DIR is the folder with the real files. Takes a
few minutes, nearly all of them in `GridSearchCV`.
"""

import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from statistics import median
from tempfile import TemporaryDirectory

import numpy as np
from numpy.typing import NDArray
from sklearn.model_selection import GridSearchCV, train_test_split
from threadpoolctl import threadpool_limits

from spike_assets.catalogue import FEATURE_NAMES, PRICE_CLP_PER_LITRE
from spike_assets.features import monthly_features
from spike_assets.price_history import PriceHistory
from spike_assets.regressors import (
    FOLDS,
    GRID,
    HOLDOUT_SHARE,
    SEED,
    notebook_pipeline,
    price_history,
    search_grid,
)
from spike_assets.sources.clean_tables import read_clean_tables
from spike_assets.sources.location import locate_data

RUNS = 3


@dataclass(frozen=True)
class Case:
    """What a search is given."""

    rows: NDArray[np.float64]
    prices: NDArray[np.float64]
    history: PriceHistory | None


def main() -> None:
    """Measure and print."""
    location = locate_data(sys.argv[1] if len(sys.argv) > 1 else None)
    tables = read_clean_tables(location)
    months = monthly_features(tables.precipitation, tables.milk_price, tables.banco_central)
    training, _ = train_test_split(months, test_size=HOLDOUT_SHARE, random_state=SEED)
    rows, prices = (
        training[list(FEATURE_NAMES)].to_numpy(),
        training[PRICE_CLP_PER_LITRE].to_numpy(),
    )
    print(f"{location}: {len(rows)} months, median of {RUNS} runs on one core")
    with threadpool_limits(1):
        for name, history in {"model1": price_history(tables.milk_price), "model2": None}.items():
            report(name, Case(rows, prices, history))


def plain(case: Case) -> NDArray[np.float64]:
    """Fit every candidate on every fold from the start."""
    search = GridSearchCV(notebook_pipeline(case.history), GRID, cv=FOLDS, scoring="r2", n_jobs=1)
    return _fold_r2(search.fit(case.rows, case.prices))


def with_memory(case: Case) -> NDArray[np.float64]:
    """Let the pipeline keep what its steps fitted in a folder."""
    with TemporaryDirectory() as folder:
        pipeline = notebook_pipeline(case.history).set_params(memory=folder)
        search = GridSearchCV(pipeline, GRID, cv=FOLDS, scoring="r2", n_jobs=1)
        return _fold_r2(search.fit(case.rows, case.prices))


def shared(case: Case) -> NDArray[np.float64]:
    """Work out once what the candidates share."""
    return search_grid(case.rows, case.prices, history=case.history).fold_r2


PEERS: Mapping[str, Callable[[Case], NDArray[np.float64]]] = {
    "GridSearchCV": plain,
    "GridSearchCV, memory=": with_memory,
    "spike_assets": shared,
}


def report(name: str, case: Case) -> None:
    """Print how long each takes, how many times longer than ours, and how far apart they are."""
    seconds: dict[str, list[float]] = {peer: [] for peer in PEERS}
    found = {}
    shared(case)  # so that nobody pays for what is loaded late
    for _ in range(RUNS):
        for peer, search in PEERS.items():
            start = time.process_time()
            found[peer] = search(case)
            seconds[peer].append(time.process_time() - start)
    ours = median(seconds["spike_assets"])
    expected = found["GridSearchCV"]
    print(f"{name}: {' x '.join(map(str, expected.shape))} scores")
    for peer, scores in found.items():
        middle = median(seconds[peer])
        apart = np.abs(scores - expected).max()
        same = scores.mean(axis=1).argmax() == expected.mean(axis=1).argmax()
        print(
            f"  {peer:22} {middle:7.2f} s {middle / ours:6.1f} x   largest difference {apart:g}, "
            f"{'same' if same else 'ANOTHER'} winner"
        )


def _fold_r2(search: GridSearchCV) -> NDArray[np.float64]:
    return np.column_stack([search.cv_results_[f"split{at}_test_score"] for at in range(FOLDS)])


if __name__ == "__main__":
    main()
