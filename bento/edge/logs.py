"""Logs as one stream of JSON lines on standard output, with an access line for each request."""

import logging
import sys
from typing import Any

from pythonjsonlogger.json import JsonFormatter

from bento.edge.context import RequestContext, current_request

MAX_PATH_CHARACTERS = 256

_LOGGERS_WITH_HANDLERS = ("bentoml", "circus", "uvicorn", "uvicorn.error")

access_logger = logging.getLogger("spike_assets.access")


class JsonLines(JsonFormatter):
    """Formats a record as a JSON object on one line, in ASCII.

    Text of a client can't begin a line of its own: line ends are escaped like all else.
    """

    def __init__(self) -> None:
        super().__init__(
            ["levelname", "name", "message"],
            rename_fields={"levelname": "level", "name": "logger"},
            timestamp="time",  # ISO 8601, UTC
        )

    def process_log_record(self, log_data: dict[str, Any]) -> dict[str, Any]:
        """Add the id of the current request."""
        request_id = current_request().request_id
        if request_id:
            log_data.setdefault("request_id", request_id)
        return log_data


def write_json_logs() -> None:
    """Make all loggers of this process write JSON lines to standard output.

    Levels stay as they are, but the access log is switched on, and BentoML's and uvicorn's, which
    would repeat it, are switched off.
    """
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(JsonLines())
    logging.getLogger().handlers = [handler]
    for name in _LOGGERS_WITH_HANDLERS:
        logger = logging.getLogger(name)
        logger.handlers = []
        logger.propagate = True
    logging.getLogger("spike_assets").setLevel(logging.INFO)
    logging.getLogger("bentoml.access").setLevel(logging.WARNING)
    # uvicorn checks whether it has a handler, and does not make the line if not.
    logging.getLogger("uvicorn.access").propagate = False


def log_access(context: RequestContext) -> None:
    """Write the access line of a request that was answered."""
    if not access_logger.isEnabledFor(logging.INFO):
        return
    line = {
        "request_id": context.request_id,
        "client": context.client,
        "method": context.method,
        "path": context.path[:MAX_PATH_CHARACTERS],
        "status": context.status,
        "latency_ms": context.latency_ms,
        "request_bytes": context.request_bytes,
        "response_bytes": context.response_bytes,
    }
    for name in ("model_tag", "n_rows", "n_rescaled_cells"):
        value = getattr(context, name)
        if value is not None:
            line[name] = value
    access_logger.info("request", extra=line)
