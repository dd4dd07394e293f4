"""Named objects in a folder, a bucket or at another fsspec URL: read, replace, list."""

from pathlib import Path
from typing import Protocol

from upath import UPath

from spike_assets.storage.atomic_file import replace_file
from spike_assets.storage.s3_bucket import Bucket


class Objects(Protocol):
    """Objects by name, such as `received/odepa/2026-11-27T10-15-03Z.json`."""

    def get(self, name: str) -> bytes | None:
        """Read an object; None if there is none."""

    def put(self, name: str, content: bytes) -> None:
        """Write an object completely or not at all, replacing one of the same name."""

    def names(self, folder: str) -> list[str]:
        """List the objects below a folder."""


class Folder:
    """Objects as files below a folder, or at an fsspec URL."""

    def __init__(self, root: UPath) -> None:
        self._root = root

    def get(self, name: str) -> bytes | None:
        """Read an object; None if there is none."""
        try:
            return bytes((self._root / name).read_bytes())
        except FileNotFoundError:
            return None

    def put(self, name: str, content: bytes) -> None:
        """Write an object completely or not at all, replacing one of the same name."""
        path = self._root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.protocol in ("", "file", "local"):
            replace_file(Path(path.path), content)
        else:
            path.write_bytes(content)

    def names(self, folder: str) -> list[str]:
        """List the objects below a folder."""
        found = (self._root / folder).glob("**/*")
        return [str(one.relative_to(self._root)) for one in found if one.is_file()]


def open_objects(url: str) -> Objects:
    """Open a folder, `s3://bucket/prefix` or another fsspec URL.

    Raises:
        ObjectStorageError: The URL of a bucket is not valid.
    """
    root = UPath(url)
    return Bucket(url) if root.protocol == "s3" else Folder(root)
