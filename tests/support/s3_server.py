"""A real S3 server on loopback, moto's, in a process of its own; it can be away for a while."""

import os
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

BUCKET = "milk"


@dataclass(frozen=True)
class S3Server:
    """The server, and what tells a program how to reach it.

    Attributes:
        url: Its address.
        process: What it runs in.
    """

    url: str
    process: subprocess.Popen[str]

    @property
    def environment(self) -> Mapping[str, str]:
        """The variables that lead to it."""
        return {
            "AWS_ENDPOINT_URL": self.url,
            "AWS_ACCESS_KEY_ID": "somebody",
            "AWS_SECRET_ACCESS_KEY": "something",
            "NO_PROXY": "127.0.0.1",
        }

    @contextmanager
    def away(self) -> Iterator[None]:
        """Refuse every connection while the block runs; what is stored stays."""
        self.tell("down")
        try:
            yield
        finally:
            self.tell("up")

    def tell(self, command: str) -> None:
        """Let it listen, or listen no more."""
        print(command, file=self.process.stdin, flush=True)
        assert self.process.stdout.readline() == f"{command}\n"


@contextmanager
def s3_server(port: int, folder: Path) -> Iterator[S3Server]:
    """Run a server with one bucket until the block ends."""
    with (
        (folder / "s3.log").open("w") as log,
        subprocess.Popen(
            [sys.executable, __file__, str(port)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
            env={**os.environ, "AWS_DEFAULT_REGION": "us-east-1"},
        ) as process,
    ):
        server = S3Server(f"http://127.0.0.1:{port}", process)
        server.tell("up")
        httpx.put(f"{server.url}/{BUCKET}", trust_env=False).raise_for_status()
        yield server  # in the end its standard input is closed, and it ends


@contextmanager
def s3_server_of_the_environment(port: int, folder: Path) -> Iterator[S3Server]:
    """Run a server, and let this process's environment lead to it."""
    with s3_server(port, folder) as server, pytest.MonkeyPatch.context() as monkeypatch:
        for name, value in server.environment.items():
            monkeypatch.setenv(name, value)
        yield server


def serve(port: int) -> None:
    """Do what standard input says until it ends."""
    from moto.moto_server.werkzeug_app import (
        DomainDispatcherApplication,
        MotoRequestHandler,
        create_backend_app,
    )
    from werkzeug.serving import BaseWSGIServer, make_server

    application = DomainDispatcherApplication(create_backend_app)
    server: BaseWSGIServer | None = None
    for command in sys.stdin:
        if server is None:
            # One request at a time: moto looks for an object and writes it in two steps, and what
            # S3 promises of a conditional write is that these are one.
            server = make_server(
                "127.0.0.1", port, application, threaded=False, request_handler=MotoRequestHandler
            )
            threading.Thread(target=server.serve_forever, daemon=True).start()
        else:
            server.shutdown()
            server.server_close()
            server = None
        print(command, end="", flush=True)


if __name__ == "__main__":
    serve(int(sys.argv[1]))
