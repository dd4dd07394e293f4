"""Private names of BentoML that the service uses, all of them; checked with BentoML 1.4.39.

The registry has one more, in `stored_model`: importing these takes its commands half a second.
"""

import sys
from collections.abc import Callable
from functools import partial
from typing import Any

import uvicorn
from _bentoml_impl.serde import Serde
from _bentoml_sdk.io_models import IODescriptor
from _bentoml_sdk.models import BentoModel
from _bentoml_sdk.service import Service
from bentoml._internal.configuration.containers import BentoMLContainer
from bentoml._internal.context import server_context

from bento.connections import ConnectionLimits, WorkerConfig, WorkerServer

__all__ = [
    "BentoMLContainer",
    "BentoModel",
    "IODescriptor",
    "Serde",
    "Service",
    "serve_within",
    "server_context",
    "start_servers_by",
]

_OPTIONS_WITH_OTHER_DEFAULTS = ("timeout_keep_alive", "timeout_graceful_shutdown")


def serve_within(limits: ConnectionLimits) -> None:
    """Have this worker process serve by `WorkerServer`.

    BentoML's worker makes uvicorn's configuration and server itself, with no way to say which. It
    gives values of its own to the options that `bentoml serve` was not called with.
    """

    def config(app: Any, **options: Any) -> WorkerConfig:
        for name in _OPTIONS_WITH_OTHER_DEFAULTS:
            if f"--{name.replace('_', '-')}" not in sys.argv:
                options.pop(name, None)
        return WorkerConfig(app, limits=limits, **options)

    vars(uvicorn).update(Config=config, Server=WorkerServer)


def start_servers_by(start_server: Callable[..., Any], create_watcher: Callable[..., Any]) -> None:
    """Put functions in the place of those that start a server and watch its workers.

    Each gets the replaced function as its first argument.
    """
    import bentoml.serving
    from _bentoml_impl import server

    server.serve_http = partial(start_server, server.serve_http)
    bentoml.serving.create_watcher = partial(create_watcher, bentoml.serving.create_watcher)
