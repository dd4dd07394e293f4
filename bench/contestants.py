"""Registry of the compared servers: ours and its peers, all with the same model."""

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from bench.questions import MLFLOW_SCORING, NOTEBOOK, OPEN_INFERENCE, Protocol
from bench.server import Server, running
from bench.trained import Trained

BIN = Path(sys.executable).parent
ROOT = Path(__file__).parents[1]

OURS = "spike-assets"
FLASK = "Flask, model loaded per request"
FASTAPI = "FastAPI and a DataFrame"
BENTOML = "BentoML alone"
MLSERVER = "MLServer"
MLFLOW = "`mlflow models serve`"
CEILING = "bare ASGI, the ceiling"
HELLO = "hello-world Bento"


@dataclass(frozen=True)
class Contestant:
    """A server to compare: its start command and its protocol.

    Attributes:
        command: With `{port}` where the port belongs, and `{model}` for the pickled pipeline.
        ready: The path that answers 200 when it is ready.
        environment: Variables, with the same two.
        protocol: Format of its prediction requests.
        prepared_by: A command that runs before its start, with `{model}`.
    """

    command: tuple[str | Path, ...]
    ready: str = "/ready"
    environment: Mapping[str, str] = field(default_factory=dict)
    protocol: Protocol = NOTEBOOK
    prepared_by: tuple[str | Path, ...] = ()


def _program(name: str) -> Contestant:
    command = (sys.executable, "-m", f"bench.peers.{name}")
    return Contestant(command, environment={"PORT": "{port}", "MODEL": "{model}"})


def _bento(service: str) -> Contestant:
    command = (BIN / "bentoml", "serve", service, "--port", "{port}")
    return Contestant(command, ready="/readyz", environment={"MODEL": "{model}"})


CONTESTANTS: Mapping[str, Contestant] = {
    OURS: Contestant(
        (BIN / "bentoml", "serve"), ready="/readyz", environment={"BENTOML_PORT": "{port}"}
    ),
    BENTOML: _bento("bench.peers.bento_app:Milk"),
    FASTAPI: _program("fastapi_app"),
    FLASK: _program("flask_app"),
    MLSERVER: Contestant(
        (ROOT / ".venv-mlserver" / "bin" / "mlserver", "start", "."),
        ready="/v2/models/milk/ready",
        environment={
            "PYTHONPATH": str(ROOT),
            "MLSERVER_HOST": "127.0.0.1",
            "MLSERVER_HTTP_PORT": "{port}",
            "MLSERVER_GRPC_PORT": "0",
            "MLSERVER_METRICS_ENDPOINT": "",
            "MLSERVER_PARALLEL_WORKERS": "0",
            "MLSERVER_MODEL_NAME": "milk",
            "MLSERVER_MODEL_IMPLEMENTATION": "mlserver_sklearn.SKLearnModel",
            "MLSERVER_MODEL_URI": "{model}",
        },
        protocol=OPEN_INFERENCE,
    ),
    MLFLOW: Contestant(
        (
            *(ROOT / ".venv-mlflow" / "bin" / "mlflow", "models", "serve", "--model-uri"),
            *("{model}.mlflow", "--env-manager", "local", "--host", "127.0.0.1"),
            *("--port", "{port}"),
        ),
        ready="/ping",
        # It starts uvicorn by that name.
        environment={
            "PYTHONPATH": str(ROOT),
            "PATH": f"{ROOT / '.venv-mlflow' / 'bin'}:{os.environ['PATH']}",
        },
        protocol=MLFLOW_SCORING,
        prepared_by=(
            ROOT / ".venv-mlflow" / "bin" / "python",
            ROOT / "bench" / "peers" / "mlflow_model.py",
            "{model}",
            "{model}.mlflow",
        ),
    ),
    CEILING: _program("bare_app"),
    HELLO: _bento("bench.peers.hello_bento:Hello"),
}


@contextmanager
def serving(name: str, trained: Trained, *, workers: int = 1) -> Iterator[Server]:
    """Start a server on the models of a run.

    Args:
        name: A key of `CONTESTANTS`.
        trained: The run.
        workers: Worker processes of our server; ignored for others.
    """
    contestant = CONTESTANTS[name]
    model = str(trained.pickled_pipeline())

    def filled(text: str | Path) -> str:
        return str(text).replace("{model}", model)

    environment = {
        **trained.environment,
        "BENTOML_API_WORKERS": str(workers),
        **{variable: filled(value) for variable, value in contestant.environment.items()},
    }
    if contestant.prepared_by and not Path(f"{model}.mlflow").exists():
        command = [filled(part) for part in contestant.prepared_by]
        subprocess.run(command, check=True, capture_output=True, env=os.environ | environment)
    with running(
        [filled(part) for part in contestant.command],
        environment=environment,
        ready=contestant.ready,
        log=trained.folder / "server.log",
    ) as server:
        yield server
