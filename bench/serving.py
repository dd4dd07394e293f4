"""Throughput and latency of our server and its peers, with the same model and body.

    python -m bench.serving [DIR]

Trains on DIR, the folder with the real files, or on the embedded sample. Starts the servers in
turn, several times over, and asks them with wrk on this machine, so that server and client share
its cores. All have to give the same answer. Takes some ten minutes.
"""

import sys
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from bench.contestants import (
    BENTOML,
    CEILING,
    CONTESTANTS,
    FASTAPI,
    FLASK,
    MLFLOW,
    MLSERVER,
    OURS,
    serving,
)
from bench.load import Load, middle, put_load
from bench.questions import NOTEBOOK, Question
from bench.section import Section
from bench.trained import Trained, trained
from spike_assets.training.report import markdown_table

ROUNDS = 3
WORKERS = (1, 2, 4)
PEERS = (BENTOML, FASTAPI, FLASK, MLSERVER, MLFLOW)
CONNECTIONS = (1, 16)

WARM_UP = NOTEBOOK.question(2, seconds=2)
SIXTEEN = NOTEBOOK.question(2, connections=16)
LARGE = NOTEBOOK.question(10_000, seconds=10)
FORECAST = Question("/forecast", b'{"horizon": 12}')
MINUTE = NOTEBOOK.question(2, seconds=60)


@dataclass(frozen=True)
class Found:
    """Medians of the rounds.

    Attributes:
        by_connections: Predictions of two rows, by server and connections.
        large: Predictions of 10,000 rows, by server.
        forecast: Forecasts by ours.
    """

    by_connections: Mapping[tuple[str, int], Load]
    large: Mapping[str, Load]
    forecast: Load


def main() -> None:
    """Measure and print."""
    with trained(sys.argv[1] if len(sys.argv) > 1 else None) as run:
        print(section(run, beside_peers(run, rounds=ROUNDS)).text)


def section(run: Trained, found: Found) -> Section:
    """Load our server for a minute and with more workers, and describe all results."""
    with serving(OURS, run) as server:
        put_load(server.url, WARM_UP)
        minute = put_load(server.url, MINUTE)
    by_workers = {workers: _with_workers(run, workers) for workers in WORKERS}
    return Section(
        title="Serving",
        text=_text(found, minute=minute, by_workers=by_workers),
        ratios=ratios(found),
    )


def ratios(found: Found) -> dict[str, float]:
    """Return the ratios of our results to those of the peers, by description."""
    by_peer = {
        f"requests a second, {n} connections, to {peer}": (
            found.by_connections[OURS, n].per_second / found.by_connections[peer, n].per_second
        )
        for n in CONNECTIONS
        for peer in (*PEERS, CEILING)
        if (peer, n) in found.by_connections
    }
    ours = found.by_connections[OURS, 1]
    return by_peer | {
        f"speed of 10,000 rows, to {CEILING}": (
            found.large[CEILING].p50_ms / found.large[OURS].p50_ms
        ),
        "speed of /forecast, to /predict": ours.p50_ms / found.forecast.p50_ms,
    }


def beside_peers(run: Trained, *, rounds: int, peers: Sequence[str] = PEERS) -> Found:
    """Load every server in turn.

    Raises:
        RuntimeError: A server gave another answer than ours, or failed.
    """
    small, large, forecast = defaultdict(list), defaultdict(list), []
    expected = None
    for _ in range(rounds):
        for name in (OURS, *peers, CEILING):
            protocol = CONTESTANTS[name].protocol
            with serving(name, run) as server:
                answer = protocol.predictions(server.url, 2)
                expected = expected or answer
                if not np.allclose(answer, expected, rtol=1e-9):
                    raise RuntimeError(f"{name} answers {answer}; expected {expected}")
                put_load(server.url, protocol.question(2, seconds=2))
                for n in CONNECTIONS:
                    small[name, n].append(put_load(server.url, protocol.question(2, connections=n)))
                if name in {OURS, CEILING}:
                    large[name].append(put_load(server.url, LARGE))
                if name == OURS:
                    forecast.append(put_load(server.url, FORECAST))
    return Found(
        by_connections={key: middle(loads) for key, loads in small.items()},
        large={name: middle(loads) for name, loads in large.items()},
        forecast=middle(forecast),
    )


def _with_workers(run: Trained, workers: int) -> Load:
    with serving(OURS, run, workers=workers) as server:
        put_load(server.url, WARM_UP)
        return put_load(server.url, SIXTEEN)


def _text(found: Found, *, minute: Load, by_workers: Mapping[int, Load]) -> str:
    servers = [
        (name, *(cell for n in CONNECTIONS for cell in _cells(found, name, n)))
        for name in (OURS, *PEERS, CEILING)
    ]
    heading = (
        "connections",
        *(f"{n}: {what}" for n in CONNECTIONS for what in ("a second", "of ceiling", "p50", "p99")),
    )
    ours, ceiling = found.by_connections[OURS, 1], found.large[CEILING]
    others = [
        (
            "`/predict`, 10,000 rows in one request",
            f"{found.large[OURS].p50_ms:.0f}",
            f"{found.large[OURS].p50_ms / ceiling.p50_ms:.1f} times the ceiling's",
        ),
        (
            "`/forecast`, twelve months",
            f"{found.forecast.p50_ms:.2f}",
            f"{found.forecast.p50_ms / ours.p50_ms:.1f} times that of two rows",
        ),
    ]
    workers = [
        (str(n), f"{load.per_second:,.0f}", f"{load.p50_ms:.1f}", f"{load.p99_ms:.1f}")
        for n, load in by_workers.items()
    ]
    return f"""\
Predictions of two rows by `model1`, with 1 and with 16 connections. Times are in milliseconds.
Our service checks keys, rates, sizes and every cell, converts units, updates metrics, and writes
two logs. The others do none of this.

{markdown_table(heading, servers)}

Over {MINUTE.seconds} seconds with one connection, the p99 of our service was \
{minute.p99_ms / minute.p50_ms:.1f} times its p50, and the maximum was {minute.longest_ms:.0f} ms.

{markdown_table(("ours", "p50", ""), others)}

{markdown_table(("workers", "a second, 16 connections", "p50", "p99"), workers)}
"""


def _cells(found: Found, name: str, connections: int) -> tuple[str, ...]:
    load = found.by_connections[name, connections]
    ceiling = found.by_connections[CEILING, connections]
    return (
        f"{load.per_second:,.0f}",
        f"{load.per_second / ceiling.per_second:.0%}",
        f"{load.p50_ms:.2f}",
        f"{load.p99_ms:.2f}",
    )


if __name__ == "__main__":
    main()
