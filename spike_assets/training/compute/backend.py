"""The choice of where joblib computes: on the cores of this machine, or on a Dask cluster."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal

from spike_assets.training.compute.errors import ComputeError

Backend = Literal["", "local", "dask"]


@contextmanager
def parallel_backend(place: Backend = "", *, scheduler: str = "") -> Iterator[None]:
    """Let joblib compute there for the length of the block; the results are the same.

    Args:
        place: Empty: the environment variable SPIKE_COMPUTE, or else `local`.
        scheduler: The Dask scheduler's address, as `tcp://host:8786`. Empty: the environment
            variable SPIKE_DASK_SCHEDULER. Not looked at for `local`.

    Raises:
        ComputeError: The place is neither, or no scheduler is named; or as `dask_cluster`.
    """
    chosen = place or os.environ.get("SPIKE_COMPUTE") or "local"
    if chosen == "local":
        yield
    elif chosen == "dask":
        # Here, because hardly anybody has a cluster, and importing Dask takes half a second.
        from spike_assets.training.compute.dask_cluster import dask_cluster  # noqa: PLC0415

        address = scheduler or os.environ.get("SPIKE_DASK_SCHEDULER")
        if not address:
            raise ComputeError(
                "to compute on Dask, SPIKE_DASK_SCHEDULER has to say where its scheduler is, "
                "as tcp://host:8786"
            )
        with dask_cluster(address):
            yield
    else:
        raise ComputeError(f"SPIKE_COMPUTE is {chosen!r}; expected 'local' or 'dask'")
