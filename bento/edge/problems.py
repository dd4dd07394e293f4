"""HTTP errors, all in one form: problem details (RFC 9457); and requests that the edge rejects."""

import json
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

from pydantic import ValidationError
from starlette.responses import JSONResponse

MEDIA_TYPE = "application/problem+json"
MAX_FAULTS = 20
"""Faults listed in one response; a client that sends more has one mistake many times."""

MAX_FIELD_CHARACTERS = 200
"""Longer names of fields, which a client chose, are cut."""

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
"""The label of each status in metrics. Another 4xx is a `bad_request`, another 5xx an
`internal_error`."""

OVERLOADED = "overloaded"
"""The label of a 503 for load, rather than for a missing model."""

CLIENT_GONE = 499
"""The status logged when the client left before it had sent its request; nginx's number."""


class ProblemDetails(JSONResponse):
    """A response that holds problem details."""

    media_type = MEDIA_TYPE

    def render(self, content: Any) -> bytes:
        """Serialize in ASCII: text of a client may hold what no encoding can."""
        return json.dumps(content, separators=(",", ":")).encode("ascii")


class RejectedError(Exception):
    """The edge answers a request itself, with problem details."""

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
        self.reason = reason or reason_for(status)
        self.response = problem(status, detail, headers=headers)
        self.ends_connection = ends_connection
        """True if the client should stop sending, so that its next request needs a connection."""


class ClientGoneError(Exception):
    """The client closed the connection before it had sent its request."""


def problem(
    status: int,
    detail: str,
    *,
    errors: Sequence[Mapping[str, Any]] = (),
    headers: Mapping[str, str] | None = None,
) -> ProblemDetails:
    """Make a response of problem details.

    Args:
        status: The HTTP status.
        detail: What went wrong and what to do, for a person.
        errors: The faults, each with the `field` it is in and its `detail`; of a number out of
            range also the `minimum` or the `maximum` that is accepted.
        headers: Response headers to add.
    """
    body: dict[str, Any] = {
        "type": "about:blank",
        "title": title(status),
        "status": int(status),
        "detail": detail,
    }
    if errors:
        body["errors"] = list(errors)
    return ProblemDetails(body, status_code=status, headers=headers)


def failure(request_id: str) -> str:
    """Return the detail of an error that only the log describes."""
    return f"The service failed; details are in the log under request id {request_id}"


def invalid_request(error: ValidationError) -> ProblemDetails:
    """Make the response that lists the invalid fields of a request."""
    faults = [
        {"field": _field(fault["loc"]), "detail": fault["msg"], **_limits(fault.get("ctx", {}))}
        for fault in error.errors(include_url=False, include_input=False)
    ]
    first = faults[0]
    more = f" (and {len(faults) - 1} more)" if len(faults) > 1 else ""
    return problem(
        HTTPStatus.BAD_REQUEST,
        f"{first['field']}: {first['detail']}{more}",
        errors=faults[:MAX_FAULTS],
    )


def reason_for(status: int) -> str:
    """Return the label of a status of 400 or more."""
    other = "bad_request" if status < HTTPStatus.INTERNAL_SERVER_ERROR else "internal_error"
    return REASONS.get(status, other)


def title(status: int) -> str:
    """Return the phrase of a status, or of its class if HTTP does not define it."""
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return HTTPStatus(status // 100 * 100).phrase


def _limits(context: Mapping[str, Any]) -> dict[str, float]:
    """Return the limit that a number breaks, under the name that JSON Schema has for it."""
    names = {"ge": "minimum", "le": "maximum"}
    return {name: context[limit] for limit, name in names.items() if limit in context}


def _field(location: Sequence[int | str]) -> str:
    """Write `("query", 0, "ano")` as `query[0].ano`, and the whole of it as `body`."""
    path = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in location)
    return path.removeprefix(".")[:MAX_FIELD_CHARACTERS] or "body"
