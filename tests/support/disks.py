"""Disks that refuse to be written: full, and read-only, by what this machine permits."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest


@contextmanager
def small_disk(folder: Path, *, kilobytes: int) -> Iterator[None]:
    """Mount a small file system of its own on a folder; skips who may not mount."""
    _mount("-t", "tmpfs", "-o", f"size={kilobytes}k", "tmpfs", str(folder))
    try:
        yield
    finally:
        subprocess.run(["/bin/umount", "--lazy", folder], check=True)


@contextmanager
def filled(folder: Path) -> Iterator[None]:
    """Leave no room on the disk of a folder."""
    filler = folder / "filler"
    with filler.open("wb", buffering=0) as file:
        try:
            while True:
                file.write(bytes(4096))
        except OSError:
            pass
    try:
        yield
    finally:
        filler.unlink()


@contextmanager
def read_only(folder: Path) -> Iterator[str]:
    """Let nobody write below a folder; gives the reason that writers are told.

    For root, whom permissions don't stop, by a read-only mount; skips if that is not permitted.
    """
    if os.geteuid() == 0:
        _mount("--bind", str(folder), str(folder))
        try:
            _mount("-o", "remount,bind,ro", str(folder))
            yield "Read-only file system"
        finally:
            subprocess.run(["/bin/umount", "--lazy", folder], check=True)
    else:
        modes = {path: path.stat().st_mode for path in [folder, *folder.rglob("*")]}
        for path, mode in modes.items():
            path.chmod(mode & ~0o222)
        try:
            yield "Permission denied"
        finally:
            for path, mode in modes.items():
                path.chmod(mode)


def _mount(*arguments: str) -> None:
    done = subprocess.run(["/bin/mount", *arguments], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        pytest.skip(f"may not mount here: {done.stderr.strip()}")
