"""The prediction log: requests and responses on disk, for monitoring the models.

A JSON line for each answered request, with the very bytes of the request and the response in it.
Clients never wait for the disk: a thread writes what was queued since it last looked, and what it
can't keep up with is dropped.

The queue listener and the rotating file are the standard library's. `QueueHandler` is not used, as
it formats records before it queues them, within the request; nor `queue.Queue`, as its limit counts
records of any size, and as waking the writer for each takes longer than the answer did.
"""

import fcntl
import json
import logging
import os
import queue
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from io import TextIOWrapper
from logging.handlers import QueueListener, RotatingFileHandler
from pathlib import Path

from bento.edge.context import RequestContext

MAX_FILE_BYTES = 10 * 1024 * 1024
N_FILES = 10
MAX_WAITING_BYTES = 32 * 1024 * 1024
"""Records that wait for the disk; beyond, new ones are dropped."""

WRITE_EVERY_S = 0.05

CLOSE_LIMIT_S = 5
"""Time that the shutdown waits for the disk, after the requests in progress had theirs."""

_BYTES = "latin-1"
"""Decodes any bytes and encodes them as they were, so that lines hold the very bytes of bodies."""

_LINE_ENDS = bytes.maketrans(b"\r\n", b"  ")

logger = logging.getLogger("spike_assets.prediction_log")


class PredictionLog:
    """Records predictions in `predictions-WORKER.jsonl`; `….jsonl.1` is the file before it.

    If another server writes that file, this one's is `predictions-WORKER-2.jsonl`, and so on.

    Attributes:
        n_lost: The number of records dropped so far.
    """

    def __init__(self, folder: Path, *, worker: str) -> None:
        """Prepare to record; nothing is touched before the first record.

        Args:
            folder: Where the files go.
            worker: Tells the files of processes apart.
        """
        self.n_lost = 0
        self._queue = _PolledQueue()
        self._file = LineFile(
            folder / f"predictions-{worker}.jsonl", on_written=self._recover, on_error=self._lose
        )
        self._listener: QueueListener | None = None
        self._is_losing = False
        self._lock = threading.Lock()

    def record(self, context: RequestContext, *, request: bytes, response: bytes) -> None:
        """Record an answered request; returns at once.

        Args:
            context: Its id, its model and its latency.
            request: The body of the request, JSON.
            response: The body of the response, JSON.
        """
        try:
            self._queue.put_nowait(_Prediction(context, request, response))
        except queue.Full:
            self._lose("the disk is too slow")
        if self._listener is None:
            self._listener = QueueListener(self._queue, self._file)
            self._listener.start()

    def close(self) -> None:
        """Write what waits, and close the file."""
        if self._listener is None:
            return
        closing = threading.Thread(target=self._drain, args=[self._listener], daemon=True)
        closing.start()
        closing.join(CLOSE_LIMIT_S)
        if closing.is_alive():
            path = self._file.baseFilename
            logger.warning("Predictions are lost: %s could not be written in time", path)
        self._listener = None

    def _drain(self, listener: QueueListener) -> None:
        listener.stop()
        self._file.close()

    def _lose(self, reason: str) -> None:
        with self._lock:
            self.n_lost += 1
            is_first, self._is_losing = not self._is_losing, True
        if is_first:
            path = self._file.baseFilename
            logger.warning("Predictions are not recorded in %s: %s", path, reason)

    def _recover(self) -> None:
        if self._is_losing and self._queue.is_drained:
            self._is_losing = False
            logger.warning("Predictions are recorded again; %d were lost", self.n_lost)


@dataclass(slots=True)
class _Prediction:
    context: RequestContext
    request: bytes
    response: bytes
    answered_s: float = field(default_factory=time.time)

    @property
    def size_bytes(self) -> int:
        return len(self.request) + len(self.response)

    def line(self) -> str:
        head = {
            "time": datetime.fromtimestamp(self.answered_s, UTC).isoformat(),
            "request_id": self.context.request_id,
            "path": self.context.path,
            "model_tag": self.context.model_tag,
            "latency_ms": self.context.latency_ms,
        }
        # No string of a JSON text has a raw line end in it, so they are all between its parts.
        request = self.request.translate(_LINE_ENDS).decode(_BYTES)
        response = self.response.translate(_LINE_ENDS).decode(_BYTES)
        return f'{json.dumps(head)[:-1]}, "request": {request}, "response": {response}}}'


class _PolledQueue:
    """A queue for one reader, which polls; bounded in the bytes of what waits or is being written.

    Each counter is written by one thread, so there is no lock to wait for.
    """

    def __init__(self) -> None:
        self._waiting: deque[_Prediction | None] = deque()
        self._put_bytes = 0
        self._taken_bytes = 0
        self._done_bytes = 0

    @property
    def is_drained(self) -> bool:
        """True if the reader has taken all predictions."""
        return self._taken_bytes == self._put_bytes

    def put_nowait(self, prediction: _Prediction | None) -> None:
        """Append a prediction; or the None that ends the listener, for which there is room."""
        if prediction is not None:
            if self._put_bytes - self._done_bytes >= MAX_WAITING_BYTES:
                raise queue.Full
            self._put_bytes += prediction.size_bytes
        self._waiting.append(prediction)

    def get(self, block: bool = True) -> logging.LogRecord | None:
        """Wait for a prediction; its line is made here, in the thread of the listener."""
        while not self._waiting:
            time.sleep(WRITE_EVERY_S)
        prediction = self._waiting.popleft()
        if prediction is None:
            return None
        self._taken_bytes += prediction.size_bytes
        return logging.makeLogRecord({"msg": prediction.line()})

    def task_done(self) -> None:
        """Count the prediction as written."""
        self._done_bytes = self._taken_bytes


class LineFile(RotatingFileHandler):
    """A rotating file of whole lines, which one process writes and only its owner can read.

    A single line may be larger than `MAX_FILE_BYTES`, and has a file to itself. While another
    process writes `NAME.jsonl`, this one writes `NAME-2.jsonl` or the next that is free: each would
    rotate and cut off what the other wrote.
    """

    def __init__(
        self, path: Path, *, on_written: Callable[[], None], on_error: Callable[[str], None]
    ) -> None:
        super().__init__(
            path, maxBytes=MAX_FILE_BYTES, backupCount=N_FILES - 1, encoding=_BYTES, delay=True
        )
        self._on_written = on_written
        self._on_error = on_error
        self._path = path
        self._lock_descriptor: int | None = None
        self._size_bytes = 0
        self._is_cut = False  # by a writer that was killed in the middle of a line

    def createLock(self) -> None:  # noqa: N802 - the name is logging's
        """Do without: one thread writes, and if it hangs, the process must end all the same."""
        self.lock = None

    def emit(self, record: logging.LogRecord) -> None:
        """Append a line, unless the disk is full or the folder can't be written."""
        try:
            self._append(record.getMessage().encode(_BYTES) + b"\n")
        except OSError as error:
            self._on_error(str(error))
        else:
            self._on_written()

    def close(self) -> None:
        """Close the file, and leave its name to others."""
        super().close()
        if self._lock_descriptor is not None:
            os.close(self._lock_descriptor)
            self._lock_descriptor = None

    def _append(self, line: bytes) -> None:
        stream = self.stream = self.stream or self._open()
        if self._size_bytes and self._size_bytes + len(line) > self.maxBytes:
            self.doRollover()
            stream = self.stream = self._open()
        unwritten = memoryview(b"\n" + line if self._is_cut else line)
        try:
            while unwritten:
                unwritten = unwritten[os.write(stream.fileno(), unwritten) :]
        except OSError:
            os.ftruncate(stream.fileno(), self._size_bytes)  # no part of a line stays
            raise
        self._size_bytes += len(line) + self._is_cut
        self._is_cut = False

    def _open(self) -> TextIOWrapper:
        if self._lock_descriptor is None:
            self._lock_descriptor, path = _locked(self._path)
            self.baseFilename = str(path)
        path = Path(self.baseFilename)
        flags = os.O_RDWR | os.O_CREAT | os.O_APPEND
        descriptor = os.open(path, flags, mode=0o600)
        size_bytes = self._size_bytes = os.fstat(descriptor).st_size
        self._is_cut = size_bytes > 0 and os.pread(descriptor, 1, size_bytes - 1) != b"\n"
        return os.fdopen(descriptor, "a", encoding=_BYTES)


def _locked(path: Path) -> tuple[int, Path]:
    """Lock the first name that no other process writes.

    Returns:
        The descriptor of the lock, which lasts until it or the process ends, and the path.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    free, number = path, 1
    while (descriptor := _lock(free.with_name(f"{free.name}.lock"))) is None:
        number += 1
        free = path.with_stem(f"{path.stem}-{number}")
    return descriptor, free


def _lock(path: Path) -> int | None:
    """Lock a file; return its descriptor, or None if another process has locked it."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, mode=0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        return None
    except OSError:
        os.close(descriptor)
        raise
    return descriptor
