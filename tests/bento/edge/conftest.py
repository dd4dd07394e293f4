"""Running edges that the tests of a module share."""

from contextlib import ExitStack
from functools import cache

import pytest

from tests.bento.edge.small_service import running_edge


@pytest.fixture(scope="module")
def edge_with():
    """An edge with these settings, which has rejected nothing yet; the next test gets the same."""
    with ExitStack() as stack:

        @cache
        def started(**settings):
            return stack.enter_context(running_edge(**settings))

        def settled(**settings):
            running = started(**settings)
            running.settle()
            running.service.not_ready_because = ""
            return running

        yield settled


@pytest.fixture
def edge(edge_with):
    """An edge without keys and limits."""
    return edge_with()
