"""The promotion log: which models were served since when, and why.

One JSON object a line, oldest first; the last line is what is served. Lines are never changed or
removed. A line is added by replacing the file, so a reader finds the log with it or without it,
and all models switch at once. `model_store` checks that the models exist.
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
    """A line of the log.

    Attributes:
        at: When.
        action: Whether these models were promoted or rolled back to.
        reason: Why, as the caller gave it.
        promoted: The tag of each model name that is served since.
    """

    at: AwareDatetime
    action: Action
    reason: str
    promoted: dict[str, str] = Field(min_length=1)

    @field_serializer("at")
    def _in_utc(self, at: datetime) -> str:
        return at.astimezone(UTC).isoformat(timespec="seconds")


class PromotionLog:
    """The file of the log.

    Args:
        file: Its path; it does not exist before the first promotion.
    """

    def __init__(self, file: Path) -> None:
        self.file = file

    def read(self) -> list[Promotion]:
        """Return every line, oldest first; none if there is no file.

        Raises:
            PromotionsDamagedError: A line is not valid.
            ModelStoreError: The file can't be read.
        """
        return [self._parse(line, number) for number, line in enumerate(self._lines(), start=1)]

    def lines(self) -> list[bytes]:
        """Return every line as bytes, oldest first, after checking that each is valid.

        Raises:
            PromotionsDamagedError: A line is not valid.
            ModelStoreError: The file can't be read.
        """
        self.read()
        return self._lines()

    def add(self, action: Action, *, reason: str, promoted: Mapping[str, str]) -> None:
        """Add a line; the caller holds the store's lock.

        A damaged file is kept under another name, with a warning, and a new one is started.

        Raises:
            ModelStoreError: The file can't be read.
            OSError: The file can't be written; it is unchanged.
        """
        try:
            lines = self.lines()
        except PromotionsDamagedError as error:
            self._keep_aside("damaged", why=str(error))
            lines = []
        self._write([*lines, new_line(action, reason=reason, promoted=promoted)])

    def replace(self, lines: Sequence[bytes]) -> None:
        """Replace the log by these lines; the caller holds the store's lock.

        A log that these lines don't continue is kept under another name, with a warning.
        """
        before = self._lines()
        if before != lines[: len(before)]:
            self._keep_aside("replaced", why=f"{self.file} differs from the remote promotion log")
        self._write(lines)

    def _write(self, lines: Sequence[bytes]) -> None:
        replace_file(self.file, b"".join(line + b"\n" for line in lines))

    def _keep_aside(self, what: str, *, why: str) -> None:
        content = self._content() or b""
        # Named by content: retries after a crash in between leave one copy.
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

    def _parse(self, line: bytes, number: int) -> Promotion:
        try:
            return parse_line(line)
        except ValueError as error:
            raise PromotionsDamagedError(
                f"{self.file} is damaged in line {number} ({error}): promote again, with `make "
                "run` on real files, or with `spike-assets models promote` and tags from `bentoml "
                "models list`"
            ) from None


def new_line(action: Action, *, reason: str, promoted: Mapping[str, str]) -> bytes:
    """Return a line for a promotion at this moment."""
    promotion = Promotion(
        at=datetime.now(UTC).replace(microsecond=0),
        action=action,
        reason=reason,
        promoted=dict(sorted(promoted.items())),
    )
    return promotion.model_dump_json().encode()


def parse_line(line: bytes) -> Promotion:
    """Parse a line of the log.

    Raises:
        ValueError: The line is not valid; the message says why.
    """
    if b"\n" in line:
        raise ValueError("it is more than one line")
    try:
        return Promotion.model_validate_json(line)
    except ValidationError as error:
        first = error.errors()[0]
        field = "".join(f"{key}: " for key in first["loc"])
        raise ValueError(f"{field}{first['msg']}") from None


def undo_stack(promotions: Sequence[Promotion]) -> list[Promotion]:
    """Return the promotions that rollbacks would undo, the present one last.

    A promotion pushes and a rollback pops. Promoting what is served already adds nothing.
    """
    stack: list[Promotion] = []
    for line in promotions:
        if line.action == "rollback":
            del stack[-2:]  # the set that was undone, and the one that this line restores
        elif stack and stack[-1].promoted == line.promoted:
            continue
        stack.append(line)
    return stack


def promotions_of(tag: str, promotions: Sequence[Promotion]) -> list[Promotion]:
    """Return the promotions and rollbacks that brought a tag into service, oldest first."""
    found, was_served = [], False
    for line in promotions:
        if (is_served := tag in line.promoted.values()) and not was_served:
            found.append(line)
        was_served = is_served
    return found


def served_since(tag: str, promotions: Sequence[Promotion]) -> Promotion | None:
    """Return the promotion since which a tag is served; None if it is not served now."""
    if not promotions or tag not in promotions[-1].promoted.values():
        return None
    return promotions_of(tag, promotions)[-1]
