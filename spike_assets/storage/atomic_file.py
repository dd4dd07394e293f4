"""Atomic replacement of a file: readers see the old content or the new, even after a crash."""

import os
import time
import uuid
from pathlib import Path

ABANDONED_AFTER_S = 3600
_SUFFIX = ".part"


def replace_file(path: Path, content: bytes) -> None:
    """Replace a file atomically, by renaming a temporary one in the same folder.

    A crash at any point leaves the old file, or none if there was none. Temporary files of crashed
    writers are removed once they are an hour old.

    Args:
        path: The file; its folder must exist.
        content: Its new content.
    """
    _remove_abandoned(path)
    temporary = path.with_name(f".{path.name}.{uuid.uuid4().hex}{_SUFFIX}")
    try:
        with temporary.open("xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Flush the entries of a folder to disk, so that renames survive a power cut."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _remove_abandoned(path: Path) -> None:
    oldest_s = time.time() - ABANDONED_AFTER_S
    for abandoned in path.parent.glob(f".{path.name}.*{_SUFFIX}"):
        try:
            if abandoned.stat().st_mtime < oldest_s:
                abandoned.unlink()
        except FileNotFoundError:
            continue  # another writer removed it first
