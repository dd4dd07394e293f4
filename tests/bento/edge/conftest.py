"""A running edge that the tests of a module share, where its settings don't matter."""

import pytest

from tests.bento.edge.small_service import running_edge


@pytest.fixture(scope="module")
def _shared_edge():
    with running_edge() as running:
        yield running


@pytest.fixture
def edge(_shared_edge):
    """An edge without keys and limits, that was told of no refusal yet."""
    _shared_edge.settle()
    _shared_edge.service.not_ready_because = ""
    return _shared_edge
