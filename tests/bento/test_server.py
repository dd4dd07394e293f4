"""The process that starts the workers: its address, their number, and what becomes of them."""

import json
import os
import re
import selectors
import signal
import socket
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from tests.support.watched_service import seconds_until

ROOT = Path(__file__).parents[2]
BENTOML = Path(sys.executable).parent / "bentoml"
LIVEZ = b"GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n"


@pytest.fixture
def environment(isolated_environment, tmp_path):
    """An environment without models, which a start does not need."""
    return {**isolated_environment(tmp_path), "SPIKE_PREDICTION_LOG": "off"}


def refused_start(environment, **settings):
    """Start a server that can't start, and return its exit status and what it printed."""
    done = subprocess.run(
        [BENTOML, "serve"],
        cwd=ROOT,
        env={**environment, **settings},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    return done.returncode, done.stdout, done.stderr


def logged(service, text):
    """Wait for a line of the log, and return its message."""

    def messages():
        lines = service.log.splitlines(keepends=True)
        whole = [json.loads(line) for line in lines if line.endswith("\n")]
        return [line["message"] for line in whole if text in line["message"]]

    seconds_until(lambda: bool(messages()))
    return messages()[0]


def workers_of(process_id):
    """Return the process ids of the workers."""
    children = psutil.Process(process_id).children()
    return {child.pid for child in children if child.status() != psutil.STATUS_ZOMBIE}


def test_port_that_is_taken_is_one_line(environment):
    """With the address, and the variable that changes it."""
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        refused = refused_start(environment, BENTOML_PORT=str(port))

    assert refused == (
        1,
        "",
        f"Can't listen on 127.0.0.1:{port}: Address already in use. Set BENTOML_PORT to a free "
        "port, and BENTOML_HOST to an address of this machine\n",
    )


@pytest.mark.parametrize(
    ("variable", "value", "reason"),
    [
        ("BENTOML_PORT", "70000", "70000 is not a port"),  # it would be 4464
        ("BENTOML_HOST", "nowhere.invalid", "Can't listen on nowhere.invalid:"),
        ("BENTOML_HOST", "192.0.2.1", "Can't listen on 192.0.2.1:"),
        ("BENTOML_API_WORKERS", "0", "0 is not a whole number of at least 1"),
    ],
)
def test_invalid_setting_is_one_line(environment, variable, value, reason):
    """The server does not start, and names the variable."""
    status, printed, complaint = refused_start(environment, **{variable: value})

    assert (status, printed) == (1, "")
    assert complaint.count("\n") == 1
    assert variable in complaint
    assert reason in complaint


def test_host_is_a_name_and_port_0_any_free_one(environment, tmp_path):
    """The log has the address that it came to."""
    log_file = tmp_path / "log"
    with log_file.open("w") as log:
        process = subprocess.Popen(
            [BENTOML, "serve"],
            cwd=ROOT,
            env={**environment, "BENTOML_HOST": "localhost", "BENTOML_PORT": "0"},
            stdout=log,
        )
    try:
        address = re.compile(r"listening on http://127\.0\.0\.1:([1-9]\d*)")
        seconds_until(lambda: bool(address.search(log_file.read_text())))
        port = int(address.search(log_file.read_text())[1])
        with socket.create_connection(("localhost", port)):
            pass
    finally:
        process.terminate()
        process.wait(timeout=60)


def test_workers_are_as_many_as_asked_are_replaced_and_end_with_their_parent(
    environment, start_service, tmp_path
):
    """The log has both ends; in a container, where BentoML replaces none, one of two comes back."""
    settings = {"BENTOML_API_WORKERS": "2", "BENTOML_TIMEOUT": "5", "BENTOML_CONTAINERIZED": "True"}
    with start_service(environment, tmp_path, **settings) as service:
        seconds_until(lambda: len(workers_of(service.process_id)) == 2)
        workers = workers_of(service.process_id)
        assert "have no effect" in logged(service, "BENTOML_TIMEOUT")

        lost = min(workers)
        os.kill(lost, signal.SIGKILL)
        assert logged(service, f"Worker process {lost}").endswith(
            "ended with signal SIGKILL; another one is started"
        )
        seconds_until(lambda: len(workers_of(service.process_id) - {lost}) == 2)
        workers = workers_of(service.process_id)

        port = service.client.base_url.port
        os.kill(service.process_id, signal.SIGKILL)
        seconds_until(lambda: not any(psutil.pid_exists(worker) for worker in workers))
        logged(service, f"Process {service.process_id}, which started this worker, has ended")
        with socket.create_server(("127.0.0.1", port)):
            pass


def test_connection_does_not_wait_while_others_are_answered_again(
    environment, start_service, tmp_path
):
    """Nobody waits in the queue of the socket for long: 16 are accepted in a turn.

    Were it one, the first would be answered as often as there are clients before the last is.
    """
    with start_service(environment, tmp_path) as service:
        port = service.client.base_url.port
        clients = [socket.create_connection(("127.0.0.1", port)) for _ in range(200)]
        n_answers = dict.fromkeys(clients, 0)
        with selectors.DefaultSelector() as answered:
            for client in clients:
                client.sendall(LIVEZ)
                answered.register(client, selectors.EVENT_READ)
            while not all(n_answers.values()):
                for key, _ in answered.select():
                    if not key.fileobj.recv(4096).endswith(b"\r\n\r\n"):  # else a body comes
                        n_answers[key.fileobj] += 1
                        key.fileobj.sendall(LIVEZ)
        for client in clients:
            client.close()

    assert max(n_answers.values()) <= 30
