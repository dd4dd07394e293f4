"""What one replica of the service takes: the figures behind the manifests for Kubernetes.

    python -m bench.replica [DIR]

Trains on DIR, the folder with the real files, or on the embedded sample. Puts rising load on the
service, and prints the time of processors that an answer takes, how many requests are in flight,
and the memory. Requests in flight are what the autoscaler looks at: seconds spent in requests, by
second.
"""

import re
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.request import urlopen

import psutil

from bench.contestants import OURS, serving
from bench.load import Load, put_load
from bench.questions import NOTEBOOK, Question
from bench.section import Section
from bench.server import Server
from bench.trained import Trained, trained
from spike_assets.training.report import markdown_table

CONNECTIONS = (1, 4, 16, 64)
BODIES = {"/predict": NOTEBOOK.question(2).body, "/forecast": b'{"horizon": 12, "levels": [80]}'}
IN_REQUESTS = re.compile(
    r"^bentoml_service_request_duration_seconds_sum\{.*\} (\S+)$", re.MULTILINE
)


@dataclass(frozen=True)
class Taken:
    """What a server took until a moment, in seconds."""

    at: float
    of_processors: float
    in_requests: float

    @classmethod
    def by(cls, server: Server) -> "Taken":
        """Ask the system and the server's own metrics."""
        process = psutil.Process(server.pid)
        times = [one.cpu_times() for one in (process, *process.children(recursive=True))]
        with urlopen(f"{server.url}/metrics") as answer:  # noqa: S310 (this machine's)
            metrics = answer.read().decode()
        return cls(
            at=time.monotonic(),
            of_processors=sum(one.user + one.system for one in times),
            in_requests=sum(map(float, IN_REQUESTS.findall(metrics))),
        )


@dataclass(frozen=True)
class Busy:
    """A replica under load.

    Attributes:
        question: What it was asked.
        load: What came of it.
        processors: How many it used.
        in_flight: How many requests it had at a time, on average.
    """

    question: Question
    load: Load
    processors: float
    in_flight: float

    @property
    def processor_ms(self) -> float:
        """Milliseconds of a processor that an answer takes."""
        return 1000 * self.processors / self.load.per_second


@dataclass(frozen=True)
class Replica:
    """What one replica takes: memory in MiB before and after the load, and under load."""

    idle_mib: float
    used_mib: float
    busy: Sequence[Busy]

    def under(self, path: str, connections: int) -> Busy:
        """Find what it did under a load."""
        return next(
            one
            for one in self.busy
            if (one.question.path, one.question.connections) == (path, connections)
        )


def main() -> None:
    """Measure and print."""
    with trained(sys.argv[1] if len(sys.argv) > 1 else None) as run:
        print(section(measured(run)).text)


def measured(run: Trained) -> Replica:
    """Put rising load on a replica."""
    with serving(OURS, run) as server:
        idle_mib = server.memory_mib()
        found = [
            _busy(server, Question(path, body, connections=connections))
            for path, body in BODIES.items()
            for connections in CONNECTIONS
        ]
        return Replica(idle_mib, server.memory_mib(), found)


def section(replica: Replica) -> Section:
    """Put it into words."""
    rows = [
        (
            f"`{one.question.path}`",
            f"{one.question.connections}",
            f"{one.load.per_second:,.0f}",
            f"{one.load.p99_ms:.1f}",
            f"{one.processor_ms:.2f}",
            f"{one.processors:.2f}",
            f"{one.in_flight:.1f}",
        )
        for one in replica.busy
    ]
    heading = ("", "connections", "answers a second", "p99 ms", "CPU ms each", "CPUs", "in flight")
    return Section(
        title="A replica",
        text=f"""\
One process of the service. `/predict` is asked for two months, `/forecast` for twelve.

{markdown_table(heading, rows)}

Its memory is {replica.idle_mib:.0f} MiB when it is ready and {replica.used_mib:.0f} MiB after that.
""",
    )


def _busy(server: Server, question: Question) -> Busy:
    before = Taken.by(server)
    load = put_load(server.url, question)
    after = Taken.by(server)
    seconds = after.at - before.at
    return Busy(
        question,
        load,
        processors=(after.of_processors - before.of_processors) / seconds,
        in_flight=(after.in_requests - before.in_requests) / seconds,
    )


if __name__ == "__main__":
    main()
