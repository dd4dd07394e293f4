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
A replica is one process on one core, and holds the same whatever it is asked: three models, the
prices and their forecasts. So requests need cores, and each core a replica. Here each is used to
{FULL * 100:.0f} % of what it could do with {LOADED} connections, so that nobody waits long:

{_requests(one)}

Replicas share nothing but the model store, which they read when something was promoted. So they
grow side by side, under Compose by `--scale`, under Kubernetes by the autoscaler, until the load
balancer before them is full. One request with many months costs far less than many requests.

## What a run takes

{_run(run)}

Nearly all of it is the backtest, which fits the forecaster at every month since it had enough to
learn from. These don't depend on each other: joblib spreads them over the cores, or over a Dask
cluster by `SPIKE_COMPUTE=dask`.

{storage.section(left).text}

Most of what PostgreSQL takes is the pictures in the metadata of assets.

## How it grows

[Benchmarks](benchmarks.md#growth) has the time and memory of each asset at up to 1,000 times the
months.

- **Requests**: in proportion. A request costs the same whatever there are of models and months.
- **Months**: in proportion. A backtest over all months fits at each of them; beyond a hundred years
  of months a fit takes no longer, because months that would weigh less than a thousandth are left
  out.
- **Origins**: in proportion; they run side by side.
- **Series**: in proportion: each would have a run of its own, and no two look at each other.

## A thousand series

One series is a price with its drivers, monthly, and all that this graph makes of it. A thousand
would be the same graph with a partition for each, whose runs know nothing of one another. This is
what they add up to; nothing here was run a thousand times.

{_series(run, left)}

- **Cores**: the hours are those of a full backtest each time. The forecasts of past months don't
  change when a month is added: a graph for a thousand series would keep them, and fit once.
- **Tables**: files of their own for each series, in a folder or a bucket.
- **PostgreSQL**: Dagster keeps events until they are deleted. Writing them is no limit: see above.
- **Models**: `models list` looks at every version, the service only at what is promoted. `models
  prune` keeps their number down.
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
