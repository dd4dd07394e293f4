"""The history of promotions: which models were served since when, and why.

One JSON object a line, oldest first; what is served is what the last line says. Lines are never
changed or removed. A line is added by replacing the file, so a reader finds the history with it
or without it, and all names switch at once. Files only: whether the models are there is for
`model_store` to say.
"""

import hashlib
import logging
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from pydantic import AwareDatetime, BaseModel, Field, ValidationError, field_serializer

from spike_assets.registry.errors import ModelStoreError, PromotionsDamagedError
from spike_assets.storage.atomic_file import replace_file

logger = logging.getLogger(__name__)

Action = Literal["promote", "rollback"]


class Promotion(BaseModel, frozen=True, strict=True):
    """A line of the history.

    Attributes:
        at: When.
        action: Whether somebody promoted these models or went back to them.
        reason: Why, in the words of whoever did.
        promoted: The tag that each name was served from since.
    """

    at: AwareDatetime
    action: Action
    reason: str
    promoted: dict[str, str] = Field(min_length=1)

    @field_serializer("at")
    def _in_utc(self, at: datetime) -> str:
        return at.astimezone(UTC).isoformat(timespec="seconds")


class PromotionLog:
    """The file that holds it.

    Args:
        file: Where; there is none before the first promotion.
    """

    def __init__(self, file: Path) -> None:
        self.file = file

    def read(self) -> list[Promotion]:
        """Give every line, oldest first; none if there is no file.

        Raises:
            PromotionsDamagedError: A line is not one that was written here.
            ModelStoreError: The file can't be read.
        """
        return [self._parsed(line, number) for number, line in enumerate(self._lines(), start=1)]

    def lines(self) -> list[bytes]:
        """Give every line as it is written, oldest first.

        Raises:
            PromotionsDamagedError: A line is not one that was written here.
            ModelStoreError: The file can't be read.
        """
        self.read()
        return self._lines()

    def add(self, action: Action, *, reason: str, promoted: Mapping[str, str]) -> None:
        """Add a line; the caller holds the store's lock.

        A damaged file is kept under a name of its own, with a warning that says so, and a new
        one is started.

        Raises:
            ModelStoreError: The file can't be read.
            OSError: It can't be written; it is as it was.
        """
        try:
            lines = self.lines()
        except PromotionsDamagedError as error:
            self._keep_aside("damaged", why=str(error))
            lines = []
        self._write([*lines, new_line(action, reason=reason, promoted=promoted)])

    def replace(self, lines: Sequence[bytes]) -> None:
        """Hold these lines instead; the caller holds the store's lock.

        What they don't go on from is kept under a name of its own, with a warning that says so.
        """
        before = self._lines()
        if before != lines[: len(before)]:
            self._keep_aside("replaced", why=f"{self.file} is another history than the one to hold")
        self._write(lines)

    def _write(self, lines: Sequence[bytes]) -> None:
        replace_file(self.file, b"".join(line + b"\n" for line in lines))

    def _keep_aside(self, what: str, *, why: str) -> None:
        content = self._content() or b""
        # By content: a writer that dies in between leaves one copy, however often it is tried.
        digest = hashlib.sha256(content).hexdigest()[:8]
        kept = self.file.with_name(f"{self.file.stem}.{what}-{digest}{self.file.suffix}")
        replace_file(kept, content)
        logger.warning("%s; the %s file was kept as %s", why, what, kept)

    def _content(self) -> bytes | None:
        try:
            return self.file.read_bytes()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise ModelStoreError(f"{self.file} can't be read: {error.strerror}") from error

    def _lines(self) -> list[bytes]:
        content = self._content()
        return [] if content is None else content.removesuffix(b"\n").split(b"\n")

    def _parsed(self, line: bytes, number: int) -> Promotion:
        try:
            return read_line(line)
        except ValueError as error:
            raise PromotionsDamagedError(
                f"{self.file} is damaged in line {number} ({error}): promote again, "
                "with `make run`, or with `spike-assets models promote` and tags that `bentoml "
                "models list` shows"
            ) from None


def new_line(action: Action, *, reason: str, promoted: Mapping[str, str]) -> bytes:
    """Write a line of the history, of this moment."""
    promotion = Promotion(
        at=datetime.now(UTC).replace(microsecond=0),
        action=action,
        reason=reason,
        promoted=dict(sorted(promoted.items())),
    )
    return promotion.model_dump_json().encode()


def read_line(line: bytes) -> Promotion:
    """Read a line of a history.

    Raises:
        ValueError: It is none; the message says why.
    """
    if b"\n" in line:
        raise ValueError("it is more than a line")
    try:
        return Promotion.model_validate_json(line)
    except ValidationError as error:
        fault = error.errors()[0]
        place = "".join(f"{key}: " for key in fault["loc"])
        raise ValueError(f"{place}{fault['msg']}") from None


def undo_stack(history: Sequence[Promotion]) -> list[Promotion]:
    """Give what rolling back would go through, the present set last.

    A promotion pushes and a rollback pops. Promoting what is served already is no step to go
    back by.
    """
    stack: list[Promotion] = []
    for line in history:
        if line.action == "rollback":
            del stack[-2:]  # what was left, and what the line itself stands for again
        elif stack and stack[-1].promoted == line.promoted:
            continue
        stack.append(line)
    return stack


def arrivals(history: Sequence[Promotion], tag: str) -> list[Promotion]:
    """Find the lines by which a tag came into service, oldest first."""
    found, served = [], False
    for line in history:
        if (serves := tag in line.promoted.values()) and not served:
            found.append(line)
        served = serves
    return found


def served_since(history: Sequence[Promotion], tag: str) -> Promotion | None:
    """Find the line since which a tag is served without a break; None if it is not served."""
    if not history or tag not in history[-1].promoted.values():
        return None
    return arrivals(history, tag)[-1]
