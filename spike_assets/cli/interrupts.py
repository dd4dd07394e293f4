"""Ctrl-C and SIGTERM for commands whose work goes to other processes."""

import os
import signal
import threading
from multiprocessing import resource_tracker


def interrupt_alone() -> None:
    """Let Ctrl-C and SIGTERM raise `KeyboardInterrupt` in this process, and in no other one.

    Ctrl-C goes to every process of the terminal, and each of joblib's workers and of Dagster's
    watchers would print a traceback. They inherit that SIGINT is blocked, and end with this one.
    """
    resource_tracker.ensure_running()  # starting it later would unblock SIGINT
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    threading.Thread(target=_pass_on, daemon=True).start()


def _pass_on() -> None:
    while True:
        signal.sigwait({signal.SIGINT})
        os.kill(os.getpid(), signal.SIGTERM)
