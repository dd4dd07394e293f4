"""The process that starts the workers: where it listens, and what it logs about them.

BentoML starts a server in one process, which opens the socket and replaces workers that end. It
does so through the functions of this module.
"""

import logging
import os
import signal
import socket
import time
from collections.abc import Callable, Mapping
from threading import Thread
from typing import Any

import click

from bento.bentoml_internals import BentoMLContainer, start_servers_by
from bento.edge.logs import write_json_logs

_PARENT = "_SPIKE_SERVER_PID"
"""Has the id of the process that started a worker, in the environment of the worker."""

MAX_PORT = 65_535

logger = logging.getLogger("spike_assets.server")


def take_over_start() -> None:
    """Start the server through this module, if this process is to start one, and log as JSON."""
    if _command_options():
        write_json_logs()
        start_servers_by(_start_server, _create_watcher)


def n_workers() -> int | None:
    """Return the number of workers that the command is given, if it is given one.

    Raises:
        SystemExit: It is not a number of workers.
    """
    n_asked: int | None = _command_options().get("api_workers")
    if n_asked is not None and n_asked < 1:
        raise SystemExit(f"BENTOML_API_WORKERS: {n_asked} is not a whole number of at least 1")
    return n_asked


def end_with_parent() -> None:
    """End this worker with the process that started it, rather than keep the port from the next."""
    if parent := os.environ.get(_PARENT):
        Thread(target=_end_after, args=(int(parent),), name="end_with_parent", daemon=True).start()


def _command_options() -> Mapping[str, Any]:
    """Return the options of the command that starts a server; none in other processes.

    They come from the command line or from variables such as `BENTOML_API_WORKERS`. BentoML does
    not pass all of them on.
    """
    context = click.get_current_context(silent=True)
    options = context.params if context else {}
    return options if "api_workers" in options else {}


def _start_server(
    start: Callable[..., Any],
    bento: Any,
    *,
    host: str | None = None,
    port: int | None = None,
    timeout: int | None = None,
    **options: Any,
) -> Any:
    """Start a server by BentoML's function, on an address that is free.

    Raises:
        SystemExit: It can't listen there.
    """
    if timeout:
        logger.warning(
            "--timeout and BENTOML_TIMEOUT have no effect: a request is bounded by the size of its "
            "body (SPIKE_BODY_LIMIT_BYTES) and the time that this takes (SPIKE_BODY_TIMEOUT_S)"
        )
    host, port = _free_address(
        (host or "").strip() or BentoMLContainer.http.host.get(),
        BentoMLContainer.http.port.get() if port is None else port,
    )
    return start(bento, host=host, port=port, **options)


def _create_watcher(
    create: Callable[..., Any], *, env: Mapping[str, str] | None = None, **options: Any
) -> Any:
    """Make circus's watcher of the workers, which replaces and logs those that end.

    In a container BentoML replaces none: the container is to end with its only worker. Of several
    workers, one that ended would be missing for good.
    """
    watcher = create(
        env={**(env or {}), _PARENT: str(os.getpid())},
        hooks={"after_reap": (_log_end, True)},
        **options,
    )
    watcher.respawn = watcher.respawn or watcher.numprocesses > 1
    return watcher


def _end_after(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(1)
    logger.warning("Process %d, which started this worker, has ended; so does the worker", parent)
    os.kill(os.getpid(), signal.SIGTERM)


def _log_end(*, watcher: Any, process_pid: int, exit_code: int, **_: Any) -> None:
    if not watcher.is_active():  # it ends all of them
        return
    cause = f"signal {signal.Signals(-exit_code).name}" if exit_code < 0 else f"status {exit_code}"
    then = "another one is started" if watcher.respawn else "the server ends with it"
    logger.warning("Worker process %d ended with %s; %s", process_pid, cause, then)


def _free_address(host: str, port: int) -> tuple[str, int]:
    """Return the IP address of a host of this machine, and a port; 0 becomes a free one.

    circus takes no name, and reports with a traceback that it could not listen.
    """
    if not 0 <= port <= MAX_PORT:
        raise SystemExit(f"BENTOML_PORT: {port} is not a port, a whole number of 1 to {MAX_PORT}")
    try:
        # A name may stand for addresses of both kinds; the least is the one of IPv4.
        family, *_, address = min(socket.getaddrinfo(host, port, type=socket.SOCK_STREAM))
        with socket.socket(family) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as circus does
            probe.bind(address)
            free: tuple[str, int] = probe.getsockname()[:2]
    except (OSError, UnicodeError) as error:
        reason = getattr(error, "strerror", None) or error
        place = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
        raise SystemExit(
            f"Can't listen on {place}: {reason}. Set BENTOML_PORT to a free port, and BENTOML_HOST "
            "to an address of this machine"
        ) from None
    return free
