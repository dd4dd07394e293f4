"""Content of answers that stays the same: compressed once, and not sent again to who has it."""

import gzip
import hashlib
import re
from collections.abc import Mapping
from functools import cached_property

from starlette.requests import Request
from starlette.responses import Response


class CachedContent:
    """The body of an answer, with the headers that go with it."""

    def __init__(
        self, content: bytes, media_type: str | None, headers: Mapping[str, str] | None = None
    ) -> None:
        self._content = content
        self._media_type = media_type
        self._etag = f'"{hashlib.sha256(content).hexdigest()[:16]}"'
        self._headers = {**(headers or {}), "ETag": self._etag, "Vary": "Accept-Encoding"}

    def respond(self, request: Request) -> Response:
        """Send it, or say that it has not changed."""
        if self._etag in request.headers.get("If-None-Match", ""):
            return Response(status_code=304, headers=self._headers)
        if _accepts_gzip(request.headers.get("Accept-Encoding", "")):
            headers = {**self._headers, "Content-Encoding": "gzip"}
            return Response(self._compressed, headers=headers, media_type=self._media_type)
        return Response(self._content, headers=self._headers, media_type=self._media_type)

    @cached_property
    def _compressed(self) -> bytes:
        return gzip.compress(self._content, compresslevel=6, mtime=0)


def _accepts_gzip(accept_encoding: str) -> bool:
    """Return whether a client accepts gzip (RFC 9110, 12.5.3); a weight of 0 forbids it."""
    codings = [part.partition(";") for part in accept_encoding.lower().split(",")]
    weights = {name.strip(): weight.replace(" ", "") for name, _, weight in codings}
    weight = weights.get("gzip", weights.get("*", "q=0"))
    return not re.fullmatch(r"q=0(\.0{0,3})?", weight)
