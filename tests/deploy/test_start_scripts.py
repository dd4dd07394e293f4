"""The scripts that containers start with."""

import os
import subprocess

import pytest

PROGRAM = """#!/bin/sh
echo "$0 $*"
env
"""


@pytest.fixture
def started(deploy, tmp_path):
    """A run of a script: the command that it started, and its environment."""
    for name in ("dagster", "bentoml"):
        (tmp_path / name).write_text(PROGRAM)
        (tmp_path / name).chmod(0o755)

    def run(script: str, **environment: str) -> list[str]:
        path = f"{tmp_path}:{os.environ['PATH']}"
        return subprocess.run(
            ["/bin/sh", deploy / script],
            env={"PATH": path, **environment},
            capture_output=True,
            text=True,
            check=True,
        ).stdout.splitlines()

    return run


def test_code_server_reads_a_folder_that_is_mounted(started):
    """It is named, so a file that it lacks is an error."""
    lines = started("pipeline/code_server.sh", DATA_IS_MOUNTED="./data")

    assert "SPIKE_DATA_DIR=/srv/data" in lines


def test_code_server_names_no_folder_if_none_is_mounted(started):
    """The embedded sample, which says so."""
    lines = started("pipeline/code_server.sh", DATA_IS_MOUNTED="")

    assert not any(line.startswith("SPIKE_DATA_DIR") for line in lines)
    assert lines[0].endswith("--location-name spike_assets")


def test_each_replica_records_predictions_in_a_folder_of_its_own(started):
    """They share the volume."""
    lines = started("service/serve.sh", SPIKE_PREDICTION_LOG="/predictions")

    assert f"SPIKE_PREDICTION_LOG=/predictions/{os.uname().nodename}" in lines
    assert lines[0].endswith("/bentoml serve")
