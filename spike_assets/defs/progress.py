"""A logger that says which step a run is at, a line each, for people at a terminal."""

import logging
import os
import sys
import weakref

import dagster as dg
from rich.console import Console
from rich.markup import escape


class StepLines(logging.Handler):
    """Prints a line when a step starts, succeeds or fails, and for each warning of an asset."""

    def __init__(self, console: Console) -> None:
        super().__init__()
        self._console = console

    def emit(self, record: logging.LogRecord) -> None:
        """Print the line for a warning, or for a Dagster event that is about a step."""
        meta = record.dagster_meta  # type: ignore[attr-defined]
        event = meta["dagster_event"]
        if event is None:
            if record.levelno == logging.WARNING:
                message = escape(meta["orig_message"])
                self._console.print(f"  [yellow]![/] {message}", soft_wrap=True)
            return
        if event.step_key is None:
            return
        if event.is_step_start and self._console.is_terminal:
            self._console.print(f"  [dim]…[/] {event.step_key}", end="\r")
        elif event.is_step_success:
            seconds = event.step_success_data.duration_ms / 1000
            self._console.print(f"  [green]✓[/] {event.step_key} [dim]{seconds:.1f} s[/]")
        elif event.is_step_failure and not is_interrupt(event):
            self._console.print(f"  [red]✗[/] {event.step_key}")


def is_interrupt(event: dg.DagsterEvent) -> bool:
    """Return whether a step failed because the run was ended, by Ctrl-C or a signal."""
    source = event.step_failure_data.error_source
    return source is not None and source.name == "INTERRUPT"


@dg.logger
def progress(_context: dg.InitLoggerContext) -> logging.Logger:
    """A line for each step, on standard error; chosen by `spike-assets run`."""
    # While steps run, Dagster puts a file in the place of standard error and lets `tail` copy it to
    # the terminal. It stops that without waiting for the last lines, so these go their own way.
    stderr = os.fdopen(os.dup(2), "w", encoding=sys.stderr.encoding, errors="backslashreplace")
    logger = logging.Logger("progress", level=logging.DEBUG)
    weakref.finalize(logger, stderr.close)
    logger.addHandler(StepLines(Console(file=stderr, highlight=False)))
    return logger
