"""Limits of load: requests of one client in a window of time, and requests in progress."""

import math
from collections import OrderedDict
from dataclasses import dataclass
from http import HTTPStatus
from time import monotonic
from types import TracebackType

from bento.edge.problems import OVERLOADED, RejectedError
from bento.settings import Rate

MAX_CLIENTS = 65_536
"""Clients counted at a time, about 20 MB of them; beyond, the oldest count is dropped."""


@dataclass(slots=True)
class _Window:
    end_s: float
    n_requests: int = 0


class RateLimit:
    """A rate for each client, counted in a window that starts with its first request.

    All windows have the same length, so they end in the order in which they started, and those
    that have ended are in front.
    """

    def __init__(self, rate: Rate) -> None:
        self._rate = rate
        self._windows: OrderedDict[str, _Window] = OrderedDict()

    @property
    def n_clients(self) -> int:
        """The number of clients that are counted."""
        return len(self._windows)

    def count(self, client: str) -> None:
        """Count a request.

        Raises:
            RejectedError: The client sent too many.
        """
        now_s = monotonic()
        self._drop_ended(now_s)
        window = self._windows.get(client)
        if window is None:
            if len(self._windows) >= MAX_CLIENTS:
                self._windows.popitem(last=False)
            window = self._windows[client] = _Window(end_s=now_s + self._rate.window_s)
        window.n_requests += 1
        if window.n_requests > self._rate.n_requests:
            wait_s = max(1, math.ceil(window.end_s - now_s))
            raise RejectedError(
                HTTPStatus.TOO_MANY_REQUESTS,
                f"The rate limit is {self._rate}; retry in {wait_s} s",
                headers={"Retry-After": str(wait_s)},
            )

    def _drop_ended(self, now_s: float) -> None:
        while self._windows:
            oldest = next(iter(self._windows))
            if self._windows[oldest].end_s > now_s:
                return
            del self._windows[oldest]


class ConcurrencyLimit:
    """A number of requests in progress; rejects instead of queueing when at capacity.

    A context manager that holds a slot while its block runs.
    """

    def __init__(self, n_slots: int) -> None:
        self._n_free = n_slots

    def __enter__(self) -> None:
        """Take a slot.

        Raises:
            RejectedError: None is free.
        """
        if self._n_free < 1:
            raise RejectedError(
                HTTPStatus.SERVICE_UNAVAILABLE,
                "Too many requests are in progress; retry in a second",
                reason=OVERLOADED,
                headers={"Retry-After": "1"},
            )
        self._n_free -= 1

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Release it."""
        self._n_free += 1
