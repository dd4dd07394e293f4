"""A Dask cluster of processes on this machine: for tests to compute on, and to kill."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

DASK = Path(sys.executable).parent / "dask"
START_LIMIT_S = 60


@contextmanager
def dask_scheduler(
    folder: Path, settings: Mapping[str, str] | None = None
) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """Run a scheduler until the block ends; give its address and its process.

    Args:
        folder: For its log, and for the file in which it says where it listens.
        settings: Environment variables of Dask.
    """
    told = folder / "scheduler.json"
    arguments = ["scheduler", "--host", "127.0.0.1", "--port", "0", "--scheduler-file", str(told)]
    with _process([*arguments, "--dashboard-address", "127.0.0.1:0"], folder, settings) as process:
        deadline = time.monotonic() + START_LIMIT_S
        while not (told.exists() and told.read_text().endswith("}")):
            assert process.poll() is None, (folder / "scheduler.log").read_text()
            assert time.monotonic() < deadline, "the scheduler did not start"
            time.sleep(0.05)
        yield json.loads(told.read_text())["address"], process


@contextmanager
def dask_worker(
    scheduler: str, folder: Path, *, threads: int = 1, settings: Mapping[str, str] | None = None
) -> Iterator[subprocess.Popen[bytes]]:
    """Run a worker, without a nanny that would start it anew, until the block ends.

    It may need a few seconds before it joins.
    """
    own = ["--host", "127.0.0.1", "--nthreads", str(threads), "--local-directory", str(folder)]
    with _process(
        ["worker", scheduler, *own, "--no-nanny", "--dashboard-address", "127.0.0.1:0"],
        folder,
        settings,
    ) as process:
        yield process


@contextmanager
def _process(
    arguments: list[str], folder: Path, settings: Mapping[str, str] | None
) -> Iterator[subprocess.Popen[bytes]]:
    with (folder / f"{arguments[0]}.log").open("a") as log:
        process = subprocess.Popen(
            [DASK, *arguments],
            cwd=folder,
            env=os.environ | dict(settings or {}),
            stdout=log,
            stderr=log,
        )
    try:
        yield process
    finally:
        process.kill()
        process.wait()
