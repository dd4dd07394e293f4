"""The prediction log: what was asked and what was answered, for monitoring models afterwards.

A JSON line for each answered question, with the very bytes of the request and the response in it.
Clients never wait for the disk: a thread writes what has come since it last looked, and what it
can't keep up with is left out. It is not woken by each record, because waking it takes longer than
the answer did.
"""

import json
import logging
import threading
from collections import deque
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from bento.edge.exchange import RequestContext
from bento.edge.rotated_lines import RotatedLines

MAX_FILE_BYTES = 10 * 1024 * 1024
N_FILES = 10
MAX_WAITING_BYTES = 32 * 1024 * 1024
"""Records that wait for the disk; those that come then are lost."""

WRITE_EVERY_S = 0.05

CLOSE_LIMIT_S = 10
"""How long the end of the service waits for the disk."""

_LINE_ENDS = bytes.maketrans(b"\r\n", b"  ")

logger = logging.getLogger("spike_assets.prediction_log")


@dataclass(frozen=True, slots=True)
class _Prediction:
    head: dict[str, str | float | None]
    request: bytes
    response: bytes

    @property
    def size_bytes(self) -> int:
        return len(self.request) + len(self.response)

    def line(self) -> bytes:
        # No string of a JSON text has a raw line end in it, so they are all between its parts.
        head = json.dumps(self.head).encode("ascii").removesuffix(b"}")
        request = self.request.translate(_LINE_ENDS)
        response = self.response.translate(_LINE_ENDS)
        return b'%b, "request": %b, "response": %b}' % (head, request, response)


class PredictionLog:
    """Records predictions in `predictions-WORKER.jsonl`.

    Attributes:
        n_lost: The records that were left out so far.
    """

    def __init__(self, folder: Path, *, worker: str) -> None:
        """Prepare to record; nothing is touched before the first record.

        Args:
            folder: Where the files go.
            worker: Tells the files of processes apart.
        """
        self.n_lost = 0
        self._path = folder / f"predictions-{worker}.jsonl"
        self._file = RotatedLines(self._path, most_bytes=MAX_FILE_BYTES, n_files=N_FILES)
        self._waiting: deque[_Prediction] = deque()
        self._waiting_bytes = 0
        self._lock = threading.Lock()
        self._writer: threading.Thread | None = None
        self._closing = threading.Event()
        self._is_losing = False

    def record(self, exchange: RequestContext, *, request: bytes, response: bytes) -> None:
        """Record an answered question; returns at once.

        Args:
            exchange: What is known of it, the model's tag above all.
            request: The body of the request, JSON.
            response: The body of the response, JSON.
        """
        prediction = _Prediction(
            {
                "time": datetime.now(UTC).isoformat(),
                "request_id": exchange.request_id,
                "path": exchange.path,
                "model_tag": exchange.model_tag,
                "latency_ms": exchange.latency_ms,
            },
            request,
            response,
        )
        with self._lock:
            has_room = self._waiting_bytes < MAX_WAITING_BYTES
            if has_room:
                self._waiting_bytes += prediction.size_bytes
        if not has_room:
            self._lose("the disk is too slow")
            return
        self._waiting.append(prediction)
        if self._writer is None:
            self._closing.clear()
            self._writer = threading.Thread(
                target=self._write_all, name="prediction-log", daemon=True
            )
            self._writer.start()

    def close(self) -> None:
        """Write what waits, and close the file."""
        if self._writer is None:
            return
        self._closing.set()
        self._writer.join(CLOSE_LIMIT_S)
        if self._writer.is_alive():
            logger.warning("Predictions are lost: %s could not be written in time", self._path)
        self._writer = None

    def _write_all(self) -> None:
        while not self._closing.wait(WRITE_EVERY_S):
            self._write_waiting()
        self._write_waiting()
        self._file.close()

    def _write_waiting(self) -> None:
        while self._waiting:
            prediction = self._waiting.popleft()
            try:
                self._file.append(prediction.line())
                is_written = True
            except OSError as error:
                self._lose(str(error))
                is_written = False
            with self._lock:
                self._waiting_bytes -= prediction.size_bytes
                is_over = is_written and self._is_losing and self._waiting_bytes == 0
                if is_over:
                    self._is_losing = False
            if is_over:
                logger.warning("Predictions are recorded again; %d were lost", self.n_lost)

    def _lose(self, reason: str) -> None:
        with self._lock:
            self.n_lost += 1
            is_first, self._is_losing = not self._is_losing, True
        if is_first:
            logger.warning("Predictions are not recorded in %s: %s", self._path, reason)
