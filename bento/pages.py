"""The pages for people: the analyst's at `/`, the API's at `/docs`, and the files they need.

Every address in them is relative, because a proxy may serve them under a path of its own.
"""

import gzip
import hashlib
import mimetypes
import re
from functools import cached_property
from importlib.resources import files
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

_PAGE = Path(__file__).parent / "page"
_DOCS = Path(__file__).parent / "docs"

_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
        "connect-src 'self'; font-src 'self'; manifest-src 'self'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "Cache-Control": "no-cache",  # kept, and asked for again: a new version shows at once
    "Vary": "Accept-Encoding",
}
"""The policy: nothing but our own files, and the pictures within the API page's style sheet."""

_SWAGGER_UI = ("swagger-ui.css", "swagger-ui-bundle.js")


def page_routes() -> list[Route]:
    """Return a route for each file, so that no path is ever built from a request."""
    page, docs = _PAGE / "index.html", _DOCS / "index.html"
    ours = [path for path in sorted([*_PAGE.rglob("*"), *_DOCS.rglob("*")]) if path.is_file()]
    return [
        _route("/", page, _with_preloads(page.read_text())),
        _route("/docs", docs),
        *(_route(f"/{_url(path)}", path) for path in ours if path not in (page, docs)),
        *(_route(f"/docs/{name}", _swagger_ui() / name) for name in _SWAGGER_UI),
    ]


def _route(url: str, path: Path, text: str | None = None) -> Route:
    content = path.read_bytes() if text is None else text.encode()
    return Route(url, _StaticFile(content, mimetypes.guess_type(path)[0]).respond)


def _url(path: Path) -> str:
    return path.relative_to(_PAGE.parent).as_posix()


def _with_preloads(html: str) -> str:
    """Have every script loaded with the page, so that none waits until another asks for it."""
    scripts = sorted((_PAGE / "scripts").glob("*.js"))
    links = (f'<link rel="modulepreload" href="{_url(path)}">' for path in scripts)
    return html.replace("<!-- modulepreload -->", "\n  ".join(links))


def _swagger_ui() -> Path:
    """Find the API page's library in BentoML, whose own page loads a tracker from outside."""
    return Path(str(files("bentoml"))) / "_internal" / "server" / "static_content"


class _StaticFile:
    """A file, compressed once, and not sent again to a browser that has it."""

    def __init__(self, content: bytes, media_type: str | None) -> None:
        self._content = content
        self._media_type = media_type
        self._etag = f'"{hashlib.sha256(content).hexdigest()[:16]}"'

    async def respond(self, request: Request) -> Response:
        """Send it, or say that it has not changed."""
        headers = _HEADERS | {"ETag": self._etag}
        if self._etag in request.headers.get("If-None-Match", ""):
            return Response(status_code=304, headers=headers)
        content = self._content
        if _accepts_gzip(request.headers.get("Accept-Encoding", "")):
            content = self._compressed
            headers["Content-Encoding"] = "gzip"
        return Response(content, headers=headers, media_type=self._media_type)

    @cached_property
    def _compressed(self) -> bytes:
        return gzip.compress(self._content, compresslevel=6, mtime=0)


def _accepts_gzip(accept_encoding: str) -> bool:
    """Return whether a client accepts gzip (RFC 9110, 12.5.3); a weight of 0 forbids it."""
    codings = [part.partition(";") for part in accept_encoding.lower().split(",")]
    weights = {name.strip(): weight.replace(" ", "") for name, _, weight in codings}
    weight = weights.get("gzip", weights.get("*", "q=0"))
    return not re.fullmatch(r"q=0(\.0{0,3})?", weight)
