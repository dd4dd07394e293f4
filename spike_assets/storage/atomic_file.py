"""Replacing a file so that readers see the old one or the new one, whole, whatever happens."""

import os
import time
import uuid
from pathlib import Path

ABANDONED_AFTER_S = 3600
_SUFFIX = ".part"


def replace_file(path: Path, content: bytes) -> None:
    """Write a file by way of a temporary one in the same folder.

    A crash at any point leaves the old file, or none where there was none. Temporary files that
    crashed writers of this file left behind are swept once they are an hour old.

    Args:
        path: The file; its folder must exist.
        content: What it will hold.
    """
    _sweep(path)
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
    """Make the names in a folder survive a power cut."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _sweep(path: Path) -> None:
    oldest_s = time.time() - ABANDONED_AFTER_S
    for abandoned in path.parent.glob(f".{path.name}.*{_SUFFIX}"):
        try:
            if abandoned.stat().st_mtime < oldest_s:
                abandoned.unlink()
        except FileNotFoundError:
            continue  # another writer swept it first
