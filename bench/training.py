"""Time of a complete run, compared with the two grid searches of the notebook.

    python -m bench.training [DIR]

DIR is the folder with the real files. `spike-assets run` from the start of its process to its end,
backtest, checks and promotion included; then what `GridSearchCV` alone takes for the notebook's two
models, on 48 columns and on 141 (each of 47 series with mean and standard deviation of three
months), as the notebook calls it and on every core. Several times, in turn. Then steps of Dagster
with one process for all of them, and with one for each.
"""

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

import pandas as pd
from sklearn.model_selection import GridSearchCV, train_test_split

from bench.section import Section
from bench.trained import BIN, trained
from spike_assets.series.catalogue import (
    FEATURE_NAMES,
    MONTH,
    MONTH_OF_YEAR,
    PRICE_CLP_PER_LITRE,
    YEAR,
)
from spike_assets.sources.location import locate_data, read_clean
from spike_assets.sources.monthly_features import monthly_features
from spike_assets.training.regressors import FOLDS, GRID, HOLDOUT_SHARE, SEED, notebook_pipeline
from spike_assets.training.report import markdown_table

ROUNDS = 3

RUN = "`spike-assets run`, all of it"
NOTEBOOK = "`GridSearchCV` for the notebook's two models, as the notebook calls it"
EVERY_CORE = "the same with `n_jobs=-1`"
BY_PROCESSES = {
    "the files, cleaned and joined, by Dagster: 7 steps in one process": 1,
    "the same with `processes: 2`, a process for each step": 2,
}


def main() -> None:
    """Measure and print."""
    print(measured(sys.argv[1] if len(sys.argv) > 1 else None, rounds=ROUNDS).text)


def measured(data: str | None, *, rounds: int) -> Section:
    """Run everything in turn, and describe the times."""
    found: dict[str, list[float]] = {
        name: [] for name in (RUN, NOTEBOOK, EVERY_CORE, *BY_PROCESSES)
    }
    core_seconds = []
    for _ in range(rounds):
        with trained(data) as run:
            found[RUN].append(run.seconds)
            core_seconds.append(run.core_seconds)
        found[NOTEBOOK].append(_both_models_s(data, n_jobs=None))
        found[EVERY_CORE].append(_both_models_s(data, n_jobs=-1))
        for name, processes in BY_PROCESSES.items():
            found[name].append(_first_assets_s(data, processes=processes))
    seconds = {name: median(of_rounds) for name, of_rounds in found.items()}
    rows = [(name, f"{one:.0f}") for name, one in seconds.items()]
    return Section(
        title="Training",
        text=f"""\
Wall-clock time of a process, median of {rounds} rounds, in turn. A run uses \
{median(core_seconds):.0f} CPU seconds, most
of them for the fits at every past month since 1989. The notebook has no such fits.

{markdown_table(("", "seconds"), rows)}
""",
        ratios={
            f"speed of a whole run, to {name}": seconds[name] / seconds[RUN]
            for name in (NOTEBOOK, EVERY_CORE)
        },
    )


def _both_models_s(data: str | None, *, n_jobs: int | None) -> float:
    tables = read_clean(locate_data(data))
    months = monthly_features(
        tables["precipitation"], tables["milk_price"], tables["banco_central"]
    )
    series = months.drop(columns=[MONTH, YEAR, MONTH_OF_YEAR])
    three_months = series.rolling(3)
    columns = [series.shift(), three_months.mean().shift(), three_months.std().shift()]
    with_past = pd.concat(columns, axis="columns").iloc[3:]
    prices = months[PRICE_CLP_PER_LITRE]
    start = time.monotonic()
    for rows in (months[list(FEATURE_NAMES)], with_past):
        seen, _ = train_test_split(rows.to_numpy(), test_size=HOLDOUT_SHARE, random_state=SEED)
        paid, _ = train_test_split(
            prices[rows.index].to_numpy(), test_size=HOLDOUT_SHARE, random_state=SEED
        )
        search = GridSearchCV(notebook_pipeline(None), GRID, cv=FOLDS, scoring="r2", n_jobs=n_jobs)
        search.fit(seen, paid)
    return time.monotonic() - start


def _first_assets_s(data: str | None, *, processes: int) -> float:
    """Materialize the tables, whose steps are short and independent."""
    config = {
        "execution": {"config": {"processes": processes}},
        "resources": {"data": {"config": {"folder": str(Path(data).resolve()) if data else ""}}},
    }
    with TemporaryDirectory(prefix="spike-bench-") as folder:
        environment = {"DAGSTER_HOME": folder, "SPIKE_STORAGE": str(Path(folder) / "storage")}
        Path(folder, "dagster.yaml").touch()
        start = time.monotonic()
        select = ["-m", "spike_assets.definitions", "--select", "*monthly_features"]
        subprocess.run(
            [BIN / "dagster", "asset", "materialize", *select, "--config-json", json.dumps(config)],
            env=os.environ | environment,
            check=True,
            capture_output=True,
        )
        return time.monotonic() - start


if __name__ == "__main__":
    main()
