"""Logs as one stream: a JSON object a line on standard output, whoever logs."""

import logging
import sys
from typing import Any

from pythonjsonlogger.json import JsonFormatter

from bento.edge.exchange import current_request

_WITH_HANDLERS_OF_THEIR_OWN = ("bentoml", "circus", "uvicorn", "uvicorn.error")


class JsonLines(JsonFormatter):
    """Writes a record as a JSON object on one line, in ASCII.

    What a client sent can't begin a line of its own: line ends are escaped like all else.
    """

    def __init__(self) -> None:
        super().__init__(
            ["levelname", "name", "message"],
            rename_fields={"levelname": "level", "name": "logger"},
            timestamp="time",  # ISO 8601, UTC
        )

    def process_log_record(self, log_data: dict[str, Any]) -> dict[str, Any]:
        """Name the request in which something was logged."""
        request_id = current_request().request_id
        if request_id:
            log_data.setdefault("request_id", request_id)
        return log_data


def write_json_logs() -> None:
    """Make all loggers of this process write JSON lines to standard output.

    Levels stay as they are, but the access log is switched on, and BentoML's and uvicorn's, which
    would say the same once more, are switched off.
    """
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(JsonLines())
    logging.getLogger().handlers = [handler]
    for name in _WITH_HANDLERS_OF_THEIR_OWN:
        logger = logging.getLogger(name)
        logger.handlers = []
        logger.propagate = True
    logging.getLogger("spike_assets").setLevel(logging.INFO)
    logging.getLogger("bentoml.access").setLevel(logging.WARNING)
    # uvicorn asks whether anyone listens, and saves the work of making the line if not.
    logging.getLogger("uvicorn.access").propagate = False
