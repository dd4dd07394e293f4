"""A model store in S3-compatible storage, which machines share; nothing there is ever changed.

    promotions/00000001.json                a line of the history, of whoever created it first
    models/model1/<version>/<sha256>.zip    the folder of a version, named after what is in it

So a reader finds a line or a version whole or not at all, and two writers can't both be first.
"""

import hashlib
import io
from collections.abc import Callable, Sequence
from functools import wraps
from pathlib import Path
from typing import ParamSpec, TypeVar
from zipfile import ZipFile, ZipInfo

from spike_assets.registry.errors import (
    ModelRefusedError,
    ModelStoreError,
    PromotionConflictError,
    PromotionsDamagedError,
)
from spike_assets.registry.promotions import read_line
from spike_assets.storage.s3_bucket import Bucket, ObjectStorageError

Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")


def _of_the_store(method: Callable[Arguments, Result]) -> Callable[Arguments, Result]:
    """Let a fault of the storage be one of the model store."""

    @wraps(method)
    def explained(*args: Arguments.args, **kwargs: Arguments.kwargs) -> Result:
        try:
            return method(*args, **kwargs)
        except ObjectStorageError as error:
            raise ModelStoreError(str(error)) from error

    return explained


class RemoteStore:
    """The history and the versions at a URL.

    Every method raises `ModelStoreError` if there is no such bucket, no access or no answer.

    Args:
        url: As `s3://bucket/prefix`.
    """

    @_of_the_store
    def __init__(self, url: str) -> None:
        self._bucket = Bucket(url)
        self.url = self._bucket.url

    @_of_the_store
    def lines(self, known: Sequence[bytes]) -> list[bytes]:
        """Give the history, oldest line first.

        Args:
            known: How it began when it was last looked at; that much is not read again.

        Raises:
            PromotionsDamagedError: A line is not one that was written by us.
        """
        lines = list(known)
        if known and self._bucket.get(_line(len(known))) != known[-1]:
            lines = []
        while (line := self._bucket.get(_line(len(lines) + 1))) is not None:
            try:
                read_line(line)
            except ValueError as error:
                raise PromotionsDamagedError(
                    f"{self.url}/{_line(len(lines) + 1)} is damaged ({error}): put line "
                    f"{len(lines) + 1} of the promotions.jsonl of another machine in its place"
                ) from None
            lines.append(line)
        return lines

    @_of_the_store
    def add_line(self, number: int, line: bytes) -> None:
        """Add a line to the history.

        Raises:
            PromotionConflictError: Somebody else's line has this number.
        """
        if not self._bucket.create(_line(number), line):
            raise PromotionConflictError(
                f"{self.url}/{_line(number)} was written by another machine"
            )

    @_of_the_store
    def tags(self) -> list[str]:
        """Name the versions, the one that came first at first."""
        paths = [name.split("/") for name in self._bucket.names("models")]
        return list(dict.fromkeys(f"{path[1]}:{path[2]}" for path in paths if len(path) == 4))

    @_of_the_store
    def upload(self, version: Path) -> None:
        """Put a version there, from its folder."""
        content = io.BytesIO()
        with ZipFile(content, "w") as archive:
            for path in sorted(version.iterdir()):
                # Without its times, so that each machine makes the same archive of a version.
                archive.writestr(ZipInfo(path.name), path.read_bytes())
        tag = f"{version.parent.name}:{version.name}"
        digest = hashlib.sha256(content.getvalue()).hexdigest()
        self._bucket.put(f"{_folder(tag)}/{digest}.zip", content.getvalue())

    @_of_the_store
    def download(self, tag: str, *, to: Path) -> None:
        """Fetch a version into a folder.

        Raises:
            ModelRefusedError: It is not there, or not what was put there.
        """
        for name in self._bucket.names(_folder(tag)):
            content = self._bucket.get(name) or b""
            if hashlib.sha256(content).hexdigest() != Path(name).stem:
                raise ModelRefusedError(
                    f"{self.url}/{name} is not the file that was registered (its SHA-256 "
                    "differs): promote another version"
                )
            with ZipFile(io.BytesIO(content)) as archive:
                archive.extractall(to)
            return
        raise ModelRefusedError(f"{tag} is not in the store {self.url}")

    @_of_the_store
    def delete(self, tag: str) -> None:
        """Remove a version."""
        for name in self._bucket.names(_folder(tag)):
            self._bucket.delete(name)


def _line(number: int) -> str:
    return f"promotions/{number:08}.json"


def _folder(tag: str) -> str:
    return f"models/{tag.replace(':', '/')}"
