"""A cluster of real processes: the same to the last bit whatever happens, or a sentence why not.

Its scheduler and workers are started and killed here, and listen on this machine alone.
"""

import logging
import os
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
import pytest
from distributed import Client
from joblib import Parallel, delayed

from spike_assets.series.catalogue import FEATURE_NAMES
from spike_assets.training.backtest import forecast_history
from spike_assets.training.compute import dask_cluster
from spike_assets.training.compute.backend import parallel_backend
from spike_assets.training.compute.errors import ComputeError
from spike_assets.training.grid_search import ALPHA, DEGREE, K, search_grid
from spike_assets.training.notebook_baseline import notebook_forecasts, published_rows
from spike_assets.training.regressors import notebook_pipeline
from tests.support.dask_processes import START_LIMIT_S, dask_scheduler, dask_worker
from tests.support.forecast_case import made_up, tables

ORIGINS = range(119, 125)
ONE_A_YEAR = range(70, 106, 12)
"""So that a year, with its search of the grid, is one task of the notebook's."""


def history(**told: object) -> pd.DataFrame:
    return forecast_history(made_up(), origins=ORIGINS, **told)


def notebook(**told: object) -> dict[int, bytes]:
    data = made_up()
    given = tables(data)
    months = pd.DatetimeIndex((data.months + 1).astype("datetime64[us]"))
    rows = published_rows(given.precipitation, given.banco_central, months=months)
    found = notebook_forecasts(rows, data, origins=ONE_A_YEAR, **told)
    return {origin: prices.tobytes() for origin, prices in found.items()}


def grid() -> bytes:
    """Search one whose largest polynomials have enough terms for libraries to share out."""
    rows = np.random.default_rng(0).normal(size=(60, len(FEATURE_NAMES)))
    candidates = {K: (10,), DEGREE: (1, 5), ALPHA: (1.0,)}
    prices = 200 + rows @ np.arange(len(FEATURE_NAMES))
    found = search_grid(notebook_pipeline(None), candidates, rows, prices, folds=3)
    return found.fold_r2.tobytes()


class Local(NamedTuple):
    """The results of this machine, in this process."""

    history: pd.DataFrame
    notebook: dict[int, bytes]
    grid: bytes


@pytest.fixture(scope="module")
def local() -> Local:
    return Local(history(n_jobs=1), notebook(n_jobs=1), grid())


class Cluster:
    """Workers that a test may kill."""

    def __init__(self, scheduler: str, workers: Sequence[subprocess.Popen[bytes]]) -> None:
        self.scheduler = scheduler
        self._client = Client(scheduler, set_as_default=False)
        self._client.wait_for_workers(len(workers), timeout=START_LIMIT_S)
        self._by_address = {
            address: next(one for one in workers if one.pid == pid)
            for address, pid in self._client.run(os.getpid).items()
        }

    def kill_a_busy_worker(self) -> None:
        """Wait until there is one, and end the one that holds the most as SIGKILL ends it."""
        while not any((busy := self._client.processing()).values()):
            time.sleep(0.02)
        held = self._client.has_what()
        most = max(busy, key=lambda address: (len(held[address]), len(busy[address])))
        self._by_address[most].kill()
        self._by_address[most].wait()

    def n_workers(self) -> int:
        """Count those that the scheduler has."""
        return len(self._client.scheduler_info()["workers"])

    def close(self) -> None:
        """Go, and leave the workers to whoever started them."""
        self._client.close()


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """Three workers, one of which would do two things at once if it were let."""
    folder = tmp_path_factory.mktemp("cluster")
    with ExitStack() as stack:
        scheduler, _ = stack.enter_context(dask_scheduler(folder))
        workers = [
            stack.enter_context(dask_worker(scheduler, folder, threads=threads))
            for threads in (1, 1, 2)
        ]
        found = Cluster(scheduler, workers)
        stack.callback(found.close)
        yield found


def test_results_are_those_of_this_machine_to_the_last_bit(cluster: Cluster, local: Local):
    """The forecaster's from every origin, told as they come, the notebook's, and a grid."""
    told = []
    with parallel_backend("dask", scheduler=cluster.scheduler):
        table = history(progress=lambda *counts: told.append(counts))
        assert notebook() == local.notebook
        assert grid() == local.grid
    pd.testing.assert_frame_equal(table, local.history, check_exact=True)
    assert told == [(done, len(ORIGINS)) for done in range(1, len(ORIGINS) + 1)]


def test_nothing_is_computed_on_the_cluster_afterwards(cluster: Cluster):
    """Also where the block did not come to its end."""
    with parallel_backend("dask", scheduler=cluster.scheduler):
        assert os.getpid() not in Parallel()(delayed(os.getpid)() for _ in range(2))
    with pytest.raises(ZeroDivisionError), parallel_backend("dask", scheduler=cluster.scheduler):
        _ = 1 / 0
    assert Parallel()(delayed(os.getpid)() for _ in range(2)) == [os.getpid()] * 2


def test_error_of_a_task_is_raised_as_it_is(cluster: Cluster):
    """It comes back from the worker, with its message."""
    with (
        pytest.raises(ValueError, match="invalid literal for int"),
        parallel_backend("dask", scheduler=cluster.scheduler),
    ):
        Parallel()(delayed(int)(text) for text in ("1", "two"))


def test_history_is_the_same_if_a_worker_is_killed_in_the_middle(cluster: Cluster, local: Local):
    """Once the first forecast is told, and others are under way."""
    before = cluster.n_workers()

    def kill_one(done: int, total: int) -> None:
        assert total == len(ORIGINS)
        if done == 1:
            cluster.kill_a_busy_worker()

    with parallel_backend("dask", scheduler=cluster.scheduler):
        table = history(progress=kill_one)
    pd.testing.assert_frame_equal(table, local.history, check_exact=True)
    assert cluster.n_workers() == before - 1


def test_notebooks_forecasts_are_the_same_if_a_worker_is_killed_in_the_middle(
    cluster: Cluster, local: Local
):
    """Nothing that every task needs is kept by one worker alone."""
    before = cluster.n_workers()
    killing = threading.Thread(target=cluster.kill_a_busy_worker)
    with parallel_backend("dask", scheduler=cluster.scheduler):
        killing.start()
        forecasts = notebook()
    killing.join(timeout=START_LIMIT_S)
    assert forecasts == local.notebook
    assert cluster.n_workers() == before - 1


def failure(scheduler: str, compute: Callable[[], object]) -> str:
    """Return the sentence that comes of computing there."""
    with pytest.raises(ComputeError) as raised, parallel_backend("dask", scheduler=scheduler):
        compute()
    return str(raised.value)


def refusal(scheduler: str) -> str:
    """Return the sentence that comes before anything is computed there."""
    return failure(scheduler, lambda: pytest.fail("something was computed"))


@pytest.fixture
def _little_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dask_cluster, "PATIENCE_S", 0.5)


@contextmanager
def server(says: bytes) -> Iterator[str]:
    """Listen as no scheduler does: say something at once, or nothing at all."""
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def answer() -> None:
            connection, _ = listening.accept()
            with connection, suppress(ConnectionError):  # it is hung up on
                connection.sendall(says)
                connection.recv(1)

        talking = threading.Thread(target=answer if says else lambda: None)
        talking.start()
        yield f"tcp://127.0.0.1:{listening.getsockname()[1]}"
        talking.join(timeout=START_LIMIT_S)


@pytest.mark.usefixtures("_little_patience")
def test_scheduler_that_is_not_there_is_a_sentence(free_port):
    """Within seconds, though a client would go on trying."""
    address = f"tcp://127.0.0.1:{free_port()}"
    assert refusal(address) == f"no Dask scheduler answers at {address}"


@pytest.mark.usefixtures("_little_patience")
@pytest.mark.parametrize("says", [b"", b"HTTP/1.1 400 Bad Request\r\n\r\n"])
def test_server_that_is_no_scheduler_is_a_sentence(says: bytes):
    """One that is silent, for which a client would wait for ever, and one that is of the web."""
    with server(says) as address:
        assert refusal(address) == f"no Dask scheduler answers at {address}"


@pytest.mark.parametrize(
    ("address", "why"),
    [
        ("cluster", "missing port number in address 'cluster'"),
        ("http://127.0.0.1:8786", "unknown address scheme 'http'"),
        ("tls://127.0.0.1:8786", "TLS expects a `ssl_context` argument"),
    ],
)
def test_address_that_is_none_is_a_sentence(address: str, why: str):
    """It says what is wrong, and shows a right one."""
    found = refusal(address)
    assert found.startswith(f"the Dask scheduler's address {address!r} can't be used: {why}")
    assert found.endswith("; expected one as tcp://host:8786")


def other_version(folder: Path) -> dict[str, str]:
    """Return the settings of a worker on which another version of ours is installed."""
    installed = folder / "other" / "spike_assets-0.0.7.dist-info"
    installed.mkdir(parents=True)
    (installed / "METADATA").write_text("Name: spike-assets\nVersion: 0.0.7\n")
    return {"PYTHONPATH": str(installed.parent)}


def test_cluster_that_can_not_compute_is_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
):
    """It has no worker; other code; one that dies of its task, or goes; then no scheduler.

    Dask's client logs no traceback beside it.
    """
    logger = logging.getLogger("distributed.client")
    logger.addHandler(caplog.handler)
    impatient = {
        "DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES": "0",
        "DASK_DISTRIBUTED__SCHEDULER__NO_WORKERS_TIMEOUT": "0.2s",
    }
    with dask_scheduler(tmp_path, impatient) as (scheduler, process):
        with monkeypatch.context() as patched:
            patched.setattr(dask_cluster, "PATIENCE_S", 0.5)
            assert refusal(scheduler) == f"the Dask scheduler at {scheduler} has no worker"

        monkeypatch.setattr(dask_cluster, "PATIENCE_S", START_LIMIT_S)
        with dask_worker(scheduler, tmp_path, settings=other_version(tmp_path)):
            assert "has spike-assets 0.0.7; expected " in refusal(scheduler)

        gave_up = f"the Dask cluster at {scheduler} gave up: "
        with dask_worker(scheduler, tmp_path, threads=2):
            assert failure(
                scheduler, lambda: Parallel()(delayed(os._exit)(1) for _ in range(2))
            ).startswith(gave_up + "Attempted to run task")

        with dask_worker(scheduler, tmp_path) as worker:

            def lose_the_worker() -> None:
                worker.terminate()
                worker.wait()
                Parallel()(delayed(abs)(number) for number in (-1, -2))

            without = failure(scheduler, lose_the_worker)
            assert without.startswith(gave_up)
            assert without.endswith("waiting without any running workers.")

        def lose_the_scheduler() -> None:
            naps = Parallel(return_as="generator")(delayed(time.sleep)(0.1) for _ in range(50))
            next(naps)
            process.kill()
            list(naps)

        with dask_worker(scheduler, tmp_path):
            assert failure(scheduler, lose_the_scheduler).startswith(gave_up)

    logger.removeHandler(caplog.handler)
    assert caplog.records == []
