"""A Dask cluster as the place where joblib computes.

Its workers need what is installed here, in the same versions, and processors of this machine's
kind, by which numerical libraries choose how they sum. A process does one task at a time, so they
should have one thread each: `dask worker --nthreads 1 --nworkers auto tcp://host:8786`.

What a lost worker was doing is done by the others. When all are lost, the next to join goes on; how
long to wait for it is Dask's setting `distributed.scheduler.no-workers-timeout`, for ever if unset.
"""

import asyncio
import logging
from collections.abc import Callable, Iterator
from concurrent.futures import CancelledError, Future
from contextlib import contextmanager
from typing import Any

from distributed import Client, KilledWorker, Security
from distributed.comm.core import connect
from distributed.scheduler import NoWorkerError
from joblib import parallel_config
from joblib._dask import DaskDistributedBackend  # private; checked with joblib 1.6.0

from spike_assets.training.compute.errors import ComputeError

PATIENCE_S = 5
"""For the scheduler to answer, and then for a worker to be there."""

PACKAGES = ("numpy", "scipy", "scikit-learn", "spike-assets")
"""On these the last bits of a result depend."""


@contextmanager
def dask_cluster(scheduler: str) -> Iterator[None]:
    """Let joblib compute on the scheduler's workers for the length of the block.

    Args:
        scheduler: Its address, as `tcp://host:8786`.

    Raises:
        ComputeError: The scheduler does not answer, or has no worker, or one with other
            versions; or the cluster gave up while it computed.
    """
    _require_answer(scheduler)
    with _unlogged(), Client(scheduler, timeout=PATIENCE_S, set_as_default=False) as client:
        _require_workers(client, scheduler)
        try:
            with parallel_config(backend=_Backend(client=client, wait_for_workers_timeout=0)):
                yield
        except (CancelledError, KilledWorker, NoWorkerError) as error:
            reason = str(error).partition("\n")[0]
            raise ComputeError(f"the Dask cluster at {scheduler} gave up: {reason}") from error


@contextmanager
def _unlogged() -> Iterator[None]:
    """Keep Dask's client from logging the traceback of a fault that is raised as a sentence."""
    logger = logging.getLogger("distributed.client")
    before = logger.level
    logger.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        logger.setLevel(before)


def _require_answer(scheduler: str) -> None:
    """Look for the scheduler first: a client waits for ever for one that is silent."""
    try:
        asyncio.run(_greet(scheduler))
    except (TypeError, ValueError) as error:
        raise ComputeError(
            f"the Dask scheduler's address {scheduler!r} can't be used: {error}; "
            "expected one as tcp://host:8786"
        ) from error
    # What another kind of server says is taken for a length that no memory holds.
    except (OSError, MemoryError) as error:
        raise ComputeError(f"no Dask scheduler answers at {scheduler}") from error


async def _greet(scheduler: str) -> None:
    arguments: dict[str, Any] = Security().get_connection_args("client")
    async with asyncio.timeout(PATIENCE_S):
        comm = await connect(scheduler, timeout=PATIENCE_S, **arguments)
    comm.abort()


def _require_workers(client: Client, scheduler: str) -> None:
    try:
        client.wait_for_workers(1, timeout=PATIENCE_S)
    except TimeoutError as error:
        raise ComputeError(f"the Dask scheduler at {scheduler} has no worker") from error
    versions: Any = client.get_versions(packages=list(PACKAGES))
    ours = versions["client"]["packages"]
    for worker, theirs in versions["workers"].items():
        for package in PACKAGES:
            found, expected = theirs["packages"].get(package), ours[package]
            if found != expected:
                raise ComputeError(
                    f"the Dask worker at {worker} has {package} {found}; expected {expected}"
                )


class _Backend(DaskDistributedBackend):  # type: ignore[misc]
    """joblib's own for Dask, mended where joblib 1.6 would wait for ever or not use the cluster."""

    def effective_n_jobs(self, n_jobs: int) -> int:
        """Count the workers' threads; for a single one joblib would compute here."""
        return max(2, int(super().effective_n_jobs(n_jobs)))

    def start_call(self) -> None:
        """Let arrays travel within tasks: joblib would lay them down at one worker for all."""
        super().start_call()
        self.call_data_futures: dict[object, object] | None = None

    def stop_call(self) -> None:
        """Do what joblib does, which empties what it believes to be there."""
        self.call_data_futures = {}
        super().stop_call()

    def submit(self, func: Callable[[], Any], callback: Callable[[Any], None]) -> Future[Any]:
        """Send tasks; call back with the reason if Dask gives them up, not with a result alone."""

        def tell(done: Future[Any]) -> None:
            if reason := done.exception():
                callback(reason)

        future: Future[Any] = super().submit(func, callback)
        future.add_done_callback(tell)
        return future

    def retrieve_result_callback(self, out: Any) -> Any:
        """Give what tasks returned, or raise why there is nothing."""
        if isinstance(out, BaseException):
            raise out
        return super().retrieve_result_callback(out)
