"""The lines that people at a terminal see of a run."""

import io
import logging
import re
from pathlib import Path

import dagster as dg
import pytest
from rich.console import Console

from spike_assets.defs.progress import StepLines, progress


@dg.asset
def good(context: dg.AssetExecutionContext) -> None:
    """Says a lot that nobody asked for, and one thing that matters."""
    context.log.info("an asset's own message")
    context.log.warning("a price [of 13.208] is doubtful")


@dg.asset(deps=[good])
def bad() -> None:
    raise RuntimeError("boom")


@dg.asset(deps=[bad])
def never() -> None: ...


def run(instance: dg.DagsterInstance, logger: dg.LoggerDefinition) -> None:
    """Run the three assets with this logger and no other."""
    job = dg.Definitions(
        assets=[good, bad, never],
        jobs=[dg.define_asset_job("job", selection=dg.AssetSelection.all())],
        loggers={"lines": logger},
        executor=dg.in_process_executor,
    ).resolve_job_def("job")
    job.execute_in_process(
        instance=instance, raise_on_error=False, run_config={"loggers": {"lines": {}}}
    )


LINES = r"  ! a price \[of 13\.208\] is doubtful\n  ✓ good \d+\.\d s\n  ✗ bad\n"


@pytest.mark.parametrize("terminal", [False, True])
def test_steps_that_end_and_warnings_have_a_line_each_and_the_rest_has_none(
    instance: dg.DagsterInstance, *, terminal: bool
) -> None:
    """A tick with the seconds, or a cross; a step that did not start is not mentioned.

    On a terminal a step shows itself while it runs, in the place where its line then comes.
    """
    console = Console(file=io.StringIO(), force_terminal=terminal, color_system=None, width=80)

    @dg.logger
    def lines(_context: dg.InitLoggerContext) -> logging.Logger:
        logger = logging.Logger("lines", level=logging.DEBUG)
        logger.addHandler(StepLines(console))
        return logger

    run(instance, lines)

    expected = (
        r"  … good\r  ! a price \[of 13.208\] is doubtful\n  ✓ good \d+\.\d s\n  … bad\r  ✗ bad\n"
        if terminal
        else LINES
    )
    assert re.fullmatch(expected, console.file.getvalue())


def test_lines_go_to_standard_error(
    instance: dg.DagsterInstance, capfd: pytest.CaptureFixture[str]
) -> None:
    """Standard output is left to the report."""
    run(instance, progress)

    printed = capfd.readouterr()
    assert printed.out == ""
    assert re.fullmatch(LINES, printed.err)


def test_lines_are_printed_even_if_nothing_of_what_steps_print_is_copied(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Under load Dagster ends `tail` before it has printed the last lines; here it prints none."""
    tail = tmp_path / "tail"
    tail.write_text("#!/bin/sh\nexec sleep 60\n")
    tail.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")

    with dg.DagsterInstance.local_temp(str(tmp_path)) as recording:
        run(recording, progress)

    assert re.fullmatch(
        LINES,
        capfd.readouterr().err,
    )
