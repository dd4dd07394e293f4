"""What becomes of the service, its clients and its records when it is told to stop."""

import json
import os
import signal
import socket
import time
from http.client import HTTPResponse

import psutil
import pytest

PATIENCE_S = 60.0
"""The clients hold their connections for longer, so a server that waits for them fails the test."""

N_UNREAD = 8
"""Responses of 1.4 MB each: more than the buffers of two sockets take."""


@pytest.mark.parametrize(
    "signals", [[signal.SIGTERM], [signal.SIGINT, signal.SIGINT]], ids=["terminated", "interrupted"]
)
def test_service_stops_although_a_client_does_not_read(
    sample_run, start_service, tmp_path, signals
):
    """Every process ends, what was answered is recorded, and nothing is logged as a fault."""
    with start_service(sample_run.environment, tmp_path) as service, socket.socket() as unread:
        assert service.client.post("/forecast", json={"horizon": 1}).status_code == 200
        unread.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        unread.connect((service.client.base_url.host, service.client.base_url.port))
        asked = b"GET /docs/swagger-ui-bundle.js HTTP/1.1\r\nHost: localhost\r\n\r\n"
        unread.sendall(N_UNREAD * asked)
        wait_until_logged(service, "swagger-ui-bundle.js")
        parent = psutil.Process(service.process_id)
        processes = [parent, *parent.children(recursive=True)]
        assert len(processes) > 1

        for number in signals:
            os.kill(parent.pid, number)
            time.sleep(0.5)
        deadline = time.monotonic() + PATIENCE_S
        while any(map(is_alive, processes)):
            assert time.monotonic() < deadline
            time.sleep(0.05)

        (record,) = (tmp_path / "monitoring" / "predictions-1.jsonl").read_text().splitlines()
        assert json.loads(record)["path"] == "/forecast"
        assert '"level": "ERROR"' not in service.log
        assert "Traceback" not in service.log


def test_connection_is_kept_for_the_next_request(sample_service):
    """Proxies keep theirs for a minute and more, and answer 502 if it is closed meanwhile."""
    service = sample_service.client.base_url
    with socket.create_connection((service.host, service.port), timeout=PATIENCE_S) as connection:
        for wait_s in (8, 0):
            connection.sendall(b"GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n")
            assert status_of_answer(connection) == 200
            time.sleep(wait_s)


def status_of_answer(connection: socket.socket) -> int:
    """Read a whole answer, and give its status."""
    answer = HTTPResponse(connection)
    answer.begin()
    answer.read()
    return answer.status


def is_alive(process: psutil.Process) -> bool:
    """Return whether a process goes on; one that only waits for its parent has ended."""
    try:
        return process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def wait_until_logged(service, text: str) -> None:
    """Wait for what the log says."""
    deadline = time.monotonic() + PATIENCE_S
    while text not in service.log:
        assert time.monotonic() < deadline
        time.sleep(0.05)
