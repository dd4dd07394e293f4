"""Requests to the servers: the two months of the example, in the protocol of each."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

from spike_assets.series.catalogue import FEATURE_NAMES

EXAMPLE = Path("examples/request.json")


@dataclass(frozen=True)
class Question:
    """A request that is sent over and over.

    Attributes:
        path: Where.
        body: JSON.
        connections: How many ask at a time, each one request after the other.
        seconds: For how long.
    """

    path: str
    body: bytes
    connections: int = 1
    seconds: int = 5


@dataclass(frozen=True)
class Protocol:
    """Format of prediction requests and answers of a server.

    Attributes:
        path: Where.
        write: Function from months to the JSON body.
        read: Function from the answer to the prices.
    """

    path: str
    write: Callable[[list[dict[str, float]]], Any]
    read: Callable[[Any], list[float]]

    def question(self, n_rows: int, *, connections: int = 1, seconds: int = 5) -> Question:
        """Build a request for `n_rows` months."""
        body = json.dumps(self.write(_months(n_rows))).encode()
        return Question(self.path, body, connections=connections, seconds=seconds)

    def predictions(self, url: str, n_rows: int) -> list[float]:
        """Send one request, and return the prices."""
        body = self.question(n_rows).body
        request = Request(url + self.path, body, {"Content-Type": "application/json"})  # noqa: S310
        with urlopen(request, timeout=60) as answer:  # noqa: S310 (this machine's)
            return self.read(json.load(answer))


def _months(n: int) -> list[dict[str, float]]:
    months = json.loads(EXAMPLE.read_text())["query"]
    in_order = [{name: month[name] for name in FEATURE_NAMES} for month in months]
    return [in_order[at % len(in_order)] for at in range(n)]


def _as_tensor(months: list[dict[str, float]]) -> Any:
    rows = [list(month.values()) for month in months]
    tensor = {"name": "rows", "shape": [len(rows), len(rows[0])], "datatype": "FP64", "data": rows}
    return {"inputs": [tensor]}


NOTEBOOK = Protocol(
    "/predict",
    write=lambda months: {"query": months},
    read=lambda answer: [float(price) for price in answer["prediction"]],
)
"""The contract of the notebook's service."""

OPEN_INFERENCE = Protocol(
    "/v2/models/milk/infer",
    write=_as_tensor,
    read=lambda answer: [float(price) for price in answer["outputs"][0]["data"]],
)
"""The Open Inference Protocol, version 2."""

MLFLOW_SCORING = Protocol(
    "/invocations",
    write=lambda months: {"inputs": [list(month.values()) for month in months]},
    read=lambda answer: [float(price) for price in answer["predictions"]],
)
"""The protocol of MLflow's scoring server."""
