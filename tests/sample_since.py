"""The embedded sample with a shorter history of prices: fewer origins to forecast from."""

from pathlib import Path

from spike_assets.sources.sample import sample_files


def write_sample_since(folder: Path, *, year: int) -> Path:
    """Write the three files into a folder, the prices from a year on, and give the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    files = sample_files()
    heading, *months = files["precio_leche.csv"].decode().split("\r\n")
    kept = [month for month in months if int(month[:4]) >= year]
    files["precio_leche.csv"] = "\r\n".join([heading, *kept]).encode()
    for name, content in files.items():
        (folder / name).write_bytes(content)
    return folder
