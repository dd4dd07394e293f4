"""How many requests one client may send in a while."""

import math
import time
from collections import OrderedDict
from dataclasses import dataclass
from http import HTTPStatus

from limits import RateLimitItem
from limits.storage import Storage
from limits.strategies import FixedWindowRateLimiter

from bento.edge.refusals import RejectedError

MAX_CLIENTS = 65_536
"""Clients counted at a time, about 20 MB of them; beyond, the oldest count is forgotten."""


class RateLimit:
    """A limit such as 200 requests a second for each client, from its first request on."""

    def __init__(self, limit: RateLimitItem) -> None:
        self._limit = limit
        self._limiter = FixedWindowRateLimiter(WindowCounts())

    def count(self, client: str) -> None:
        """Count a request.

        Raises:
            RejectedError: The client sent too many.
        """
        if self._limiter.hit(self._limit, client):
            return
        window = self._limiter.get_window_stats(self._limit, client)
        wait_s = max(1, math.ceil(window.reset_time - time.monotonic()))
        raise RejectedError(
            HTTPStatus.TOO_MANY_REQUESTS,
            f"At most {self._limit} are answered; ask again in {wait_s} s",
            headers={"Retry-After": str(wait_s)},
        )


@dataclass(slots=True)
class _Window:
    ends_s: float
    n_requests: int = 0


class WindowCounts(Storage):
    """Counts in memory, for windows that all have the same length.

    The storage that comes with the library starts a thread for nearly every request, goes through
    all clients in it, and remembers any number of them. Here windows end in the order in which they
    began, so the ended ones are in front.
    """

    STORAGE_SCHEME = None  # not to be had by address

    def __init__(self) -> None:
        super().__init__()
        self._windows: OrderedDict[str, _Window] = OrderedDict()

    @property
    def base_exceptions(self) -> type[Exception]:
        """Give what may be raised when the store fails, which memory does not."""
        return OSError

    def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        """Count, in a window of `expiry` seconds if none is open; gives the count."""
        now_s = time.monotonic()
        self._forget_ended(now_s)
        window = self._windows.get(key)
        if window is None:
            if len(self._windows) >= MAX_CLIENTS:
                self._windows.popitem(last=False)
            window = self._windows[key] = _Window(ends_s=now_s + expiry)
        window.n_requests += amount
        return window.n_requests

    def get(self, key: str) -> int:
        """Give the count."""
        window = self._windows.get(key)
        return window.n_requests if window else 0

    def get_expiry(self, key: str) -> float:
        """Give when the window ends, in seconds of `time.monotonic`."""
        window = self._windows.get(key)
        return window.ends_s if window else time.monotonic()

    def check(self) -> bool:
        """Say that memory is there."""
        return True

    def reset(self) -> int:
        """Forget all counts; gives how many."""
        n_windows = len(self._windows)
        self._windows.clear()
        return n_windows

    def clear(self, key: str) -> None:
        """Forget the count of a client."""
        self._windows.pop(key, None)

    def _forget_ended(self, now_s: float) -> None:
        while self._windows:
            oldest = next(iter(self._windows))
            if self._windows[oldest].ends_s > now_s:
                return
            del self._windows[oldest]
