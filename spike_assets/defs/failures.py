"""Faults that a person can mend, shown as their message rather than as a traceback."""

from collections.abc import Iterator
from contextlib import contextmanager

import dagster as dg

from spike_assets.registry.errors import ModelStoreError
from spike_assets.sources.errors import DataError


@contextmanager
def explained() -> Iterator[None]:
    """Turn a fault of the data or of the store into a step failure that is its message.

    Retrying is switched off: the data, or the disk, stays as it is until someone mends it.
    """
    try:
        yield
    except (DataError, ModelStoreError) as error:
        raise dg.Failure(str(error), allow_retries=False) from error
