"""How many requests are worked on at a time."""

from http import HTTPStatus
from types import TracebackType

from bento.edge.refusals import OVERLOADED, RejectedError


class ConcurrencyLimit:
    """A number of places at work; who finds none is sent away rather than made to wait.

    A context manager that holds a place while its block runs.
    """

    def __init__(self, n_places: int) -> None:
        self._n_free = n_places

    def __enter__(self) -> None:
        """Take a place.

        Raises:
            RejectedError: None is free.
        """
        if self._n_free < 1:
            raise RejectedError(
                HTTPStatus.SERVICE_UNAVAILABLE,
                "Too many requests are being worked on; ask again in a second",
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
        """Leave it."""
        self._n_free += 1
