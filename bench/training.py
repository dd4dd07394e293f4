"""How long a whole run takes, beside the two grid searches of the notebook.

    python -m bench.training [DIR]

DIR is the folder with the real files. `spike-assets run` from the start of its process to its end,
backtest, checks and promotion included; then what `GridSearchCV` takes for the grids of `model1`
and `model2` alone, with as many processes as there are cores. Several times, in turn.
"""

import sys
import time
from statistics import median

from sklearn.model_selection import GridSearchCV

from bench.grid import Case, cases
from bench.section import Section
from bench.trained import trained
from spike_assets.forecasting.report import markdown_table
from spike_assets.regressors import FOLDS, GRID, notebook_pipeline

ROUNDS = 3


def main() -> None:
    """Measure and print."""
    print(measured(sys.argv[1] if len(sys.argv) > 1 else None, rounds=ROUNDS).text)


def measured(data: str | None, *, rounds: int) -> Section:
    """Run both in turn, and put into words what it took."""
    runs, grids = [], []
    for _ in range(rounds):
        with trained(data) as run:
            runs.append(run.seconds)
        start = time.monotonic()
        for case in cases(data).values():
            _grid_search(case)
        grids.append(time.monotonic() - start)
    rows = [
        ("`spike-assets run`, all of it", f"{median(runs):.0f}"),
        ("`GridSearchCV` for the two grids of the notebook", f"{median(grids):.0f}"),
    ]
    return Section(
        title="Training",
        text=f"""\
Median of {rounds} times, in turn.

{markdown_table(("", "seconds"), rows)}
""",
        ratios={"speed of a whole run, to the two grid searches": median(grids) / median(runs)},
    )


def _grid_search(case: Case) -> None:
    pipeline = notebook_pipeline(case.history)
    GridSearchCV(pipeline, GRID, cv=FOLDS, scoring="r2", n_jobs=-1).fit(case.rows, case.prices)


if __name__ == "__main__":
    main()
