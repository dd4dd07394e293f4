"""A Dagster instance and a folder of data of its own for each test."""

from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import pytest

from spike_assets.sample.sample import sample_files


@pytest.fixture
def instance() -> Iterator[dg.DagsterInstance]:
    """An instance that remembers nothing of other tests."""
    with dg.DagsterInstance.ephemeral() as instance:
        yield instance


@pytest.fixture
def data_folder(tmp_path: Path) -> Path:
    """A folder with the three files of the sample."""
    folder = tmp_path / "data"
    folder.mkdir()
    for name, content in sample_files().items():
        (folder / name).write_bytes(content)
    return folder
