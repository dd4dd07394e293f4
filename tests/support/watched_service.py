"""A service whose models are exchanged while it is watched: what it serves, counts and logs."""

import json
import re
import shutil
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from spike_assets.registry.model_store import ModelStore
from spike_assets.registry.promotions import PromotionLog
from tests.conftest import RunningServer
from tests.support.swap_case import QUESTIONS
from tests.support.tiny_store import folder_of

PATIENCE_S = 60.0
"""The longest wait for anything: a machine may be slow, and other tests keep it busy."""

Tags = Mapping[str, str]


@dataclass(frozen=True)
class Serving:
    """A service, the store that it looks at, and sets registered there, most of them not served."""

    service: RunningServer
    store: ModelStore
    sets: Mapping[str, Tags]

    @property
    def url(self) -> str:
        """Where it answers."""
        return str(self.service.client.base_url)

    def served(self) -> dict[str, str | None]:
        """Ask each model, and say which version answered; None if none did."""
        tags = {}
        for question in {question.name: question for question in reversed(QUESTIONS)}.values():
            answer = self.service.client.post(question.path, json=question.body)
            tags[question.name] = answer.headers.get("X-Model-Tag")
        return tags

    def serve(self, tags: Tags) -> float:
        """Promote a set; say how long it took from then on until it answered."""
        promoted = self.store.promote(tags, reason="test")
        return seconds_until(lambda: self.served() == promoted)

    def is_ready(self) -> bool:
        """Ask as an orchestrator does."""
        return self.service.client.get("/readyz").status_code == 200

    def metric(self, name: str) -> float:
        """Read a figure that has no labels."""
        return self.metrics(name)[""]

    def metrics(self, name: str) -> dict[str, float]:
        """Read a figure by its labels, as they are written."""
        text = self.service.client.get("/metrics").text
        lines = re.findall(rf"^{name}(?:{{(.*)}})? (\S+)$", text, re.MULTILINE)
        return {labels: float(value) for labels, value in lines}


class Noted:
    """The counters and the log of the service at a moment, and what came since."""

    def __init__(self, serving: Serving) -> None:
        self._serving = serving
        self._swaps, self._refusals = self._counters()
        self._n_characters = len(serving.service.log)

    @property
    def new_swaps(self) -> float:
        return self._counters()[0] - self._swaps

    @property
    def new_refusals(self) -> float:
        return self._counters()[1] - self._refusals

    @property
    def new_lines(self) -> list[dict[str, Any]]:
        """The lines about exchanging models, and every warning and error."""
        text = self._serving.service.log[self._n_characters :]
        lines = [json.loads(line) for line in text.splitlines()]
        return [
            line
            for line in lines
            if line["logger"] == "spike_assets.reloader" or line["level"] != "INFO"
        ]

    @property
    def errors(self) -> list[dict[str, Any]]:
        return [line for line in self.new_lines if line["level"] == "ERROR"]

    def wait_for_refusal(self) -> None:
        """Wait until a set is refused."""
        seconds_until(lambda: self.new_refusals > 0)

    def wait_for_line(self, text: str) -> None:
        """Wait until something is logged."""
        seconds_until(lambda: any(text in line["message"] for line in self.new_lines))

    def _counters(self) -> tuple[float, float]:
        return (
            self._serving.metric("spike_model_swaps_total"),
            self._serving.metric("spike_refused_model_swaps_total"),
        )


def promote_unseen(store: ModelStore, tags: Tags) -> None:
    """Promote without the look that `promote` takes, as if the fault came a moment after it."""
    PromotionLog(store.promotions_file).add("promote", reason="test", promoted=tags)


@contextmanager
def damaged(store: ModelStore, tag: str, damage: Callable[[Path], object]) -> Iterator[None]:
    """Damage a version, and put it back whole in the end."""
    folder, whole = folder_of(store, tag), store.home / "whole"
    shutil.copytree(folder, whole)
    damage(folder)
    try:
        yield
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        whole.rename(folder)


def seconds_until(holds: Callable[[], bool]) -> float:
    """Wait until something holds, and say how long that took."""
    started_s = time.monotonic()
    while not holds():
        assert time.monotonic() < started_s + PATIENCE_S
        time.sleep(0.05)
    return time.monotonic() - started_s
