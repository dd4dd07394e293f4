"""The joblib backend: the cores of this machine, or a Dask cluster."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal

from spike_assets.training.compute.errors import ComputeError

Backend = Literal["", "local", "dask"]


@contextmanager
def parallel_backend(backend: Backend = "", *, scheduler: str = "") -> Iterator[None]:
    """Select the joblib backend within the block; results do not depend on it.

    Args:
        backend: Empty: the environment variable SPIKE_COMPUTE, or else `local`.
        scheduler: The Dask scheduler's address, as `tcp://host:8786`. Empty: the environment
            variable SPIKE_DASK_SCHEDULER. Ignored for `local`.

    Raises:
        ComputeError: The backend is unknown, or no scheduler is named; or as `dask_cluster`.
    """
    chosen = backend or os.environ.get("SPIKE_COMPUTE") or "local"
    if chosen == "local":
        yield
    elif chosen == "dask":
        # Here, because few users have a cluster, and importing Dask takes half a second.
        from spike_assets.training.compute.dask_cluster import dask_cluster  # noqa: PLC0415

        address = scheduler or os.environ.get("SPIKE_DASK_SCHEDULER")
        if not address:
            raise ComputeError(
                "SPIKE_COMPUTE=dask needs the scheduler's address in SPIKE_DASK_SCHEDULER, "
                "as tcp://host:8786"
            )
        with dask_cluster(address):
            yield
    else:
        raise ComputeError(f"SPIKE_COMPUTE is {chosen!r}; expected 'local' or 'dask'")
