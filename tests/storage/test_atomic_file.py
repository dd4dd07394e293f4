"""Replacing a file: whole or not at all, even if the writer is killed."""

import errno
import os
import subprocess
import sys
import time
from pathlib import Path
from stat import S_ISDIR

import numpy as np
import pytest

from spike_assets.storage.atomic_file import ABANDONED_AFTER_S, replace_file

CONTENTS = (b"0" * 5_000_000, b"1" * 5_000_000)
REWRITE_FOR_EVER = """
import sys
from pathlib import Path
from spike_assets.storage.atomic_file import replace_file

path = Path(sys.argv[1])
while True:
    for digit in b"0", b"1":
        replace_file(path, digit * 5_000_000)
    print("written", flush=True)
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "model.json"


def names(folder: Path) -> list[str]:
    return sorted(entry.name for entry in folder.iterdir())


@pytest.mark.parametrize("content", [b"", b"new", b"longer than what was there before"])
def test_file_is_replaced_whole(path: Path, content: bytes):
    """Nothing of a longer or shorter old file is left, and no temporary one beside it."""
    path.write_bytes(b"old content")
    replace_file(path, content)
    assert path.read_bytes() == content
    assert names(path.parent) == ["model.json"]


def test_file_that_is_not_there_is_made(path: Path):
    """The first write needs no special case."""
    replace_file(path, b"new")
    assert path.read_bytes() == b"new"
    assert names(path.parent) == ["model.json"]


def test_reader_that_has_the_old_file_open_still_reads_it_whole(path: Path):
    """The old file is replaced, not written over."""
    path.write_bytes(b"old")
    with path.open("rb") as reader:
        replace_file(path, b"new")
        assert reader.read() == b"old"


def test_content_is_on_the_disk_before_the_name_and_the_name_before_the_return(
    path: Path, monkeypatch: pytest.MonkeyPatch
):
    """The new file is synced while the old one still has the name, and then the folder."""
    path.write_bytes(b"old")
    synced = []

    def note(descriptor: int) -> None:
        status = os.fstat(descriptor)
        what = "folder" if S_ISDIR(status.st_mode) else status.st_size
        synced.append((what, path.read_bytes()))

    monkeypatch.setattr(os, "fsync", note)
    replace_file(path, b"renewed")
    assert synced == [(7, b"old"), ("folder", b"renewed")]


@pytest.mark.parametrize("before", [b"old", None])
@pytest.mark.parametrize(
    "failure", [OSError(errno.ENOSPC, "No space left on device"), KeyboardInterrupt()]
)
def test_failure_before_the_content_is_safe_leaves_what_was_there(
    path: Path, monkeypatch: pytest.MonkeyPatch, before: bytes | None, failure: BaseException
):
    """A full disk or Ctrl-C keeps the old file, or none, and no temporary one."""
    if before is not None:
        path.write_bytes(before)

    def fail(descriptor: int) -> None:
        raise failure

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(type(failure)):
        replace_file(path, b"new")
    assert names(path.parent) == ([] if before is None else ["model.json"])
    assert before is None or path.read_bytes() == before


def test_content_that_cannot_be_written_leaves_what_was_there(path: Path):
    """Text is refused by the file only after the temporary one was opened."""
    path.write_bytes(b"old")
    with pytest.raises(TypeError):
        replace_file(path, "text")  # type: ignore[arg-type]
    assert path.read_bytes() == b"old"
    assert names(path.parent) == ["model.json"]


def test_name_that_a_folder_has_leaves_no_temporary_file(path: Path):
    """The last step, taking the name, may fail too."""
    path.mkdir()
    with pytest.raises(IsADirectoryError):
        replace_file(path, b"new")
    assert names(path.parent) == ["model.json"]


def test_missing_folder_is_an_error(tmp_path: Path):
    """Folders are for the caller to make."""
    with pytest.raises(FileNotFoundError):
        replace_file(tmp_path / "folder" / "model.json", b"new")


def test_temporaries_are_swept_once_they_are_an_hour_old(path: Path):
    """A fresh one may belong to a writer at work, and those of other files are theirs to sweep."""
    now_s = time.time()
    ages_s = {
        ".model.json.old.part": ABANDONED_AFTER_S + 60,
        ".model.json.older.part": 30 * 24 * 3600,
        ".model.json.fresh.part": ABANDONED_AFTER_S - 60,
        ".other.json.old.part": ABANDONED_AFTER_S + 60,
        ".model.json.old": ABANDONED_AFTER_S + 60,
        "model.json.old.part": ABANDONED_AFTER_S + 60,
    }
    for name, age_s in ages_s.items():
        (path.parent / name).write_bytes(b"half")
        os.utime(path.parent / name, (now_s - age_s, now_s - age_s))
    replace_file(path, b"new")
    assert names(path.parent) == [
        ".model.json.fresh.part",
        ".model.json.old",
        ".other.json.old.part",
        "model.json",
        "model.json.old.part",
    ]
    assert ABANDONED_AFTER_S == 3600


def test_kill_at_any_moment_leaves_one_of_the_two_contents(path: Path):
    """A writer killed with -9 again and again, until five kills fell into a write, harms nothing.

    That a kill fell into a write shows in the temporary file that it left.
    """
    path.write_bytes(CONTENTS[0])
    moments_s = np.random.default_rng(0).uniform(0, 0.05, size=50)
    kills_in_a_write = 0
    for moment_s in moments_s:
        kill_rewriter(path, after_s=moment_s)
        assert path.read_bytes() in CONTENTS
        left = list(path.parent.glob(".model.json.*.part"))
        kills_in_a_write += bool(left)
        for temporary in left:
            temporary.unlink()
        if kills_in_a_write == 5:
            break
    assert kills_in_a_write == 5


def kill_rewriter(path: Path, *, after_s: float) -> None:
    command = [sys.executable, "-c", REWRITE_FOR_EVER, str(path)]
    with subprocess.Popen(command, cwd=path.parent, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "written\n"
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(timeout=after_s)
        process.kill()
