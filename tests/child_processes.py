"""Processes for tests to kill, forked from one that has imported everything: quick to start."""

import multiprocessing
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
    """Call a function of a test module in a process of its own, which ends with the tests' own."""
    child = CHILDREN.Process(target=function, args=arguments, daemon=True)
    child.start()
    return child
