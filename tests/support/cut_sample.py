"""The sample with fewer milk prices: fewer origins to forecast from, so it is quick."""

from pathlib import Path

from spike_assets.sample.sample import sample_files
from spike_assets.sources.milk_price import FILE_NAME


def cut_sample(folder: Path, *, first: str, last: str) -> Path:
    """Write the three files into a new folder, the prices of these months only; give the folder."""
    folder.mkdir()
    for name, content in sample_files().items():
        (folder / name).write_bytes(content)
    heading, *rows = sample_files()[FILE_NAME].splitlines(keepends=True)
    kept = rows[_months_after_the_first(first) : _months_after_the_first(last) + 1]
    (folder / FILE_NAME).write_bytes(b"".join([heading, *kept]))
    return folder


def _months_after_the_first(month: str) -> int:
    year, number = map(int, month.split("-"))
    return 12 * (year - 1979) + number - 1
