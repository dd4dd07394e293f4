"""The ceiling: an ASGI function without framework, checks or logs; orjson in, NumPy, orjson out.

It has our arithmetic in place of the pipeline's `predict`, as nobody else has.
"""

import os
import pickle
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import numpy as np
import orjson
import uvicorn

from spike_assets.models.regressor import FittedPipeline
from spike_assets.series.catalogue import FEATURE_NAMES

model = FittedPipeline.of(pickle.loads(Path(os.environ["MODEL"]).read_bytes()))
HEADERS = [(b"content-type", b"application/json")]


async def app(
    scope: dict[str, Any],
    receive: Callable[[], Awaitable[dict[str, Any]]],
    send: Callable[[dict[str, Any]], Awaitable[None]],
) -> None:
    if scope["type"] != "http":
        return
    answer = b"{}"
    if scope["path"] == "/predict":
        parts = []
        more = True
        while more:
            message = await receive()
            parts.append(message.get("body", b""))
            more = message.get("more_body", False)
        query = orjson.loads(b"".join(parts))["query"]
        rows = np.array([[row[name] for name in FEATURE_NAMES] for row in query], dtype=float)
        answer = orjson.dumps({"prediction": model.predict(rows).tolist()})
    await send({"type": "http.response.start", "status": 200, "headers": HEADERS})
    await send({"type": "http.response.body", "body": answer})


if __name__ == "__main__":
    uvicorn.run(
        app, host="127.0.0.1", port=int(os.environ["PORT"]), log_level="warning", lifespan="off"
    )
