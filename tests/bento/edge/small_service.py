"""A small service made as BentoML makes its own, with the edge around it, on a real server."""

import asyncio
import io
import json
import logging
import socket
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx
from _bentoml_impl.server.mount import PassiveMount
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import (
    HTMLResponse,
    JSONResponse,
    PlainTextResponse,
    Response,
    StreamingResponse,
)
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from bento.connections import ConnectionLimits, WorkerConfig, WorkerServer
from bento.edge.context import current_request
from bento.edge.cors import with_cors
from bento.edge.edge import Edge
from bento.edge.logs import JsonLines
from bento.edge.prediction_log import PredictionLog
from bento.settings import Settings

KEY = "a-key-of-the-tests"
OTHER_KEY = "another-key-of-the-tests"
PATIENCE_S = 25
"""The longest wait for anything: a machine may be slow, and other tests keep it busy."""


class SmallService:
    """The application behind the edge; what it saw and does is in the hands of the test.

    Attributes:
        paths_seen: The paths that came through, as they would label metrics.
        may_finish: What requests to `/slow` wait for.
        not_ready_because: Why `/readyz` answers 503; empty if it is ready.
        life: What the server told the application.
    """

    def __init__(self) -> None:
        self.paths_seen: list[str] = []
        self.may_finish = threading.Event()
        self.not_ready_because = ""
        self.life: list[str] = []
        routes = [
            Route("/livez", self._text),
            Route("/healthz", self._text),
            Route("/readyz", self._ready),
            Route("/metrics", self._text),
            Route("/predict", self._predict, methods=["POST"]),
            Route("/slow", self._slow, methods=["POST"]),
            Route("/fail", self._fail, methods=["GET", "POST"]),
            Route("/fail-late", self._fail_late),
            Route("/error", self._error, methods=["GET", "POST"]),
            Route("/silent", _Silent()),
            Route("/half-an-error", _HalfAnError()),
        ]
        pages = Starlette(
            routes=[
                Route("/", self._page),
                Route("/models", self._text),
                Route("/models/{name}", self._text),
                Mount("/files", StaticFiles(directory=Path(__file__).parent)),
            ]
        )
        self.app = Starlette(
            routes=[
                *routes,
                PassiveMount("/", pages),
                Mount("/static_content", StaticFiles(directory=Path(__file__).parent)),
                Route("/static_content/hidden", self._text),
            ],
            lifespan=self._live,
        )
        self.app.add_middleware(_SeenPaths, seen=self.paths_seen)

    @asynccontextmanager
    async def _live(self, app: Starlette) -> AsyncIterator[None]:
        self.life.append("started")
        yield
        self.life.append("ended")

    async def _text(self, request: Request) -> Response:
        return PlainTextResponse("here")

    async def _page(self, request: Request) -> Response:
        headers = {
            "Content-Security-Policy": "default-src 'self'",
            "Cache-Control": "max-age=60",
            "X-Frame-Options": "SAMEORIGIN",
            "X-Request-ID": "of the page",
        }
        return HTMLResponse("<p>here", headers=headers)

    async def _ready(self, request: Request) -> Response:
        if self.not_ready_because:
            raise HTTPException(503, self.not_ready_because)
        return PlainTextResponse("\n")

    async def _predict(self, request: Request) -> Response:
        body = await request.body()
        context = current_request()
        context.model_tag, context.n_rows, context.n_rescaled_cells = "model1:abc", 2, 0
        return JSONResponse({"n_bytes": len(body), "request_id": context.request_id})

    async def _slow(self, request: Request) -> Response:
        await request.body()
        while not self.may_finish.is_set():
            await asyncio.sleep(0.005)
        return PlainTextResponse("done")

    async def _fail(self, request: Request) -> Response:
        raise ZeroDivisionError("a secret of the service")

    async def _fail_late(self, request: Request) -> Response:
        async def parts():
            yield b"the first half"
            raise ZeroDivisionError

        return StreamingResponse(parts(), media_type="text/plain")

    async def _error(self, request: Request) -> Response:
        """Answer what the query asks for: status, kind, body, and blanks to pad it with."""
        asked = request.query_params
        current_request().model_tag = "model1:abc"
        return Response(
            " " * int(asked.get("pad", 0)) + asked.get("body", ""),
            status_code=int(asked["status"]),
            media_type=asked.get("kind", "text/plain"),
            headers={"Retry-After": "7", "Allow": "PUT", "X-Of-The-App": "kept"},
        )


class _SeenPaths:
    """Notes the paths that come through, where BentoML makes labels of them."""

    def __init__(self, app, *, seen: list[str]) -> None:
        self._app = app
        self._seen = seen

    async def __call__(self, scope, receive, send) -> None:
        if scope["type"] == "http":
            self._seen.append(scope["path"])
        await self._app(scope, receive, send)


class _Silent:
    async def __call__(self, scope, receive, send) -> None:
        """Give no answer."""


class _HalfAnError:
    async def __call__(self, scope, receive, send) -> None:
        """Start an error, and give up."""
        await send({"type": "http.response.start", "status": 418})
        raise ZeroDivisionError


@dataclass
class RunningEdge:
    """A server that answers, and what the edge said about it."""

    service: SmallService
    client: httpx.Client
    port: int
    rejected: list[str] = field(default_factory=list)
    stream: io.StringIO = field(default_factory=io.StringIO)

    def settle(self) -> None:
        """Forget what was, once it is over: the server answers before it counts and logs."""
        self.client.get("/livez")
        self.rejected.clear()
        self.service.paths_seen.clear()

    def log(self) -> list[dict]:
        """Everything logged so far; each line is JSON or this fails."""
        return [json.loads(line) for line in self.stream.getvalue().split("\n") if line]

    def access_line(self, request_id: str) -> dict:
        """The line of the access log about a request, which comes after the answer."""

        def lines() -> list[dict]:
            return [
                line
                for line in self.log()
                if line["logger"] == "spike_assets.access" and line["request_id"] == request_id
            ]

        wait_until(lines)
        (line,) = lines()
        return line

    def reasons(self, n_expected: int = 1) -> list[str]:
        """The reasons of rejections so far, which are counted after the answer; forgets them."""
        wait_until(lambda: len(self.rejected) >= n_expected)
        reasons = self.rejected.copy()
        self.rejected.clear()
        return reasons

    def connect(self) -> socket.socket:
        """A bare connection."""
        return socket.create_connection(("127.0.0.1", self.port), timeout=PATIENCE_S)

    def ask(self, request: bytes) -> bytes:
        """Send bytes on a connection of their own; gives what comes first."""
        with self.connect() as connection:
            connection.sendall(request)
            return connection.recv(65_536)

    def say(self, *parts: bytes) -> bytes:
        """Send bytes on a connection of their own; gives all that comes until it is closed."""
        with self.connect() as connection:
            for part in parts:
                connection.sendall(part)
            return until_closed(connection)


def wait_until(holds: Callable[[], object]) -> None:
    """Wait for what happens in another thread."""
    deadline = time.monotonic() + PATIENCE_S
    while not holds():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.002)


def until_closed(connection: socket.socket) -> bytes:
    """Read from a connection until the server closes it."""
    received = b""
    try:
        while part := connection.recv(65_536):
            received += part
    except ConnectionResetError:
        pass
    return received


def post(path: str, body: bytes, *headers: str, closes: bool = True) -> bytes:
    """Write a POST of JSON, after which the connection is closed if wanted."""
    lines = [
        f"POST {path} HTTP/1.1",
        "Host: localhost",
        "Content-Type: application/json",
        *(["Connection: close"] if closes else []),
        *headers,
    ]
    if not any(line.startswith(("Content-Length", "Transfer-Encoding")) for line in headers):
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + body


@contextmanager
def running_edge(
    *,
    prediction_log: PredictionLog | None = None,
    origins: Sequence[str] = (),
    uds: Path | None = None,
    limits: ConnectionLimits | None = None,
    **settings,
) -> Iterator[RunningEdge]:
    """Run the small service behind the edge, on the server of BentoML's workers."""
    service = SmallService()
    rejected: list[str] = []
    stream = io.StringIO()
    edge = Edge(
        service.app,
        settings=Settings.model_construct(**{"rate_limit": None, **settings}),
        public_paths=frozenset({"/"}),
        on_rejected=rejected.append,
        prediction_log=prediction_log,
    )
    server = WorkerServer(
        WorkerConfig(
            with_cors(edge, origins),
            limits=limits or ConnectionLimits(),
            port=0,
            uds=str(uds) if uds else None,
            log_config=None,
            server_header=False,
        )
    )
    with _logged(stream):
        thread = threading.Thread(target=server.run)
        thread.start()
        try:
            wait_until(lambda: server.started)
            port = 0 if uds else server.servers[0].sockets[0].getsockname()[1]
            transport = httpx.HTTPTransport(uds=str(uds)) if uds else None
            with httpx.Client(
                base_url=f"http://127.0.0.1:{port}", transport=transport, timeout=PATIENCE_S
            ) as client:
                yield RunningEdge(service, client, port, rejected, stream)
        finally:
            service.may_finish.set()
            server.should_exit = True
            thread.join(PATIENCE_S)
            assert not thread.is_alive()


@contextmanager
def _logged(stream: io.StringIO) -> Iterator[None]:
    logger = logging.getLogger("spike_assets")
    handler = logging.StreamHandler(stream)
    handler.setFormatter(JsonLines())
    level = logger.level
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    try:
        yield
    finally:
        logger.removeHandler(handler)
        logger.setLevel(level)
