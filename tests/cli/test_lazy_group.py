"""Commands that are imported when they are used, as `spike-assets` registers them."""

import re
import subprocess
import sys
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from spike_assets.cli.data import data
from spike_assets.cli.main import main
from spike_assets.cli.models import models
from spike_assets.cli.plot import plot

SLOW = ("bentoml", "dagster", "matplotlib", "pandas", "pandera", "sklearn")

IMPORTED = f"""
import sys
from spike_assets.cli.main import main
try:
    main(sys.argv[1:])
finally:
    print("imported:", *(name for name in {SLOW} if name in sys.modules))
"""


@pytest.mark.parametrize(
    ("arguments", "imported"),
    [
        *((arguments, "") for arguments in (["--help"], ["--version"], ["run", "--help"])),
        (["models", "list", "--help"], ""),
        (["plot", "--help"], " matplotlib pandas pandera"),  # what draws, and no graph
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_help_imports_nothing_slow(arguments: list[str], imported: str) -> None:
    """Text that is only printed comes at once; an import that there is would be seen."""
    done = subprocess.run(
        [sys.executable, "-c", IMPORTED, *arguments],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )

    assert done.stdout.splitlines()[-1] == f"imported:{imported}"


@pytest.mark.parametrize("command", [data, models, plot], ids=["data", "models", "plot"])
def test_listed_help_is_that_of_the_command(command: click.Group) -> None:
    """The line that stands in for a command which is not imported says the same."""
    done = CliRunner().invoke(main, ["--help"])

    (listed,) = re.findall(rf"^  {command.name} +(.*)$", done.stdout, re.MULTILINE)
    assert listed == command.get_short_help_str(80)


def test_command_is_called_as_it_was_typed() -> None:
    """Its usage names the commands above it."""
    done = CliRunner().invoke(main, ["plot", "price", "--help"], prog_name="spike-assets")

    assert done.exit_code == 0
    assert done.stdout.startswith("Usage: spike-assets plot price ")


def test_command_runs_with_its_arguments(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """From the first word to the file."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("SPIKE_DATA_DIR", raising=False)

    done = CliRunner().invoke(main, ["plot", "price", "-o", "milk.png"])

    assert (done.exit_code, done.stdout) == (0, "milk.png\n")
    assert Path("milk.png").read_bytes().startswith(b"\x89PNG")


def test_unknown_command_is_a_usage_error() -> None:
    """Close names are suggested, those of commands that are not imported among them."""
    done = CliRunner().invoke(main, ["plt"])

    assert done.exit_code == 2
    assert "No such command 'plt'" in done.stderr
    assert "plot" in done.stderr
