"""Report of a check of the raw files: for people, on a screen, and for programs."""

from collections.abc import Iterator, Sequence
from typing import Any

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.text import Text

from spike_assets.training.data_check import JOIN, FileCheck


def check_report(checks: Sequence[FileCheck], *, rows_shown: int | None) -> RenderableType:
    """Show each file with its repairs and its fault, and end with a verdict.

    Args:
        checks: As `check_data` returns them.
        rows_shown: How many rows to list of each defect; None for all.
    """
    lines = [line for check in checks for line in _lines(check, rows_shown=rows_shown)]
    return Group(*lines, _verdict(checks))


def check_summary(checks: Sequence[FileCheck]) -> dict[str, Any]:
    """Summarize the checks as JSON for programs, the repairs as counts."""
    return {
        "files": [
            {
                "file": check.file,
                "rows": check.rows,
                "first_month": check.months and check.months[0],
                "last_month": check.months and check.months[1],
                "sha256": check.sha256,
                "repairs": {defect: len(touched) for defect, touched in check.repairs.items()},
                "warnings": list(check.warnings),
                "fault": check.fault,
            }
            for check in checks
        ],
        "blocking": any(check.fault for check in checks),
    }


def _lines(check: FileCheck, *, rows_shown: int | None) -> Iterator[RenderableType]:
    yield Text.assemble((check.file, "bold"), *[f"  {fact}" for fact in _facts(check)])
    for defect, touched in check.repairs.items():
        if touched.empty:
            continue
        yield _indented(f"{defect.replace('_', ' ')}: {len(touched):,}", 2)
        shown = touched if rows_shown is None else touched.head(rows_shown)
        for line, column, value, done in shown.itertuples(index=False):
            yield _indented(f"line {line}, column {column}: {value!r}; {done}", 4)
        if len(shown) < len(touched):
            yield _indented(f"and {len(touched) - len(shown):,} more", 4, style="dim")
    if not check.fault and check.file != JOIN and not any(map(len, check.repairs.values())):
        yield _indented("nothing to repair", 2)
    for warning in check.warnings:
        yield _indented(f"warning: {warning}", 2, style="yellow")
    if check.fault:
        yield _indented(check.fault, 2, style="bold red")


def _facts(check: FileCheck) -> Iterator[str]:
    if check.rows is not None:
        yield f"{check.rows} {'months in common' if check.file == JOIN else 'rows'}"
    if check.months:
        yield " to ".join(check.months)
    if check.sha256:
        yield f"sha256 {check.sha256[:12]}"


def _verdict(checks: Sequence[FileCheck]) -> Text:
    faulty = [check.file for check in checks if check.fault]
    if not faulty:
        return Text("no blocking faults", style="bold green")
    if faulty == [JOIN]:
        return Text("the files have a blocking fault together", style="bold red")
    n_files = len([file for file in faulty if file != JOIN])
    files = "1 file has" if n_files == 1 else f"{n_files} files have"
    return Text(f"{files} blocking faults", style="bold red")


def _indented(text: str, by: int, *, style: str = "") -> RenderableType:
    return Padding(Text(text, style=style), (0, 0, 0, by), expand=False)
