"""A publisher's host on loopback: real HTTP, with the answers that a test lays down."""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit


@dataclass(frozen=True)
class Answer:
    """An answer to one request."""

    content: bytes = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    delay_s: float = 0


@dataclass(frozen=True)
class Question:
    """A request that came."""

    method: str
    path: str
    query: dict[str, list[str]]
    body: Any
    at_s: float


class PublisherServer:
    """Answers by path, in turn; the last answer of a path stays. Unknown paths are 404."""

    def __init__(self) -> None:
        self.answers: dict[str, Any] = {}
        self.questions: list[Question] = []
        self.url = ""

    def answer(self, question: Question) -> Answer:
        """Take the next answer of a path; a function is called with the question."""
        self.questions.append(question)
        found = self.answers.get(question.path, Answer(status=404))
        if callable(found):
            return found(question)
        if isinstance(found, list):
            return found.pop(0) if len(found) > 1 else found[0]
        return found


@contextmanager
def publisher_server() -> Iterator[PublisherServer]:
    """Serve on a free loopback port for the length of the block."""
    server = PublisherServer()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _handle(self) -> None:
            parts = urlsplit(self.path)
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            question = Question(
                method=self.command,
                path=parts.path,
                query=parse_qs(parts.query),
                body=json.loads(body) if body else None,
                at_s=time.monotonic(),
            )
            answer = server.answer(question)
            time.sleep(answer.delay_s)
            self.send_response(answer.status)
            for name, value in answer.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(answer.content)))
            self.end_headers()
            self.wfile.write(answer.content)

        do_GET = do_POST = _handle  # noqa: N815 - names of the standard library

        def log_message(self, *_: object) -> None:
            """Print nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as http:
        server.url = f"http://127.0.0.1:{http.server_port}"
        thread = threading.Thread(target=http.serve_forever, daemon=True)
        thread.start()
        try:
            yield server
        finally:
            http.shutdown()
            thread.join()
