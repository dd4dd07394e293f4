"""Locks that say which runs are being worked on, and the end of those that are not any more.

A process that is killed can't say so, and its run would be shown as started for ever. The system
lifts a lock when a process ends, however it ends.
"""

import fcntl
import os
import platform
from contextlib import suppress
from pathlib import Path

import dagster as dg

_SUFFIX = ".lock"


def hold_run(instance: dg.DagsterInstance, run_id: str) -> None:
    """Hold the lock of a run until this process ends.

    Without it, as in a folder that can't be written or locked, the run is never taken for killed.
    """
    folder = _locks(instance)
    path = folder / f"{run_id}{_SUFFIX}"
    temporary = path.with_suffix(f".{os.getpid()}")
    with suppress(OSError):
        folder.mkdir(exist_ok=True)
        temporary.write_text(platform.node(), encoding="utf-8")
        # Never closed; and renamed once it is locked, so that nobody finds it unlocked before.
        fcntl.flock(os.open(temporary, os.O_RDONLY), fcntl.LOCK_EX)
        temporary.rename(path)


def end_killed_runs(instance: dg.DagsterInstance) -> list[str]:
    """Mark the runs as failed whose process on this machine is gone.

    Returns:
        The ids of the runs that were still shown as started.
    """
    ended = []
    for path in _locks(instance).glob(f"*{_SUFFIX}"):
        # Held, or gone: the process is there, or another one has ended the run.
        with suppress(OSError), path.open(encoding="utf-8") as lock:
            if lock.read() != platform.node():  # locks may not reach from one machine to another
                continue
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            run = instance.get_run_by_id(path.stem)
            if run and not run.is_finished:
                instance.report_run_failed(run, "The process of this run was killed.")
                ended.append(run.run_id)
            path.unlink()
    return ended


def _locks(instance: dg.DagsterInstance) -> Path:
    return Path(instance.root_directory) / "running"
