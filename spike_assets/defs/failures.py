"""Faults that a person can mend, shown as their message rather than as a traceback."""

from collections.abc import Iterator
from contextlib import contextmanager

import dagster as dg

from spike_assets.sources.errors import DataError


@contextmanager
def explained() -> Iterator[None]:
    """Turn a `DataError` into a step failure whose description is its message.

    Retrying is switched off: the data stays as it is until someone mends it.
    """
    try:
        yield
    except DataError as error:
        raise dg.Failure(str(error), allow_retries=False) from error
