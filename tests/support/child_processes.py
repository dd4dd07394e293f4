"""Processes for tests to kill, forked from one that has imported everything: quick to start."""

import multiprocessing
import os
from collections.abc import Callable
from multiprocessing.context import ForkServerProcess
from typing import Any

PATIENCE_S = 60
"""Longer than any of them takes."""

CHILDREN = multiprocessing.get_context("forkserver")
CHILDREN.set_forkserver_preload(
    [
        "tests.test_model_store_faults",
        "tests.defs.test_io_manager",
        # What those import late.
        "bentoml.models",
        "dagster._core.storage.event_log",
        "pyarrow.parquet",
    ]
)


def started_child(function: Callable[..., object], *arguments: Any) -> ForkServerProcess:
    """Call a function of a test module in a process of its own, which ends with the tests' own.

    It has the environment variables of this moment; the process that it is forked from has those of
    its own start.
    """
    child = CHILDREN.Process(
        target=_call, args=(dict(os.environ), function, *arguments), daemon=True
    )
    child.start()
    return child


def _call(environment: dict[str, str], function: Callable[..., object], *arguments: object) -> None:
    os.environ.update(environment)
    function(*arguments)
