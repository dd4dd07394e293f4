"""Extrapolation to thousands of series and of requests; writes `docs/scaling.md`.

    python -m bench.scaling [DIR]

Measures a replica, a run and the storage on this machine, and extrapolates. DIR is the folder with
the real files; without it the embedded sample is used.
"""

import math
import sys
from pathlib import Path

from bench import replica, storage
from bench.machine import machine
from bench.replica import Replica
from bench.storage import Storage
from bench.trained import Trained, trained
from spike_assets.training.report import markdown_table

PAGE = Path("docs/scaling.md")
REQUESTS_PER_SECOND = (100, 1_000, 10_000)
SERIES = (1, 10, 100, 1_000)
LOADED = 16
"""Connections for the measured capacity: enough that requests wait for each other."""

FULL = 0.7
"""Target utilization of a core, as in the autoscaler."""

CORES = 16
MONTHS_KEPT = 12
"""Number of monthly runs whose models and events are kept in the example."""


def main() -> None:
    """Measure, and write the page."""
    data = sys.argv[1] if len(sys.argv) > 1 else None
    with trained(data) as run:
        PAGE.write_text(page(run, replica.measured(run), storage.measured(data)))
    print(PAGE)


def page(run: Trained, one: Replica, left: Storage) -> str:
    """Describe the measurements and the extrapolation."""
    return f"""# Scaling

`python -m bench.scaling`, run from the repository's root, measured this and wrote this page.

{machine()}

## What one replica serves

{replica.section(one).text}
A replica is one process on one core. Its memory does not depend on the requests: it holds three
models, the prices and their forecasts. So more requests need more cores, with one replica per core.
The table assumes {FULL * 100:.0f} % of the capacity at {LOADED} connections, so that latencies stay
low:

{_requests(one)}

Replicas share nothing except the model store, which they read after a promotion. So replicas can be
added until the load balancer is at capacity: with `--scale` under Compose, with the autoscaler
under Kubernetes. One request with many months costs far less than many requests.

## What a run takes

{_run(run)}

Nearly all of it is the backtest, which refits the forecaster at every past origin. These fits do
not depend on each other. joblib distributes them over the cores, or over a Dask cluster with
`SPIKE_COMPUTE=dask`.

{storage.section(left).text}

Most of the space in PostgreSQL is for the pictures in the metadata of assets.

## How it grows

[Benchmarks](benchmarks.md#growth) has the time and memory of each asset at up to 1,000 times the
months.

- **Requests**: linear. The cost of a request does not depend on the number of models and months.
- **Months**: linear. A backtest over all months refits at each of them. Fit time is constant beyond
  100 years of data, because months with a weight below a thousandth are left out.
- **Origins**: linear. They run in parallel.
- **Series**: linear, if each series has its own run. The code has one series today.

## A thousand series

One series is a monthly price with its drivers, and everything that this graph makes of it. The
graph has one series today. A thousand series would need a partition for each, with independent
runs. The table multiplies the measurements of one run; nothing was run a thousand times.

{_series(run, left)}

- **Cores**: the hours include a full backtest in each run. Forecasts of past months do not change
  when a month is added, so a graph for a thousand series would store them and fit once.
- **Tables**: each series has its own files, in a folder or a bucket.
- **PostgreSQL**: Dagster keeps events until they are deleted. Writing them is not a bottleneck, as
  the rate above shows.
- **Models**: `models list` reads every version, the service only the promoted ones. `models prune`
  limits their number.
"""


def _run(run: Trained) -> str:
    rows = [
        ("from start to end", f"{run.seconds:.0f} s"),
        ("of cores", f"{run.core_seconds:.0f} s"),
        ("memory of its largest process", f"{run.largest_process_mib:.0f} MiB"),
    ]
    return markdown_table(("`spike-assets run`", ""), rows)


def _requests(one: Replica) -> str:
    rows = []
    for path in replica.BODIES:
        per_replica = FULL * 1000 / one.under(path, LOADED).processor_ms
        for per_second in REQUESTS_PER_SECOND:
            replicas = math.ceil(per_second / per_replica)
            gib = replicas * one.used_mib / 1024
            rows.append((f"`{path}`", f"{per_second:,}", f"{replicas:,}", f"{gib:,.1f}"))
    return markdown_table(("", "requests a second", "replicas, a core each", "GiB"), rows)


def _series(run: Trained, left: Storage) -> str:
    rows = [
        (
            f"{n:,}",
            f"{n * run.core_seconds / 3600:,.1f}",
            f"{n * run.core_seconds / 3600 / CORES:,.1f}",
            f"{n * left.tables_kib / 1024:,.0f}",
            f"{n * left.models_kib * MONTHS_KEPT / 1024:,.0f}",
            f"{n * left.postgres_kib * MONTHS_KEPT / 1024:,.0f}",
        )
        for n in SERIES
    ]
    heading = (
        "series",
        "core hours a run",
        f"hours on {CORES} cores",
        "tables MiB",
        f"models of {MONTHS_KEPT} runs MiB",
        f"PostgreSQL after {MONTHS_KEPT} runs MiB",
    )
    return markdown_table(heading, rows)


if __name__ == "__main__":
    main()
