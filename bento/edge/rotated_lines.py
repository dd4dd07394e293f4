"""A file of lines that starts anew when it is full, with a bounded number of older ones kept."""

import os
from pathlib import Path


class RotatedLines:
    """Appends whole lines to a file; `FILE.1` is the one before it, `FILE.2` the one before that.

    Only its owner can read the files. The folder is made with the first line.
    """

    def __init__(self, path: Path, *, most_bytes: int, n_files: int) -> None:
        """Prepare to write.

        Args:
            path: The file.
            most_bytes: Where a file is full. A single line may be larger, and has a file to itself.
            n_files: How many files there are at most; the oldest goes first.
        """
        self._path = path
        self._most_bytes = most_bytes
        self._n_files = n_files
        self._descriptor: int | None = None
        self._size_bytes = 0

    def append(self, line: bytes) -> None:
        """Write a line; it has no line end in it.

        Raises:
            OSError: It could not be written. Then no part of it is in the file.
        """
        descriptor = self._open() if self._descriptor is None else self._descriptor
        if self._size_bytes and self._size_bytes + len(line) >= self._most_bytes:
            descriptor = self._rotate()
        self._write(descriptor, line + b"\n")

    def close(self) -> None:
        """Close the file; another line would open it again."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def _open(self) -> int:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        flags = os.O_RDWR | os.O_CREAT | os.O_APPEND
        descriptor = self._descriptor = os.open(self._path, flags, mode=0o600)
        self._size_bytes = os.fstat(descriptor).st_size
        if self._size_bytes and os.pread(descriptor, 1, self._size_bytes - 1) != b"\n":
            self._write(descriptor, b"\n")  # a writer was killed in the middle of a line
        return descriptor

    def _write(self, descriptor: int, content: bytes) -> None:
        unwritten = memoryview(content)
        try:
            while unwritten:
                unwritten = unwritten[os.write(descriptor, unwritten) :]
        except OSError:
            os.ftruncate(descriptor, self._size_bytes)
            raise
        self._size_bytes += len(content)

    def _rotate(self) -> int:
        self.close()
        for number in range(self._n_files - 1, 0, -1):
            newer = self._older(number - 1)
            if newer.exists():
                newer.replace(self._older(number))
        return self._open()

    def _older(self, number: int) -> Path:
        return self._path.with_name(f"{self._path.name}.{number}") if number else self._path
