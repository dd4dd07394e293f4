"""Download of the real files: verified by SHA-256, all or none.

pooch fetches, retries and verifies each file in a temporary folder. Only when all are there do
they go into the target folder. What the files mean is for the modules that read them.
"""

import logging
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import pooch

from spike_assets.sources.errors import DownloadError
from spike_assets.sources.source import Source
from spike_assets.sources.sources import SOURCES
from spike_assets.storage.atomic_file import replace_file

TIMEOUT_S = 30
"""Wait for a connection, and for each next piece of a body."""

RETRIES = 2


def download_data(folder: Path, *, sources: Sequence[Source] = SOURCES) -> list[Path]:
    """Put the real files into a folder, downloading those that it lacks.

    Shows a progress bar on stderr if that is a terminal.

    Args:
        folder: Where the files go; made if missing.
        sources: Whose files; those without an address are left out.

    Returns:
        The files' paths, in the order of `sources`.

    Raises:
        DownloadError: The folder holds a file of one of the names with other content, a file
            can't be downloaded or has another hash, or the disk refuses. The folder is then as it
            was.
    """
    sources = [source for source in sources if source.url]
    try:
        if missing := _missing(sources, folder=folder):
            with TemporaryDirectory() as received:
                _fetch(missing, into=Path(received))
                # Looked at again: a file may have been put there in the meantime.
                _move_in(_missing(sources, folder=folder), received=Path(received), folder=folder)
    except OSError as error:
        raise DownloadError(
            f"{', '.join(source.file_name for source in sources)}: can't be put into {folder} "
            f"({error}); make room or check the permissions, then run it again"
        ) from error
    return [folder / source.file_name for source in sources]


def _missing(sources: Sequence[Source], *, folder: Path) -> list[Source]:
    present = [source for source in sources if os.path.lexists(folder / source.file_name)]
    differing = [
        folder.resolve() / source.file_name
        for source in present
        if pooch.file_hash(str(folder / source.file_name)) != source.sha256
    ]
    if differing:
        raise DownloadError(
            f"{', '.join(map(str, differing))}: there already, with other content than the "
            "published file; nothing was overwritten: move the file away or download into another "
            "folder"
        )
    return [source for source in sources if source not in present]


def _fetch(sources: Sequence[Source], *, into: Path) -> None:
    pooch.get_logger().setLevel(logging.WARNING)  # errors are raised, progress has a bar
    files = pooch.create(
        path=into,
        base_url="",
        registry={source.file_name: source.sha256 for source in sources},
        urls={source.file_name: source.url for source in sources},
        retry_if_failed=RETRIES,
    )
    downloader = pooch.HTTPDownloader(
        progressbar=sys.stderr.isatty(),
        timeout=TIMEOUT_S,
        stream=False,  # pooch leaves the connection of an error status open if it streams
    )
    for source in sources:
        try:
            files.fetch(source.file_name, downloader=downloader)
        except (OSError, ValueError) as error:  # of the connection, of the hash
            raise DownloadError(
                f"{source.file_name}: {source.url} can't be downloaded: {error}; nothing was "
                "changed: check the address and the connection, then run it again"
            ) from error


def _move_in(sources: Sequence[Source], *, received: Path, folder: Path) -> None:
    made = not folder.exists()
    folder.mkdir(parents=True, exist_ok=True)
    moved = []
    try:
        for source in sources:
            path = folder / source.file_name
            replace_file(path, (received / source.file_name).read_bytes())
            moved.append(path)
    except BaseException:
        for path in moved:
            path.unlink()
        if made:
            folder.rmdir()
        raise
