"""Fetching one file over HTTP into a part that survives failures, and checking what came."""

import hashlib
import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import httpx

MAX_BYTES = 64 * 1024**2
"""No file is accepted beyond this size; the largest of the three has 0.2 MiB."""

TIMEOUT = httpx.Timeout(30, connect=10)
"""Seconds to wait for a connection, and for each next piece of a body."""

PAUSES_S = (0.5, 2.0)
"""Waits before the second and the third attempt at a file; there is no fourth."""


class DownloadError(Exception):
    """The files could not be fetched or put in place; the target folder is as it was.

    The message names the file, the address, what happened, and what to do.
    """


class _RetryableError(DownloadError):
    """A failure that another attempt may get over."""


@dataclass(frozen=True)
class RemoteFile:
    """A file to fetch.

    Attributes:
        name: Its name.
        url: Its address.
        sha256: The hash that it must have, in hexadecimal.
        target: Where it goes in the end.
        part: Where it is received.
    """

    name: str
    url: str
    sha256: str
    target: Path
    part: Path


def fetch(client: httpx.Client, file: RemoteFile, *, show: Callable[..., None]) -> None:
    """Receive a file into its part, going on from what is there, and verify it.

    Args:
        client: What to ask with.
        file: The file.
        show: Called with `completed` and `total` (bytes) as it comes in.

    Raises:
        DownloadError: It can't be fetched, is too large or has another hash. The message says
            whether what was received was kept.
        OSError: The disk refuses.
    """
    for pause_s in PAUSES_S:
        try:
            return _attempt(client, file, show=show)
        except _RetryableError:
            time.sleep(pause_s)
    return _attempt(client, file, show=show)


def _attempt(client: httpx.Client, file: RemoteFile, *, show: Callable[..., None]) -> None:
    start = _size(file.part)
    if start and sha256_of(file.part) == file.sha256:
        return
    headers = {"Range": f"bytes={start}-"} if start else {}
    try:
        with client.stream("GET", file.url, headers=headers) as response:
            _require_body(response, file, start=start)
            _write(response, file, start=start, show=show)
    except httpx.TransportError as error:
        kept = _size(file.part)
        then = f"goes on after the {kept} bytes kept in {file.part}" if kept else "starts afresh"
        raise _RetryableError(
            f"{file.name}: {file.url} could not be read to its end ({str(error) or repr(error)}); "
            f"check the connection and run it again, which {then}"
        ) from error
    found = sha256_of(file.part)
    if found != file.sha256:
        raise _reject(file, f"has SHA-256 {found}, expected {file.sha256}", resumed=start > 0)


def _require_body(response: httpx.Response, file: RemoteFile, *, start: int) -> None:
    status = response.status_code
    if status == httpx.codes.REQUESTED_RANGE_NOT_SATISFIABLE and start:
        raise _reject(file, f"has nothing after byte {start}", resumed=True)
    if status in (408, 429) or status >= 500:
        raise _RetryableError(f"{file.name}: {file.url} answered HTTP {status}; run it again later")
    if status not in (httpx.codes.OK, httpx.codes.PARTIAL_CONTENT):
        raise DownloadError(
            f"{file.name}: {file.url} answered HTTP {status}, expected the file; check that the "
            "address still exists"
        )


def _write(
    response: httpx.Response, file: RemoteFile, *, start: int, show: Callable[..., None]
) -> None:
    # A server that ignores the range answers 200 with the whole file. A 206 for another range
    # needs no check of its own: the hash finds it.
    resumes = response.status_code == httpx.codes.PARTIAL_CONTENT
    size = start if resumes else 0
    length = response.headers.get("Content-Length")
    total = size + int(length) if length else None
    with file.part.open("ab" if resumes else "wb") as stream:
        for chunk in response.iter_raw():
            size += len(chunk)
            if max(size, total or 0) > MAX_BYTES:
                raise _reject(file, f"is larger than {MAX_BYTES} bytes", resumed=start > 0)
            stream.write(chunk)
            show(completed=size, total=total)
        stream.flush()
        os.fsync(stream.fileno())  # so that a power cut after the move can't empty the file


def _reject(file: RemoteFile, what: str, *, resumed: bool) -> DownloadError:
    """Throw the part away; if it was resumed, the fault may be the part's, so fetch once more."""
    file.part.unlink()
    return (_RetryableError if resumed else DownloadError)(
        f"{file.name}: {file.url} {what}; what was received is thrown away: check that this is "
        "the right address, then run it again"
    )


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


def sha256_of(path: Path) -> str:
    """Hash a file, in hexadecimal."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
