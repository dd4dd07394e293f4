"""The containers as an operator has them: compose, the two doors, and Docker's view of each."""

import json
import os
import re
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

ROOT = Path(__file__).parents[2]
PROJECT = "spike-assets-test"

RUN_LIMIT_S = 1200
"""Longer than a run of `train` takes on a busy machine, a retry included."""

START_LIMIT_S = 600


def compose_command() -> list[str]:
    """Give Compose 1 if it is there, else Compose 2."""
    old = shutil.which("docker-compose")
    return [old] if old else [docker_command(), "compose"]


def docker_command() -> str:
    """Give the client of the engine; `DOCKER_HOST` says where that is."""
    return shutil.which("docker") or "docker"


def output_of(command: list[str], environment: Mapping[str, str] | None = None) -> str:
    """Run a command that has to succeed, and give what it printed."""
    done = subprocess.run(
        command,
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=START_LIMIT_S * 2,
        check=False,
    )
    assert done.returncode == 0, f"{' '.join(command)}\n{done.stdout[-4000:]}"
    return done.stdout


class Stack:
    """A project of Compose, on free ports of loopback.

    Args:
        service_port: Where the service is published.
        ui_port: Where the Dagster UI is published.
        env_file: Settings, in place of the operator's `.env`.
    """

    def __init__(self, *, service_port: int, ui_port: int, env_file: Path) -> None:
        self.service_port = service_port
        self.ui_port = ui_port
        self._env_file = env_file

    def compose(self, *arguments: str, **settings: str) -> str:
        """Run a command of Compose, untouched by what the operator of this machine has set."""
        inherited = {
            name: value for name, value in os.environ.items() if not name.startswith("SPIKE_")
        }
        command = [*compose_command(), "--env-file", str(self._env_file), "-p", PROJECT, *arguments]
        ports = {
            "SPIKE_SERVICE_PORT": str(self.service_port),
            "SPIKE_UI_PORT": str(self.ui_port),
        }
        return output_of(command, inherited | ports | settings)

    def up(self, *arguments: str, **settings: str) -> None:
        """Start everything, and wait until it is healthy."""
        self.compose("up", "--detach", *arguments, **settings)
        self.wait_until_healthy()

    def wait_until_healthy(self) -> float:
        """Wait until whatever runs is healthy; say how long that took."""
        return seconds_until(
            lambda: all(
                state["Status"] == "exited" or state.get("Health", {}).get("Status") == "healthy"
                for state in self.states().values()
            ),
            limit_s=START_LIMIT_S,
        )

    def states(self) -> dict[str, Any]:
        """Give the state of every container that serves, by name."""
        return {
            one["Name"]: one["State"]
            for one in self.inspected()
            if one["Config"]["Labels"]["com.docker.compose.service"] not in {"init", "first-run"}
        }

    def inspected(self, *services: str) -> list[dict[str, Any]]:
        """Look at containers, running or not, those of all services if none is named."""
        ids = self.ids(*services)
        return json.loads(output_of([docker_command(), "inspect", *ids])) if ids else []

    def ids(self, *services: str) -> list[str]:
        """Give the ids of containers, running or not, those of all services if none is named."""
        every = ["oneoff=False", f"project={PROJECT}"]
        found = []
        for labels in [[*every, f"service={one}"] for one in services] or [every]:
            filters = [f"--filter=label=com.docker.compose.{label}" for label in labels]
            found += output_of([docker_command(), "ps", "-aq", *filters]).split()
        return found

    def execute(self, service: str, *command: str) -> str:
        """Run a command in a container of a service."""
        return output_of([docker_command(), "exec", self.ids(service)[0], *command])

    def kill(self, container_id: str) -> None:
        """Kill what runs in a container, as running out of memory would."""
        command = [docker_command(), "exec", container_id, "sh", "-c", "kill -s KILL -- -1"]
        subprocess.run(command, check=False, capture_output=True, timeout=60)

    @contextmanager
    def hanging(self, container_id: str) -> Iterator[None]:
        """Freeze what runs in a container for the length of the block."""
        output_of([docker_command(), "pause", container_id])
        try:
            yield
        finally:
            output_of([docker_command(), "unpause", container_id])

    def printed_login(self) -> tuple[str, str]:
        """Read the key and the password from where an operator does."""
        printed = self.compose("logs", "--no-color", "init")
        keys, passwords = re.findall(r"key (\S+)", printed), re.findall(r"password (\S+)", printed)
        return keys[-1], passwords[-1]

    def service(self, *, key: bool = True) -> httpx.Client:
        """Give a client of the service."""
        headers = {"X-API-Key": self.printed_login()[0]} if key else {}
        return httpx.Client(
            base_url=f"http://127.0.0.1:{self.service_port}", headers=headers, timeout=30
        )

    def ui(self, *, login: bool = True) -> httpx.Client:
        """Give a client of the Dagster UI."""
        auth = ("dagster", self.printed_login()[1]) if login else None
        return httpx.Client(base_url=f"http://127.0.0.1:{self.ui_port}", auth=auth, timeout=60)


def seconds_until(holds: Callable[[], Any], *, limit_s: float) -> float:
    """Wait until something holds, and say how long that took."""
    started_s = time.monotonic()
    while not holds():
        assert time.monotonic() < started_s + limit_s, f"not within {limit_s} s"
        time.sleep(1)
    return time.monotonic() - started_s
