"""Files that are sent as they are: compressed once, and not sent again to whoever has them."""

import gzip
import hashlib
import mimetypes
from functools import cached_property
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response


class StaticFile:
    """A file and how it is sent.

    Args:
        path: The file.
        headers: Response headers to add.
    """

    def __init__(self, path: Path, headers: dict[str, str] | None = None) -> None:
        self._path = path
        self._headers = headers or {}

    async def respond(self, request: Request) -> Response:
        """Send it; or, to a browser that has it already, only say so."""
        headers = self._headers | {
            "ETag": self._etag,
            "Cache-Control": "no-cache",  # kept, and asked for again: a new version shows at once
            "Vary": "Accept-Encoding",
        }
        if self._etag in request.headers.get("If-None-Match", ""):
            return Response(status_code=304, headers=headers)
        content = self._content
        if "gzip" in request.headers.get("Accept-Encoding", ""):
            content = self._compressed
            headers["Content-Encoding"] = "gzip"
        return Response(content, headers=headers, media_type=mimetypes.guess_type(self._path)[0])

    @cached_property
    def _content(self) -> bytes:
        return self._path.read_bytes()

    @cached_property
    def _compressed(self) -> bytes:
        return gzip.compress(self._content, compresslevel=6, mtime=0)

    @cached_property
    def _etag(self) -> str:
        return f'"{hashlib.sha256(self._content).hexdigest()[:16]}"'
