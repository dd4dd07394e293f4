"""Downloads the three real files: pinned by commit and SHA-256, resumable, all or none.

Source: https://github.com/SpikeLab-CL/ml-engineer-challenge, the folder of an older challenge.
Files are received and verified in a staging folder beside the target and then moved in, so the
target never holds half a file. What the files mean is for the modules that read them.
"""

import fcntl
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path

import httpx
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn

from spike_assets.sources.transfer import TIMEOUT, DownloadError, RemoteFile, fetch, sha256_of

BASE_URL = (
    "https://raw.githubusercontent.com/SpikeLab-CL/ml-engineer-challenge/"
    "6430a00b02a5d001a95520199eb395264655d56b/data_scientist_past_challenge/data"
)
"""The folder that holds the files, at the commit that the hashes were taken from."""

SHA256: Mapping[str, str] = {
    "banco_central.csv": "ef8d24a4de0f83f133e8876894390a9e631f8a1dd4cf9e33da3c67d631d59d51",
    "precio_leche.csv": "07cf7b1e030ff51eaf02493c87bf8cc52e33470c0e8ff6f39db5abed029d72f0",
    "precipitaciones.csv": "71b9005443770dbd5f05572a4958359a2673ec9e5301bb237daf627fc57ca07d",
}
"""File name → SHA-256 in hexadecimal."""


def download_data(
    folder: Path, *, base_url: str = BASE_URL, checksums: Mapping[str, str] = SHA256
) -> list[Path]:
    """Put the real files into a folder, fetching those that it lacks.

    What was received of a file survives a failure, in `.NAME.part` in the staging folder
    `.FOLDER.download` beside the target, and the next call continues it. Shows a progress bar on
    stderr if that is a terminal.

    Args:
        folder: Where the files go; made if missing.
        base_url: Address of the folder that holds them.
        checksums: File name → SHA-256 in hexadecimal.

    Returns:
        The files' paths, in the order of `checksums`.

    Raises:
        DownloadError: The folder holds a file of one of the names with other content, a file
            can't be fetched, is too large or has another hash, the disk refuses, or another
            download into the folder is running. The folder is then as it was.
    """
    target = folder.resolve()
    staging = target.parent / f".{target.name}.download"
    files = [
        RemoteFile(name, f"{base_url}/{name}", sha256, target / name, staging / f".{name}.part")
        for name, sha256 in checksums.items()
    ]
    try:
        if missing := _missing(files):
            with _locked(staging):
                _fetch_all(missing)
                # Looked at again: a file may have been put there in the meantime.
                _move_in(_missing(files), folder=target)
    except OSError as error:
        raise DownloadError(
            f"{', '.join(checksums)} from {base_url}: can't be put into {folder} ({error}); "
            "make room or check the permissions, then run it again"
        ) from error
    return [folder / name for name in checksums]


def _missing(files: Sequence[RemoteFile]) -> list[RemoteFile]:
    present = [file for file in files if os.path.lexists(file.target)]
    differing = [file for file in present if sha256_of(file.target) != file.sha256]
    if differing:
        raise DownloadError(
            f"{', '.join(str(file.target) for file in differing)}: there already, and not what "
            f"{', '.join(file.url for file in differing)} should hold; nothing was overwritten: "
            "move the file away or download into another folder"
        )
    return [file for file in files if file not in present]


@contextmanager
def _locked(staging: Path) -> Iterator[None]:
    # Two downloads that write to one part could move in a file that is still being written to.
    staging.mkdir(parents=True, exist_ok=True)
    lock = os.open(staging, os.O_RDONLY)
    try:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise DownloadError(f"{staging}: in use by another download; wait for it") from None
        try:
            yield
        finally:
            with suppress(OSError):  # it holds parts to go on from
                staging.rmdir()
    finally:
        os.close(lock)


def _fetch_all(files: Sequence[RemoteFile]) -> None:
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn())
    # Compressed, the bytes of a range would not be those of the file.
    headers = {"Accept-Encoding": "identity"}
    with (
        httpx.Client(timeout=TIMEOUT, headers=headers) as client,
        Progress(*columns, console=console, disable=not console.is_terminal) as progress,
    ):
        for file in files:
            task = progress.add_task(file.name, total=None)
            fetch(client, file, show=partial(progress.update, task))


def _move_in(files: Sequence[RemoteFile], *, folder: Path) -> None:
    made = not folder.exists()
    folder.mkdir(exist_ok=True)
    moved: list[RemoteFile] = []
    try:
        for file in files:
            file.part.replace(file.target)
            moved.append(file)
    except OSError:
        for file in moved:
            file.target.replace(file.part)
        if made:
            folder.rmdir()
        raise
