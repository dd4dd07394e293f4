"""A file of lines that starts anew when it is full."""

import os
import stat

import pytest

from bento.edge.rotated_lines import RotatedLines
from tests.support.disks import filled, small_disk


@pytest.fixture
def lines(tmp_path):
    """Lines in files of 10 bytes, three at most."""
    lines = RotatedLines(tmp_path / "deep" / "lines", most_bytes=10, n_files=3)
    yield lines
    lines.close()


def contents(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_nothing_is_there_before_the_first_line(tmp_path, lines):
    """A folder that nobody needs is not made."""
    assert list(tmp_path.iterdir()) == []

    lines.append(b"one")

    assert contents(tmp_path / "deep") == {"lines": b"one\n"}


def test_full_file_is_put_aside_and_the_oldest_goes(tmp_path, lines):
    """The disk holds a bounded number of files."""
    for number in range(7):
        lines.append(b"line%d" % number)

    assert contents(tmp_path / "deep") == {
        "lines": b"line6\n",
        "lines.1": b"line5\n",
        "lines.2": b"line4\n",
    }


def test_line_larger_than_a_file_has_one_to_itself(tmp_path, lines):
    """It is whole, and what was there before is not lost for it."""
    lines.append(b"x" * 100)
    lines.append(b"one")

    assert contents(tmp_path / "deep") == {"lines.1": b"x" * 100 + b"\n", "lines": b"one\n"}


def test_file_goes_on_after_a_restart(tmp_path, lines):
    """And counts what is in it already."""
    lines.append(b"one")
    lines.close()

    lines.append(b"two")
    lines.append(b"three")

    assert contents(tmp_path / "deep") == {"lines.1": b"one\ntwo\n", "lines": b"three\n"}


def test_line_that_a_killed_writer_left_spoils_no_other(tmp_path, lines):
    """The next line begins on its own."""
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "lines").write_bytes(b"on")

    lines.append(b"two")

    assert contents(tmp_path / "deep") == {"lines": b"on\ntwo\n"}


def test_only_the_owner_can_read_the_files(tmp_path, lines):
    """Whatever the process gives to other files."""
    mask = os.umask(0)
    try:
        for _ in range(4):
            lines.append(b"x" * 9)
    finally:
        os.umask(mask)

    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "deep").iterdir()}
    assert modes == {"lines": 0o600, "lines.1": 0o600, "lines.2": 0o600}


def test_line_that_fits_no_more_is_not_there_in_part(tmp_path):
    """A full disk costs lines, never their form."""
    lines = RotatedLines(tmp_path / "lines", most_bytes=10**9, n_files=3)
    with small_disk(tmp_path, kilobytes=200):
        lines.append(b"one")
        with filled(tmp_path), pytest.raises(OSError, match="No space left"):
            lines.append(b"x" * 20_000)
        lines.append(b"two")
        lines.close()

        assert (tmp_path / "lines").read_bytes() == b"one\ntwo\n"
