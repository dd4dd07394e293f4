"""`DAGSTER_HOME`: what it may be, and the one line for what it may not."""

import subprocess
import sys
from pathlib import Path

import click
import pytest

from spike_assets.cli.dagster_home import dagster_home

COMMAND = Path(sys.executable).parent / "spike-assets"


@pytest.mark.parametrize("value", [None, ""])
def test_no_folder_is_named(monkeypatch: pytest.MonkeyPatch, value: str | None) -> None:
    """Unset and empty are the same to Dagster, too."""
    if value is None:
        monkeypatch.delenv("DAGSTER_HOME", raising=False)
    else:
        monkeypatch.setenv("DAGSTER_HOME", value)

    assert dagster_home() is None


def test_missing_folder_with_blanks_and_accents_is_created(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the folders above it, as the storage and the model store are."""
    home = tmp_path / "año nuevo" / "casa de señor"
    monkeypatch.setenv("DAGSTER_HOME", str(home))

    assert dagster_home() == home
    assert home.is_dir()
    assert dagster_home() == home


def test_tilde_is_the_home_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Dagster expands it likewise."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("DAGSTER_HOME", "~/dagster")

    assert dagster_home() == tmp_path / "dagster"


@pytest.mark.parametrize("below", ["", "/home"])
def test_file_is_an_error_that_names_the_variable(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, below: str
) -> None:
    """In the place of the folder, or of one above it."""
    (tmp_path / "file").touch()
    monkeypatch.setenv("DAGSTER_HOME", f"{tmp_path}/file{below}")

    with pytest.raises(click.ClickException) as error:
        dagster_home()

    assert error.value.message == (
        f"DAGSTER_HOME={tmp_path}/file{below}: is not a folder; name another one"
    )


@pytest.mark.parametrize("command", ["run", "end-killed-runs"])
def test_relative_path_is_an_error_of_one_line(
    isolated_environment, tmp_path: Path, command: str
) -> None:
    """It would be another instance in each folder that the command is called in."""
    done = _called(command, isolated_environment(tmp_path), home="some/home", folder=tmp_path)

    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == (
        "Error: DAGSTER_HOME=some/home: is a relative path; expected an absolute one, as "
        f"{tmp_path}/some/home\n"
    )
    assert not (tmp_path / "some").exists()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("storage: [", "while parsing a flow node"),
        ("storag: {}", 'Received unexpected config entry "storag" at the root'),
        ("storage: {sqlite: {base_dir: /dev/null/x}}", "Not a directory"),
    ],
    ids=["no YAML", "no configuration", "no storage"],
)
def test_instance_that_cannot_be_opened_is_an_error_of_one_line(
    isolated_environment, tmp_path: Path, content: str, said: str
) -> None:
    """Dagster's reason, cut off before all that a configuration may hold."""
    home = tmp_path / "señal 1"
    home.mkdir()
    (home / "dagster.yaml").write_text(content)

    done = _called("end-killed-runs", isolated_environment(tmp_path), home=home, folder=tmp_path)

    assert done.returncode == 1
    (line,) = done.stderr.splitlines()
    assert line.startswith(f"Error: DAGSTER_HOME={home}: can't be used: ")
    assert said in line
    assert len(line) < 500


def _called(
    command: str, environment: dict[str, str], *, home: Path | str, folder: Path
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [COMMAND, command],
        env=environment | {"DAGSTER_HOME": str(home)},
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
