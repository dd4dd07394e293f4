"""How long the service takes to start and what it weighs, beside two other Bentos.

    python -m bench.starting [DIR]

Trains on DIR, the folder with the real files, or on the embedded sample, and starts them in turn,
several times over: from the start of the process until `/readyz` answers 200. One says hello, the
other unpickles one pipeline and serves it.
"""

import sys
from collections import defaultdict
from statistics import median

from bench.contestants import BENTOML, HELLO, OURS, serving
from bench.section import Section
from bench.trained import Trained, trained
from spike_assets.forecasting.report import markdown_table

ROUNDS = 7
STARTED = (OURS, BENTOML, HELLO)
WORKERS = (1, 2, 4)


def main() -> None:
    """Measure and print."""
    with trained(sys.argv[1] if len(sys.argv) > 1 else None) as run:
        print(measured(run, rounds=ROUNDS).text)


def measured(run: Trained, *, rounds: int) -> Section:
    """Start them, and put into words what it took."""
    seconds, weights = defaultdict(list), defaultdict(list)
    for _ in range(rounds):
        for name in STARTED:
            with serving(name, run) as server:
                seconds[name].append(server.seconds_to_ready)
                weights[name].append(server.memory_mib())
    rows = [
        (name, f"{median(seconds[name]):.2f}", f"{median(weights[name]):.0f}") for name in STARTED
    ]
    times_hello = median(seconds[OURS]) / median(seconds[HELLO])
    times_alone = median(seconds[OURS]) / median(seconds[BENTOML])
    by_workers = {}
    for workers in WORKERS:
        with serving(OURS, run, workers=workers) as server:
            by_workers[workers] = server.memory_mib()
    a_worker = (by_workers[WORKERS[-1]] - by_workers[1]) / (WORKERS[-1] - 1)
    return Section(
        title="Starting",
        text=f"""\
From the start of `bentoml serve` until it is ready, and the memory that its processes share with
nobody else; median of {rounds} starts.

{markdown_table(("", "seconds to ready", "MiB"), rows)}

Ours takes {times_hello:.1f} times as long as a hello-world, {times_alone:.1f} times as long as \
BentoML with a pickle.
scikit-learn is the difference: loading it takes a second, with skops a half more, which asks it for
all its estimators to know what it may trust (skops-dev/skops#237). Only the workers load it, after
they have loaded BentoML, which is nearly all of a hello-world's start (bentoml/BentoML#720). Then
three models are read, verified and asked once. Each further worker adds {a_worker:.0f} MiB.
""",
        ratios={"speed of the start, to a hello-world Bento's": 1 / times_hello},
    )


if __name__ == "__main__":
    main()
