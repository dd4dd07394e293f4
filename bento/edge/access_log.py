"""The access log: a line for each request, once it is answered."""

import logging

from bento.edge.exchange import RequestContext

MAX_PATH_CHARACTERS = 256

CLIENT_GONE = 499
"""Logged as the status when the client left before it had sent its request; nginx's number."""

logger = logging.getLogger("spike_assets.access")


def log_access(exchange: RequestContext) -> None:
    """Write the line of an exchange that is over."""
    if not logger.isEnabledFor(logging.INFO):
        return
    line = {
        "request_id": exchange.request_id,
        "client": exchange.client,
        "method": exchange.method,
        "path": exchange.path[:MAX_PATH_CHARACTERS],
        "status": exchange.status,
        "latency_ms": exchange.latency_ms,
        "request_bytes": exchange.request_bytes,
        "response_bytes": exchange.response_bytes,
    }
    for name in ("model_tag", "n_rows", "n_rescaled_cells"):
        value = getattr(exchange, name)
        if value is not None:
            line[name] = value
    logger.info("request", extra=line)
