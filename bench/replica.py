"""Resources of one replica of the service: the figures behind the manifests for Kubernetes.

    python -m bench.replica [DIR]

Trains on DIR, the folder with the real files, or on the embedded sample. Increases the load on the
service step by step, and prints the CPU time per answer, the requests in flight, and the memory.
The autoscaler uses the requests in flight: seconds spent in requests, per second.
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
    """Counters of a server at a moment, in seconds."""

    at: float
    of_processors: float
    in_requests: float

    @classmethod
    def by(cls, server: Server) -> "Taken":
        """Read the counters from the system and from the metrics of the server."""
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
        question: The request.
        load: The result of the load test.
        processors: Processors used.
        in_flight: Mean number of requests in progress.
    """

    question: Question
    load: Load
    processors: float
    in_flight: float

    @property
    def processor_ms(self) -> float:
        """CPU time per answer, in milliseconds."""
        return 1000 * self.processors / self.load.per_second


@dataclass(frozen=True)
class Replica:
    """Resources of one replica: memory in MiB before and after the load, and each load."""

    idle_mib: float
    used_mib: float
    busy: Sequence[Busy]

    def under(self, path: str, connections: int) -> Busy:
        """Return the measurement under a load."""
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
    """Increase the load on a replica step by step."""
    with serving(OURS, run) as server:
        idle_mib = server.memory_mib()
        found = [
            _busy(server, Question(path, body, connections=connections))
            for path, body in BODIES.items()
            for connections in CONNECTIONS
        ]
        return Replica(idle_mib, server.memory_mib(), found)


def section(replica: Replica) -> Section:
    """Describe the measurements."""
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
One process of the service. `/predict` gets two months, `/forecast` twelve.

{markdown_table(heading, rows)}

Its memory is {replica.idle_mib:.0f} MiB when it is ready and {replica.used_mib:.0f} MiB after the
load.
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
