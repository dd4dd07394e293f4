"""Time of a small `/predict` request, layer by layer.

    python -m bench.layers [DIR]

Trains on DIR, the folder with the real files, or on the embedded sample. Calls the layers of the
service one inside the other, in one process and without a network: the whole application, the one
that BentoML makes without the edge around it, the method, the model. What a layer takes is what it
takes more than the one within.
"""

import asyncio
import json
import os
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Mapping
from statistics import median

from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope

from bench.load import Load
from bench.questions import NOTEBOOK
from bench.section import Section
from bench.trained import Trained, trained
from spike_assets.training.report import markdown_table

CALLS = 2_000
ROUNDS = 7

_running: set[asyncio.Future[None]] = set()
"""References to tasks that are never awaited, so that they are not garbage-collected."""

WHOLE, BENTO, METHOD, MODEL = "the whole application", "without the edge", "the method", "the model"


def main(arguments: list[str]) -> None:
    """Measure and print."""
    if arguments[:1] == ["--in-this-process"]:
        print(json.dumps(asyncio.run(_layers_ms())))
        return
    with trained(arguments[0] if arguments else None) as run:
        print(section(layers_ms(run), served=None).text)


def layers_ms(run: Trained) -> dict[str, float]:
    """Measure milliseconds per call, by layer, in a process with the environment of the service."""
    (run.folder / "metrics").mkdir(exist_ok=True)
    done = subprocess.run(
        [sys.executable, "-m", "bench.layers", "--in-this-process"],
        env=os.environ
        | run.environment
        | {"PROMETHEUS_MULTIPROC_DIR": str(run.folder / "metrics"), "BENTOML_DO_NOT_TRACK": "True"},
        capture_output=True,
        text=True,
        check=True,
    )
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found


def section(layers: Mapping[str, float], *, served: Load | None) -> Section:
    """Describe the times.

    Args:
        layers: As `layers_ms` gives it.
        served: What came of asking the same over one connection.
    """
    parts = {
        "the model": layers[MODEL],
        "reading, checking and writing: JSON, units, ranges, figures": layers[METHOD]
        - layers[MODEL],
        "BentoML and Starlette": layers[BENTO] - layers[METHOD],
        "the edge: keys, rate, limits, headers, both logs": layers[WHOLE] - layers[BENTO],
    }
    if served:
        parts["uvicorn, the network, and the client on the same cores"] = (
            served.p50_ms - layers[WHOLE]
        )
    total = sum(parts.values())
    rows = [(name, f"{ms:.3f}", f"{ms / total:.0%}") for name, ms in parts.items()]
    return Section(
        title="Where a request spends its time",
        text=f"""\
{markdown_table(("two rows to `/predict`", "ms", ""), [*rows, ("all", f"{total:.3f}", "")])}

The remaining overhead of BentoML can't be switched off: it makes a context and updates metrics for
every request (bentoml/BentoML#3431 and #2788). These parts are switched off: spans that nobody
exports; its timeout, which is a task and a timer per request; the repeated lookup of a method's
signature; its access log; and a thread for work that is shorter than the hand-over to a thread.
""",
    )


async def _layers_ms() -> dict[str, float]:
    # Not at the top: they read the environment, which is the service's in this process alone.
    from bento.api.predict import PredictRequest  # noqa: PLC0415
    from bento.endpoints.predict import predict  # noqa: PLC0415
    from bento.metrics import service_metrics  # noqa: PLC0415
    from bento.reloader import ModelReloader  # noqa: PLC0415
    from bento.service import MilkPriceService  # noqa: PLC0415
    from spike_assets.registry.model_store import ModelStore  # noqa: PLC0415

    body = NOTEBOOK.question(2).body
    reloader = ModelReloader(ModelStore(), service_metrics())
    reloader.check()
    rows = PredictRequest.model_validate_json(body).rows()

    async def method() -> None:
        request = Request(_scope(body), _receiving(body))
        asked = await PredictRequest.from_http_request(request, None)
        predict(asked, reloader.served).body.model_dump_json()

    async def model() -> None:
        reloader.served.regressor("model1").predict(rows)

    whole = MilkPriceService.to_asgi()
    await _started(whole)
    layers = {
        WHOLE: lambda: _ask(whole, body),
        BENTO: lambda: _ask(whole._app, body),
        METHOD: method,
        MODEL: model,
    }
    found: dict[str, list[float]] = {name: [] for name in layers}
    for _ in range(ROUNDS):
        for name, call in layers.items():
            found[name].append(await _call_ms(call))
    return {name: median(of_rounds) for name, of_rounds in found.items()}


async def _call_ms(call: Callable[[], Awaitable[None]]) -> float:
    for _ in range(CALLS // 10):
        await call()
    start = time.perf_counter()
    for _ in range(CALLS):
        await call()
    return 1000 * (time.perf_counter() - start) / CALLS


async def _ask(app: ASGIApp, body: bytes) -> None:
    statuses: list[int] = []

    async def send(message: Message) -> None:
        if message["type"] == "http.response.start":
            statuses.append(message["status"])

    await app(_scope(body), _receiving(body), send)
    if statuses != [200]:
        raise RuntimeError(f"the answer is {statuses}; expected a 200")


def _receiving(body: bytes) -> Receive:
    messages = iter([{"type": "http.request", "body": body, "more_body": False}])

    async def receive() -> Message:
        for message in messages:
            return message
        return await asyncio.Future()  # a client that stays

    return receive


def _scope(body: bytes) -> Scope:
    return {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "scheme": "http",
        "method": "POST",
        "path": NOTEBOOK.path,
        "raw_path": NOTEBOOK.path.encode(),
        "root_path": "",
        "query_string": b"",
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 5000),
        "state": {},
        "headers": [
            (b"host", b"127.0.0.1:5000"),
            (b"content-type", b"application/json"),
            (b"content-length", str(len(body)).encode()),
        ],
    }


async def _started(app: ASGIApp) -> None:
    """Start the application. It is never stopped: the process ends with the measurement."""
    is_started = asyncio.Event()
    messages = iter([{"type": "lifespan.startup"}])

    async def receive() -> Message:
        for message in messages:
            return message
        return await asyncio.Future()

    async def send(_message: Message) -> None:
        is_started.set()

    scope = {"type": "lifespan", "asgi": {"version": "3.0"}, "state": {}}
    _running.add(asyncio.ensure_future(app(scope, receive, send)))
    await is_started.wait()


if __name__ == "__main__":
    main(sys.argv[1:])
