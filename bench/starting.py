"""Start time and memory of the service, compared with two other Bentos.

    python -m bench.starting [DIR]

Trains on DIR, the folder with the real files, or on the embedded sample, and starts them in turn,
several times over: from the start of the process until `/readyz` answers 200. One says hello, the
other unpickles one pipeline and serves it.
"""

import sys
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from statistics import median

from bench.contestants import BENTOML, HELLO, OURS, serving
from bench.section import Section
from bench.trained import Trained, trained
from spike_assets.training.report import markdown_table

ROUNDS = 7
WORKERS = (1, 4)


@dataclass(frozen=True)
class Started:
    """Medians of several starts, by server.

    Attributes:
        seconds: Until it was ready.
        mib: What it weighed then.
    """

    seconds: Mapping[str, float]
    mib: Mapping[str, float]

    def times(self, other: str) -> float:
        """Return the ratio of our start time to that of another server."""
        return self.seconds[OURS] / self.seconds[other]

    @property
    def ratios(self) -> dict[str, float]:
        """Ratios of the other start times to ours, by description."""
        return {f"speed of the start, to {name}": 1 / self.times(name) for name in (BENTOML, HELLO)}


def main() -> None:
    """Measure and print."""
    with trained(sys.argv[1] if len(sys.argv) > 1 else None) as run:
        print(section(run, started(run, rounds=ROUNDS)).text)


def started(run: Trained, *, rounds: int) -> Started:
    """Start all of them, in turn."""
    seconds, weights = defaultdict(list), defaultdict(list)
    for _ in range(rounds):
        for name in (OURS, BENTOML, HELLO):
            with serving(name, run) as server:
                seconds[name].append(server.seconds_to_ready)
                weights[name].append(server.memory_mib())
    return Started(
        {name: median(of_rounds) for name, of_rounds in seconds.items()},
        {name: median(of_rounds) for name, of_rounds in weights.items()},
    )


def section(run: Trained, found: Started) -> Section:
    """Measure our memory with more workers, and describe all results."""
    by_workers = {}
    for workers in WORKERS:
        with serving(OURS, run, workers=workers) as server:
            by_workers[workers] = server.memory_mib()
    a_worker = (by_workers[WORKERS[-1]] - by_workers[1]) / (WORKERS[-1] - 1)
    rows = [(name, f"{found.seconds[name]:.2f}", f"{found.mib[name]:.0f}") for name in found.mib]
    return Section(
        title="Starting",
        text=f"""\
Time from the start of `bentoml serve` until it is ready, and the unshared memory of its processes.
The servers are started in turn.

{markdown_table(("", "seconds to ready", "MiB"), rows)}

Our service takes {found.times(HELLO):.1f} times as long as a hello-world, \
{found.times(BENTOML):.1f} times as long as BentoML with a pickle.
Most of the difference is the import of all of scikit-learn: skops needs its list of estimators to
know which types it may trust (skops-dev/skops#237). Only the workers import it, after BentoML,
whose import is nearly all of a hello-world's start (bentoml/BentoML#720). Then three models are
read, verified and called once. Each additional worker needs {a_worker:.0f} MiB.
""",
        ratios=found.ratios,
    )


if __name__ == "__main__":
    main()
