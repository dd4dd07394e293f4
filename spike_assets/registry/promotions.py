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

from spike_assets.atomic_file import replace_file
from spike_assets.registry.errors import ModelStoreError, PromotionsDamagedError

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


class PromotionHistory:
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
        content = self._content()
        return [] if content is None else self._parsed(content)

    def add(self, action: Action, *, reason: str, promoted: Mapping[str, str]) -> None:
        """Add a line; the caller holds the store's lock.

        A damaged file is kept under a name of its own, with a warning that says so, and a new
        one is started.

        Raises:
            ModelStoreError: The file can't be read.
            OSError: It can't be written; it is as it was.
        """
        content = self._content() or b""
        try:
            if self.read() and not content.endswith(b"\n"):  # edited by hand
                content += b"\n"
        except PromotionsDamagedError as error:
            kept = self.file.with_name(_damaged_name(self.file, content))
            replace_file(kept, content)
            logger.warning("%s; the damaged file was kept as %s", error, kept)
            content = b""
        line = Promotion(
            at=datetime.now(UTC).replace(microsecond=0),
            action=action,
            reason=reason,
            promoted=dict(sorted(promoted.items())),
        )
        replace_file(self.file, content + line.model_dump_json().encode() + b"\n")

    def _content(self) -> bytes | None:
        try:
            return self.file.read_bytes()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise ModelStoreError(f"{self.file} can't be read: {error.strerror}") from error

    def _parsed(self, content: bytes) -> list[Promotion]:
        lines = content.removesuffix(b"\n").split(b"\n")
        return [self._parsed_line(line, number) for number, line in enumerate(lines, start=1)]

    def _parsed_line(self, line: bytes, number: int) -> Promotion:
        try:
            return Promotion.model_validate_json(line)
        except ValidationError as error:
            fault = error.errors()[0]
            place = "".join(f"{key}: " for key in fault["loc"])
            raise PromotionsDamagedError(
                f"{self.file} is damaged in line {number} ({place}{fault['msg']}): promote again, "
                "with `make run`, or with `spike-assets models promote` and tags that `bentoml "
                "models list` shows"
            ) from None


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


def _damaged_name(file: Path, content: bytes) -> str:
    # By content: a writer that dies in between leaves one copy, however often it is tried again.
    return f"{file.stem}.damaged-{hashlib.sha256(content).hexdigest()[:8]}{file.suffix}"
