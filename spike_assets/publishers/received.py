"""Received answers: kept as they came, with their time and SHA-256.

Any run can be repeated from them, and any revision traced. An answer is an object that is named
by its hash, so that one which comes again takes no room. A request's record lists its answers; it
is written last, so a request that was interrupted leaves no record.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from spike_assets.sources.errors import DataError
from spike_assets.storage.objects import Objects

_ANSWERS = "received/answers"
_RECORDS = "received/records"
_TIME = "%Y-%m-%dT%H-%M-%S.%fZ"  # no colons, which some file systems refuse


@dataclass(frozen=True)
class Received:
    """Answers of a publisher at one time.

    Attributes:
        publisher: Name of the publisher.
        at: When the last answer came, in UTC.
        answers: Bodies of the answers by what was asked for; no credential is in that.
        failed: By what was asked for, why there is no answer.
    """

    publisher: str
    at: datetime
    answers: Mapping[str, bytes]
    failed: Mapping[str, str] = field(default_factory=dict)

    @property
    def sha256(self) -> str:
        """SHA-256 of all answers together, in hexadecimal."""
        parts = sorted((asked, _sha256(content)) for asked, content in self.answers.items())
        return _sha256(json.dumps(parts).encode())


@dataclass(frozen=True)
class ReceivedStore:
    """The received answers of every publisher.

    Attributes:
        objects: Where they are kept.
    """

    objects: Objects

    def add(self, received: Received) -> None:
        """Keep what was received."""
        hashes = {}
        for asked, content in received.answers.items():
            hashes[asked] = _sha256(content)
            name = f"{_ANSWERS}/{hashes[asked]}"
            if self.objects.get(name) != content:
                self.objects.put(name, content)
        record = {"sha256": hashes, "failed": dict(received.failed)}
        self.objects.put(
            f"{_RECORDS}/{received.publisher}/{received.at.strftime(_TIME)}.json",
            json.dumps(record, ensure_ascii=False, indent=1).encode(),
        )

    def latest(self, publisher: str) -> Received | None:
        """Return what was received last from a publisher; None if nothing was.

        Raises:
            DataError: It is damaged.
        """
        times = self.times(publisher)
        return self.read(publisher, times[-1]) if times else None

    def times(self, publisher: str) -> list[datetime]:
        """List when something was received from a publisher, oldest first, in UTC."""
        names = self.objects.names(f"{_RECORDS}/{publisher}")
        stems = (name.rpartition("/")[2].removesuffix(".json") for name in names)
        return sorted(datetime.strptime(stem, _TIME).replace(tzinfo=UTC) for stem in stems)

    def read(self, publisher: str, at: datetime) -> Received:
        """Return what was received from a publisher at one of its `times`.

        Raises:
            DataError: It is damaged.
        """
        name = f"{_RECORDS}/{publisher}/{at.strftime(_TIME)}.json"
        try:
            record = json.loads(self.objects.get(name) or b"")
            hashes, failed = dict(record["sha256"]), dict(record["failed"])
        except (ValueError, TypeError, KeyError) as error:
            raise DataError(f"{name} is damaged ({error}): refresh the data") from None
        answers = {asked: self._answer(sha256, record=name) for asked, sha256 in hashes.items()}
        return Received(publisher, at, answers, failed)

    def _answer(self, sha256: str, *, record: str) -> bytes:
        content = self.objects.get(f"{_ANSWERS}/{sha256}")
        if content is None or _sha256(content) != sha256:
            raise DataError(
                f"{record}: the answer {sha256} is {'missing' if content is None else 'damaged'}: "
                "refresh the data"
            )
        return content


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
