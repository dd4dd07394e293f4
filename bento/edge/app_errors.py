"""Errors that the application answered in another form, made into problem documents."""

import json
from collections.abc import Mapping
from http import HTTPStatus

from starlette.datastructures import Headers
from starlette.types import Message

from bento.edge.problems import MEDIA_TYPE, ProblemDetails, problem, title

MAX_ERROR_BYTES = 65_536
"""More of an error's body is not read."""

MAX_DETAIL_CHARACTERS = 1000

GENERAL_REASONS: Mapping[int, str] = {
    HTTPStatus.SERVICE_UNAVAILABLE: "The service can't answer now; ask again later",
    HTTPStatus.GATEWAY_TIMEOUT: "The answer took too long",
}

_OF_THE_OLD_BODY = {"content-type", "content-length", "content-encoding", "transfer-encoding"}


def is_foreign_error(start: Message) -> bool:
    """Say whether an answer that starts like this is an error, and no problem document."""
    if start["status"] < HTTPStatus.BAD_REQUEST:
        return False
    return not _headers(start).get("content-type", "").startswith(MEDIA_TYPE)


def as_problem(
    start: Message, body: bytes, *, request_id: str, tells_reason: bool
) -> ProblemDetails:
    """Make the problem document of an application's error, with its status and headers.

    Args:
        start: How the answer starts.
        body: Its body.
        request_id: Where to look in the log.
        tells_reason: Whether the body of a 5xx is a reason meant for clients. Else it may be
            anything, and is not shown.
    """
    status = start["status"]
    headers = _headers(start)
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR and not tells_reason:
        detail = GENERAL_REASONS.get(status) or failure(request_id)
    else:
        detail = _reason(headers.get("content-type", ""), body) or title(status)
    document = problem(status, detail[:MAX_DETAIL_CHARACTERS])
    for name, value in headers.items():
        if name not in _OF_THE_OLD_BODY:
            document.headers.append(name, value)
    return document


def failure(request_id: str) -> str:
    """Say that the service failed, and where the rest stands."""
    return f"The service failed; details are in the log under request id {request_id}"


def _headers(start: Message) -> Headers:
    return Headers(raw=list(start.get("headers", ())))


def _reason(content_type: str, body: bytes) -> str:
    """Read the reason in an error of Starlette, which is text, or of BentoML, which is JSON."""
    text = body.decode("utf-8", errors="replace").strip()
    if content_type.startswith("text/plain"):
        return text
    if content_type.startswith("application/json"):
        return _error_in(text)
    return ""


def _error_in(text: str) -> str:
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        return ""
    if isinstance(document, list) and document:
        document = document[0]  # BentoML's own error classes are answered in a list
    error = document.get("error") if isinstance(document, dict) else None
    return error if isinstance(error, str) else ""
