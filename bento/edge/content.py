"""What a request says of its body, checked before the body is read."""

from http import HTTPStatus

from bento.edge.headers import RequestHeaders
from bento.edge.refusals import RejectedError

_JSON = b"application/json"
_UTF_8 = {b"utf-8", b"utf8"}


def check_content(headers: RequestHeaders) -> None:
    """Let through a body that is JSON in UTF-8, not compressed.

    Raises:
        RejectedError: It says that it is something else, or nothing.
    """
    kinds = headers.get(b"content-type", ())
    if len(kinds) != 1 or not _is_json(kinds[0]):
        raise _unsupported("Send JSON in UTF-8, with the header Content-Type: application/json")
    encodings = headers.get(b"content-encoding", ())
    if any(encoding.strip().lower() not in {b"", b"identity"} for encoding in encodings):
        raise _unsupported("Send the body as it is: no Content-Encoding is understood")


def _is_json(content_type: bytes) -> bool:
    kind, *parameters = content_type.lower().split(b";")
    if kind.strip() != _JSON:
        return False
    for parameter in parameters:
        name, _, value = parameter.partition(b"=")
        if name.strip() == b"charset" and value.strip().strip(b'"') not in _UTF_8:
            return False
    return True


def _unsupported(detail: str) -> RejectedError:
    return RejectedError(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, detail)
