"""The Dask backend of joblib.

Workers need the packages that are installed here, in the same versions, and the same kind of
processor, because numerical libraries choose by it how they sum. A process runs one task at a time,
so give each worker one thread: `dask worker --nthreads 1 --nworkers auto tcp://host:8786`.

The tasks of a lost worker go to the others. When all are lost, the next one to join goes on. Dask's
setting `distributed.scheduler.no-workers-timeout` says how long to wait for it; unset is for ever.

joblib's Dask backend is a private module; checked with joblib 1.6.
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
"""Timeout for the scheduler to answer, and again for a first worker."""

PACKAGES = ("numpy", "scipy", "scikit-learn", "spike-assets")
"""The packages that the last bits of a result depend on."""


@contextmanager
def dask_cluster(scheduler: str) -> Iterator[None]:
    """Run joblib's tasks on the scheduler's workers within the block.

    Args:
        scheduler: Its address, as `tcp://host:8786`.

    Raises:
        ComputeError: The scheduler does not answer, has no worker, or has a worker with other
            versions; or the cluster gave up during the block.
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
    """Silence the Dask client's traceback of an error that is raised as one sentence."""
    logger = logging.getLogger("distributed.client")
    before = logger.level
    logger.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        logger.setLevel(before)


def _require_answer(scheduler: str) -> None:
    """Connect to the scheduler first: a client waits for ever for a silent one."""
    try:
        asyncio.run(_greet(scheduler))
    except (TypeError, ValueError) as error:
        raise ComputeError(
            f"the Dask scheduler's address {scheduler!r} can't be used: {error}; "
            "expected one as tcp://host:8786"
        ) from error
    # The reply of another kind of server is read as a length that no memory holds.
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
    """joblib's Dask backend, with fixes where joblib 1.6 waits for ever or skips the cluster."""

    def effective_n_jobs(self, n_jobs: int) -> int:
        """Return the number of worker threads, at least 2: with one, joblib computes here."""
        return max(2, int(super().effective_n_jobs(n_jobs)))

    def start_call(self) -> None:
        """Send arrays within tasks: joblib would store them on one worker for all."""
        super().start_call()
        self.call_data_futures: dict[object, object] | None = None

    def stop_call(self) -> None:
        """Stop the call; joblib empties this dictionary, so it must exist."""
        self.call_data_futures = {}
        super().stop_call()

    def submit(self, func: Callable[[], Any], callback: Callable[[Any], None]) -> Future[Any]:
        """Submit a task; call back with the exception too, not only with a result."""

        def report_failure(done: Future[Any]) -> None:
            if reason := done.exception():
                callback(reason)

        future: Future[Any] = super().submit(func, callback)
        future.add_done_callback(report_failure)
        return future

    def retrieve_result_callback(self, out: Any) -> Any:
        """Return the result of the tasks, or raise their exception."""
        if isinstance(out, BaseException):
            raise out
        return super().retrieve_result_callback(out)
