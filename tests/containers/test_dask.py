"""The backtest on workers in containers: the same bytes, even if one of them is killed."""

from collections.abc import Iterator

import pytest

from tests.containers.stack import RUN_LIMIT_S, seconds_until

FILES = tuple(
    f"/var/lib/spike-assets/storage/{asset}.parquet" for asset in ("forecast_history", "backtest")
)
"""What the cluster computes."""

BUSY_WORKERS = """
from distributed import Client

with Client("tcp://dask-scheduler:8786", timeout=10) as client:
    print(sum(1 for tasks in client.processing().values() if tasks))
"""
N_WORKERS = 2


@pytest.fixture(scope="module")
def local(trained, stack) -> str:
    """The hashes of what the code server computed by itself."""
    return _hashes(stack)


@pytest.fixture(scope="module")
def workers(local, stack) -> Iterator[list[str]]:
    """Two workers that the code server is told to use, for as long as the tests here take."""
    profile = {"COMPOSE_PROFILES": "dask"}
    stack.up("--scale", f"dask-worker={N_WORKERS}", SPIKE_COMPUTE="dask", **profile)
    yield stack.ids("dask-worker")
    stack.compose("rm", "--stop", "--force", "dask-worker", "dask-scheduler", **profile)
    stack.up()


def test_two_workers_give_the_same_bytes(workers, local, stack, ui):
    """As one machine did."""
    stack.execute("dagster-code", "rm", *FILES)
    run_id = ui.launch("train")
    _wait_until_all_are_busy(stack)
    ui.wait_for(run_id, "SUCCESS")

    assert _hashes(stack) == local


def test_worker_that_is_killed_changes_nothing(workers, local, stack, ui):
    """The other does its tasks, and it comes back."""
    stack.execute("dagster-code", "rm", FILES[-1])
    run_id = ui.launch(assets=["backtest"])
    _wait_until_all_are_busy(stack)
    stack.kill(workers[0])
    ui.wait_for(run_id, "SUCCESS")

    assert _hashes(stack) == local
    assert sorted(one["RestartCount"] for one in stack.inspected("dask-worker")) == [0, 1]


@pytest.mark.parametrize("name", ["proxy", "bento", "dagster-webserver", "postgres"])
def test_scheduler_is_out_of_reach(workers, stack, name):
    """It runs whatever it is sent, so only the code server knows its name."""
    command = "getent hosts dask-scheduler || echo unknown"

    assert stack.execute(name, "sh", "-c", command).strip() == "unknown"


def _wait_until_all_are_busy(stack) -> None:
    def n_busy() -> int:
        return int(stack.execute("dagster-code", "python", "-c", BUSY_WORKERS))

    seconds_until(lambda: n_busy() == N_WORKERS, limit_s=RUN_LIMIT_S)


def _hashes(stack) -> str:
    return stack.execute("dagster-code", "sha256sum", *FILES)
