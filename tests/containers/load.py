"""Clients that ask the service over and over while something happens to it."""

import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import httpx

N_CLIENTS = 3
PAUSE_S = 0.05


class Load:
    """What clients were answered.

    Attributes:
        answers: The status of each answer, or the name of what went wrong instead.
    """

    def __init__(self) -> None:
        self.answers: list[int | str] = []

    @property
    def failures(self) -> list[int | str]:
        """All that was no answer."""
        return [answer for answer in self.answers if answer != httpx.codes.OK]


@contextmanager
def load(client: httpx.Client, question: Mapping[str, Any]) -> Iterator[Load]:
    """Ask `/predict` as long as the block lasts."""
    seen, stopped = Load(), threading.Event()

    def ask() -> None:
        with httpx.Client(base_url=client.base_url, headers=client.headers, timeout=30) as own:
            while not stopped.is_set():
                try:
                    seen.answers.append(own.post("/predict", json=question).status_code)
                except httpx.TransportError as error:
                    seen.answers.append(type(error).__name__)
                time.sleep(PAUSE_S)

    threads = [threading.Thread(target=ask) for _ in range(N_CLIENTS)]
    for thread in threads:
        thread.start()
    try:
        yield seen
    finally:
        stopped.set()
        for thread in threads:
            thread.join()
