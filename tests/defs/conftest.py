"""A Dagster instance of its own for each test."""

from collections.abc import Iterator

import dagster as dg
import pytest


@pytest.fixture
def instance() -> Iterator[dg.DagsterInstance]:
    """An instance that remembers nothing of other tests."""
    with dg.DagsterInstance.ephemeral() as instance:
        yield instance
