"""Location of the raw files; the sample is never mistaken for them."""

from collections.abc import Iterable
from pathlib import Path

import pytest

from spike_assets.sample.sample import sample_files
from spike_assets.sources import dairy_index, milk_price
from spike_assets.sources.errors import DataError
from spike_assets.sources.location import DataLocation, locate_data, locate_folder, read_source
from spike_assets.sources.raw_file import RawFile
from spike_assets.sources.schemas import violations
from spike_assets.sources.source import Source
from spike_assets.sources.sources import SOURCES

NAMES = ("precipitaciones.csv", "precio_leche.csv", "banco_central.csv")
EVERY_SOURCE = pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.name)
LISTED = "precipitaciones.csv, precio_leche.csv, banco_central.csv"


def fill(folder: Path, names: Iterable[str] = NAMES) -> Path:
    folder.mkdir()
    for name in names:
        (folder / name).write_bytes(name.encode())
    return folder


@pytest.fixture(autouse=True)
def _empty_working_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize("named", [None, ""])
def test_without_any_folder_the_sample_is_used_and_says_so(named: str | None):
    """Neither a folder was named nor is there one called `data`."""
    location = locate_data(named)
    assert location == DataLocation(folder=None)
    assert location.is_synthetic
    assert str(location) == "embedded sample (SYNTHETIC, not real prices)"


def test_tilde_that_no_shell_expanded_is_the_home_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """As in a .env file."""
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / "mine").mkdir()
    assert locate_folder("~/mine").folder == tmp_path / "mine"


@pytest.mark.parametrize("named", [None, ""])
def test_folder_data_is_used_where_none_is_named(named: str | None):
    """The real files come before the sample as soon as they are there."""
    fill(Path("data"))
    location = locate_data(named)
    assert location == DataLocation(folder=Path("data"))
    assert not location.is_synthetic
    assert str(location) == "data"


def test_folder_that_is_named_comes_before_data(tmp_path: Path):
    """The folder that the user asks for is used."""
    fill(Path("data"))
    folder = fill(tmp_path / "other")
    location = locate_data(str(folder))
    assert location == DataLocation(folder=folder)
    assert str(location) == str(folder)


@pytest.mark.parametrize(
    ("named", "in_data", "message"),
    [
        ("nowhere", NAMES, f"nowhere: no such folder; expected one with {LISTED}"),
        ("file", NAMES, f"file: no such folder; expected one with {LISTED}"),
        ("other", NAMES, f"other: lacks precipitaciones.csv, banco_central.csv; expected {LISTED}"),
        (
            None,
            NAMES[:2],
            f"data: lacks banco_central.csv; expected {LISTED} (make data downloads them)",
        ),
    ],
    ids=["no-folder", "a-file", "some-files-missing", "half-a-download"],
)
def test_folder_that_is_none_or_lacks_files_is_refused(
    named: str | None, in_data: tuple[str, ...], message: str
):
    """All missing files are named; there is no falling back, to `data` nor to the sample."""
    fill(Path("data"), in_data)
    fill(Path("other"), ["precio_leche.csv"])
    Path("file").touch()
    with pytest.raises(DataError) as raised:
        locate_data(named)
    assert str(raised.value) == message


def test_file_named_data_is_refused():
    """Where `data` is no folder, the sample doesn't step in either."""
    Path("data").write_bytes(b"")
    with pytest.raises(DataError, match=r"^data: no such folder"):
        locate_data(None)


@EVERY_SOURCE
def test_file_is_read_from_the_folder(source: Source):
    """Its name, its path and its bytes are those on the disk."""
    name = source.file_name
    location = DataLocation(folder=fill(Path("other"), [name]))
    assert location.read(source) == RawFile(
        name=name, location=f"other/{name}", content=name.encode()
    )


def test_optional_file_may_be_missing():
    """Its tables then have no rows, in the columns and types of the contract."""
    location = locate_data(str(fill(Path("other"))))
    file = location.read(dairy_index.SOURCE)
    assert (file.missing, file.location) == (True, "no fao_food_price_indices.csv in other")
    table = read_source(location, dairy_index.SOURCE).table
    assert table.empty
    assert all(found.empty for found in violations(table, dairy_index.SOURCE.schema).values())


@EVERY_SOURCE
def test_file_of_the_sample_says_that_it_is_synthetic(source: Source):
    """Whoever reads where it came from can't take it for the published file."""
    name = source.file_name
    assert DataLocation(folder=None).read(source) == RawFile(
        name=name,
        location=f"{name} of the embedded sample (SYNTHETIC, not real prices)",
        content=sample_files()[name],
    )


def test_file_that_went_away_is_refused():
    """Between finding the folder and reading it, a file may go."""
    location = locate_data(str(fill(Path("other"))))
    Path("other/precio_leche.csv").unlink()
    with pytest.raises(DataError) as raised:
        location.read(milk_price.SOURCE)
    assert str(raised.value) == "other/precio_leche.csv: no such file; expected a CSV file"
