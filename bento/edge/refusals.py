"""Requests that are not answered as asked, and the words by which they are counted."""

from collections.abc import Mapping
from http import HTTPStatus

from bento.edge.problems import ProblemDetails, problem

REASONS: Mapping[int, str] = {
    HTTPStatus.BAD_REQUEST: "bad_request",
    HTTPStatus.UNAUTHORIZED: "unauthorized",
    HTTPStatus.FORBIDDEN: "forbidden",
    HTTPStatus.NOT_FOUND: "not_found",
    HTTPStatus.METHOD_NOT_ALLOWED: "method_not_allowed",
    HTTPStatus.REQUEST_TIMEOUT: "timeout",
    HTTPStatus.CONFLICT: "conflict",
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "too_large",
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE: "unsupported_media_type",
    HTTPStatus.TOO_MANY_REQUESTS: "rate_limited",
    HTTPStatus.INTERNAL_SERVER_ERROR: "internal_error",
    HTTPStatus.SERVICE_UNAVAILABLE: "unavailable",
    HTTPStatus.GATEWAY_TIMEOUT: "too_slow",
}
"""The word for each status. Another 4xx is a `bad_request`, another 5xx an `internal_error`."""

OVERLOADED = "overloaded"
"""The word for a 503 because too much is going on, rather than because no model is there."""


class RejectedError(Exception):
    """The edge answers a request itself, with a problem."""

    def __init__(
        self,
        status: HTTPStatus,
        detail: str,
        *,
        reason: str | None = None,
        headers: Mapping[str, str] | None = None,
        ends_connection: bool = False,
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.reason = reason or reason_for(status)
        self.headers = headers
        self.ends_connection = ends_connection
        """Whether the client is to give up sending, so that another request needs another one."""

    def document(self) -> ProblemDetails:
        """Write the answer."""
        return problem(self.status, self.detail, headers=self.headers)


class ClientGoneError(Exception):
    """The client closed the connection before it had sent its request."""


def reason_for(status: int) -> str:
    """Give the word for a status of 400 or more."""
    other = "bad_request" if status < HTTPStatus.INTERNAL_SERVER_ERROR else "internal_error"
    return REASONS.get(status, other)
