"""A client that asks a service on this machine over and over, and keeps every answer.

    python tests/support/load_generator.py URL QUESTIONS ANSWERS

QUESTIONS holds a JSON list of objects with a `path` and a `body`; each connection asks them in
turn. ANSWERS gets a JSON line an answer, in the order of each connection. The first line on
standard output says that every connection works. It ends when its standard input does, or at a
limit.
"""

import ipaddress
import json
import sys
import threading
import time
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import httpx

N_CONNECTIONS = 3
PAUSE_S = 0.03
MAX_ANSWERS = 10_000
"""Of a connection."""

MAX_S = 120


def main(url: str, questions_file: str, answers_file: str) -> None:
    """Ask until told to stop."""
    host = httpx.URL(url).host
    if not ipaddress.ip_address(host).is_loopback:
        raise SystemExit(f"{host} is another machine; expected a service on this one")
    questions = json.loads(Path(questions_file).read_text())
    started, stopped = threading.Barrier(N_CONNECTIONS + 1), threading.Event()
    connections = [
        Connection(number, url=url, questions=questions) for number in range(N_CONNECTIONS)
    ]
    threads = [
        threading.Thread(target=connection.ask, args=(started, stopped))
        for connection in connections
    ]
    for thread in threads:
        thread.start()
    started.wait(timeout=MAX_S)
    print("asking", flush=True)  # noqa: T201
    sys.stdin.read()
    stopped.set()
    for thread in threads:
        thread.join()
    _write(Path(answers_file), (one for connection in connections for one in connection.answers))


class Connection:
    """One connection, kept alive; each begins with another question.

    Attributes:
        answers: What came, oldest first.
    """

    def __init__(self, number: int, *, url: str, questions: Sequence[Mapping[str, Any]]) -> None:
        self._number = number
        self._questions = questions
        self._client = httpx.Client(
            base_url=url, limits=httpx.Limits(max_connections=1), timeout=30, trust_env=False
        )
        self.answers: list[dict[str, Any]] = []

    def ask(self, started: threading.Barrier, stopped: threading.Event) -> None:
        """Ask until told to stop, and say when the first answer is there."""
        ends_s = time.monotonic() + MAX_S
        with self._client:
            while (
                len(self.answers) < MAX_ANSWERS
                and time.monotonic() < ends_s
                and not stopped.wait(PAUSE_S)
            ):
                self.answers.append(self._answer())
                if len(self.answers) == 1:
                    started.wait(timeout=MAX_S)

    def _answer(self) -> dict[str, Any]:
        """Ask once; times are those of the clock that all processes share."""
        at = (self._number + len(self.answers)) % len(self._questions)
        question = self._questions[at]
        sent_s = time.monotonic()
        try:
            answer = self._client.post(question["path"], json=question["body"])
        except httpx.TransportError as error:
            found = {"status": 0, "tag": None, "body": repr(error)}
        else:
            tag = answer.headers.get("X-Model-Tag")
            found = {"status": answer.status_code, "tag": tag, "body": answer.text}
        times = {"sent_s": sent_s, "answered_s": time.monotonic()}
        return {"connection": self._number, "question": at} | times | found


def _write(file: Path, answers: Iterable[dict[str, Any]]) -> None:
    with file.open("w") as lines:
        lines.writelines(json.dumps(answer) + "\n" for answer in answers)


if __name__ == "__main__":
    main(*sys.argv[1:])
