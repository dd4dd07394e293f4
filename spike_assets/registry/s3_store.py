"""A model store in S3-compatible storage, shared by machines; its objects are never changed.

    promotions/00000001.json                a line of the promotion log, created if absent
    models/model1/<version>/<sha256>.zip    the folder of a version, named by its content

So a reader finds a line or a version complete or not at all, and of two writers of a line one
fails.
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
from spike_assets.registry.promotions import parse_line
from spike_assets.storage.s3_bucket import Bucket, ObjectStorageError

Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")


def _as_model_store_errors(method: Callable[Arguments, Result]) -> Callable[Arguments, Result]:
    """Turn an `ObjectStorageError` into a `ModelStoreError`."""

    @wraps(method)
    def wrapped(*args: Arguments.args, **kwargs: Arguments.kwargs) -> Result:
        try:
            return method(*args, **kwargs)
        except ObjectStorageError as error:
            raise ModelStoreError(str(error)) from error

    return wrapped


class S3Store:
    """The promotion log and the versions at a URL.

    Every method raises `ModelStoreError` if there is no such bucket, no access or no answer.

    Args:
        url: As `s3://bucket/prefix`.
    """

    @_as_model_store_errors
    def __init__(self, url: str) -> None:
        self._bucket = Bucket(url)
        self.url = self._bucket.url

    @_as_model_store_errors
    def lines(self, known: Sequence[bytes]) -> list[bytes]:
        """Return the lines of the promotion log, oldest first.

        Args:
            known: Its first lines, from an earlier read; only the last of them is read again.

        Raises:
            PromotionsDamagedError: A line is not valid.
        """
        lines = list(known)
        if known and self._bucket.get(_line(len(known))) != known[-1]:
            lines = []
        while (line := self._bucket.get(_line(len(lines) + 1))) is not None:
            try:
                parse_line(line)
            except ValueError as error:
                raise PromotionsDamagedError(
                    f"{self.url}/{_line(len(lines) + 1)} is damaged ({error}): replace it by line "
                    f"{len(lines) + 1} of the promotions.jsonl of another machine"
                ) from None
            lines.append(line)
        return lines

    @_as_model_store_errors
    def add_line(self, number: int, line: bytes) -> None:
        """Add a line to the promotion log.

        Raises:
            PromotionConflictError: Another machine wrote the line of this number.
        """
        if not self._bucket.create(_line(number), line):
            raise PromotionConflictError(
                f"{self.url}/{_line(number)} was written by another machine"
            )

    @_as_model_store_errors
    def tags(self) -> list[str]:
        """List the tags of the versions, oldest first."""
        paths = [name.split("/") for name in self._bucket.names("models")]
        return list(dict.fromkeys(f"{path[1]}:{path[2]}" for path in paths if len(path) == 4))

    @_as_model_store_errors
    def upload(self, version: Path) -> None:
        """Upload a version from its folder."""
        content = io.BytesIO()
        with ZipFile(content, "w") as archive:
            for path in sorted(version.iterdir()):
                # Without file times, so that each machine makes the same archive of a version.
                archive.writestr(ZipInfo(path.name), path.read_bytes())
        tag = f"{version.parent.name}:{version.name}"
        digest = hashlib.sha256(content.getvalue()).hexdigest()
        self._bucket.put(f"{_folder(tag)}/{digest}.zip", content.getvalue())

    @_as_model_store_errors
    def download(self, tag: str, *, to: Path) -> None:
        """Download a version into a folder.

        Raises:
            ModelRefusedError: It is missing, or its SHA-256 differs.
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

    @_as_model_store_errors
    def delete(self, tag: str) -> None:
        """Delete a version."""
        for name in self._bucket.names(_folder(tag)):
            self._bucket.delete(name)


def _line(number: int) -> str:
    return f"promotions/{number:08}.json"


def _folder(tag: str) -> str:
    return f"models/{tag.replace(':', '/')}"
