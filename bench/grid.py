"""Time of the notebook's grid search, compared with scikit-learn's `GridSearchCV`.

    python -m bench.grid [DIR]

Searches the grid of `model1` and `model2` on the notebook's training months in three ways, in turn,
several times, on one core. Reports whether the results agree. Counts CPU seconds, so other
processes matter little. DIR is the folder with the real files. Takes a few minutes, mostly in
`GridSearchCV`.
"""

import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from statistics import median
from tempfile import TemporaryDirectory

import numpy as np
from numpy.typing import NDArray
from sklearn.model_selection import GridSearchCV, ParameterGrid, train_test_split
from threadpoolctl import threadpool_limits

from bench.section import Section
from spike_assets.models.lagged_prices import LaggedPrices
from spike_assets.series.catalogue import FEATURE_NAMES, PRICE_CLP_PER_LITRE
from spike_assets.sources.location import locate_data, read_clean
from spike_assets.sources.monthly_features import monthly_features
from spike_assets.training.regressors import (
    FOLDS,
    GRID,
    HOLDOUT_SHARE,
    SEED,
    lagged_prices,
    notebook_pipeline,
    search_grid,
)
from spike_assets.training.report import markdown_table

ROUNDS = 3
OURS = "spike_assets"
SCIKIT_LEARN = "`GridSearchCV`"


@dataclass(frozen=True)
class Case:
    """Input of a grid search."""

    rows: NDArray[np.float64]
    prices: NDArray[np.float64]
    history: LaggedPrices | None


def main() -> None:
    """Measure and print."""
    print(measured(sys.argv[1] if len(sys.argv) > 1 else None, rounds=ROUNDS).text)


def cases(data: str | None) -> dict[str, Case]:
    """Return the input that each search had in the notebook, by the name of the model.

    Args:
        data: The folder with the files; None for the embedded sample.
    """
    tables = read_clean(locate_data(data))
    months = monthly_features(
        tables["precipitation"], tables["milk_price"], tables["banco_central"]
    )
    training, _ = train_test_split(months, test_size=HOLDOUT_SHARE, random_state=SEED)
    rows = training[list(FEATURE_NAMES)].to_numpy()
    prices = training[PRICE_CLP_PER_LITRE].to_numpy()
    return {
        "model1": Case(rows, prices, lagged_prices(tables["milk_price"])),
        "model2": Case(rows, prices, None),
    }


def measured(data: str | None, *, rounds: int) -> Section:
    """Search both grids in every way, in turn, and describe the times."""
    with threadpool_limits(1):
        found = [compared(name, case, rounds=rounds) for name, case in cases(data).items()]
    rows = [row for of_model, _ in found for row in of_model]
    heading = ("", "", "seconds", "times ours", "largest difference of a score", "winner")
    return Section(
        title="The notebook's grids",
        text=f"""\
{len(ParameterGrid(GRID))} candidates on {FOLDS} folds, in three ways: CPU seconds on one core, \
median of {rounds} searches.

{markdown_table(heading, rows)}
""",
        ratios={
            f"speed of {name}'s grid, to GridSearchCV's": ratio
            for name, (_, ratio) in zip(cases(data), found, strict=True)
        },
    )


def plain(case: Case) -> NDArray[np.float64]:
    """Fit every candidate on every fold from the start."""
    search = GridSearchCV(notebook_pipeline(case.history), GRID, cv=FOLDS, scoring="r2", n_jobs=1)
    return _fold_r2(search.fit(case.rows, case.prices))


def with_memory(case: Case) -> NDArray[np.float64]:
    """Run `GridSearchCV` with the pipeline's cache of fitted steps in a folder."""
    with TemporaryDirectory() as folder:
        pipeline = notebook_pipeline(case.history).set_params(memory=folder)
        search = GridSearchCV(pipeline, GRID, cv=FOLDS, scoring="r2", n_jobs=1)
        return _fold_r2(search.fit(case.rows, case.prices))


def shared(case: Case) -> NDArray[np.float64]:
    """Compute the work that candidates share only once."""
    return search_grid(case.rows, case.prices, history=case.history).fold_r2


PEERS: Mapping[str, Callable[[Case], NDArray[np.float64]]] = {
    SCIKIT_LEARN: plain,
    "`GridSearchCV` with `memory=`": with_memory,
    OURS: shared,
}


def compared(name: str, case: Case, *, rounds: int) -> tuple[list[tuple[str, ...]], float]:
    """Return a row for each way, and the ratio of the time of `GridSearchCV` to ours."""
    seconds: dict[str, list[float]] = {peer: [] for peer in PEERS}
    found = {}
    shared(case)  # so that nobody pays for what is loaded late
    for _ in range(rounds):
        for peer, search in PEERS.items():
            start = time.process_time()
            found[peer] = search(case)
            seconds[peer].append(time.process_time() - start)
    ours = median(seconds[OURS])
    expected = found[SCIKIT_LEARN]
    rows = [
        (
            name,
            peer,
            f"{median(seconds[peer]):.2f}",
            f"{median(seconds[peer]) / ours:.1f}",
            f"{np.abs(scores - expected).max():g}",
            "same" if scores.mean(axis=1).argmax() == expected.mean(axis=1).argmax() else "ANOTHER",
        )
        for peer, scores in found.items()
    ]
    return rows, median(seconds[SCIKIT_LEARN]) / ours


def _fold_r2(search: GridSearchCV) -> NDArray[np.float64]:
    return np.column_stack([search.cv_results_[f"split{at}_test_score"] for at in range(FOLDS)])


if __name__ == "__main__":
    main()
