"""Faults that a person can mend, shown as their message rather than as a traceback."""

from collections.abc import Iterator
from contextlib import contextmanager

import dagster as dg

from spike_assets.publishers.errors import PublisherError
from spike_assets.registry.errors import ModelStoreError
from spike_assets.sources.errors import DataError
from spike_assets.training.compute.errors import ComputeError


@contextmanager
def user_errors_as_failures() -> Iterator[None]:
    """Turn a fault of the data, the store or the cluster into a step failure that is its message.

    Retrying is switched off: each of them stays as it is until someone mends it.
    """
    try:
        yield
    except (ComputeError, DataError, ModelStoreError, PublisherError) as error:
        raise dg.Failure(str(error), allow_retries=False) from error
