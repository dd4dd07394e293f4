"""Reading a file as it stands: which bytes make a table of text, and which are refused."""

from pathlib import Path

import pandas as pd
import pytest

from spike_assets.sources.errors import DataError
from spike_assets.sources.raw_file import RawFile, read_raw_file, text_table

COLUMNS = ("date", "rain")
LOCATION = "somewhere/rain.csv"


def file(content: bytes) -> RawFile:
    return RawFile(name="rain.csv", location=LOCATION, content=content)


def text_frame(rows: list[list[str]], *, lines: list[int], columns: list[str]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=columns, index=pd.Index(lines, name="line"), dtype="str")


def test_file_is_given_with_its_name_its_path_and_its_bytes(tmp_path: Path):
    """Nothing of the content is translated, neither the byte order mark nor the line ends."""
    path = tmp_path / "rain.csv"
    path.write_bytes(b"\xef\xbb\xbfdate,rain\r\n\xff")
    assert read_raw_file(path) == RawFile(
        name="rain.csv", location=str(path), content=b"\xef\xbb\xbfdate,rain\r\n\xff"
    )


def test_hash_is_the_sha256_of_the_content():
    """The hash of three known bytes is the one that the standard prints."""
    expected = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    assert file(b"abc").sha256 == expected


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("rain.csv", "no such file"),
        (".", "is a directory"),
        ("a file/rain.csv", "can't be read (Not a directory)"),  # and whatever else the system says
    ],
)
def test_path_that_cannot_be_read_is_refused_with_the_reason(
    tmp_path: Path, name: str, reason: str
):
    """Nothing there, a folder of a file's name, or a file in place of a folder."""
    (tmp_path / "a file").touch()
    path = tmp_path / name
    with pytest.raises(DataError) as raised:
        read_raw_file(path)
    assert str(raised.value) == f"{path}: {reason}; expected a CSV file"


MONTHS = [["2020-01-01", "1.5"], ["2020-02-01", "2"]]


@pytest.mark.parametrize(
    ("content", "rows", "lines"),
    [
        (
            b"date,rain\n2020-01-01, 1.50\nNA,\n007,nan\n",
            [["2020-01-01", " 1.50"], ["NA", ""], ["007", "nan"]],
            [2, 3, 4],
        ),
        (b"date,rain\n2020-01-01,1.5\n2020-02-01,2\n", MONTHS, [2, 3]),
        (b"date,rain\n2020-01-01,1.5\n2020-02-01,2", MONTHS, [2, 3]),
        (b"date,rain\r\n2020-01-01,1.5\r\n2020-02-01,2\r\n", MONTHS, [2, 3]),
        (b"date,rain\r\n2020-01-01,1.5\r\n2020-02-01,2", MONTHS, [2, 3]),
        (b"date,rain\r2020-01-01,1.5\r2020-02-01,2\r", MONTHS, [2, 3]),
        (b"\xef\xbb\xbfdate,rain\n2020-01-01,1.5\n2020-02-01,2\n", MONTHS, [2, 3]),
        (b'"date","rain"\n"2020-01-01","1.5"\n2020-02-01,2\n\n\n', MONTHS, [2, 3]),
        (b"\ndate,rain\n\n2020-01-01,1.5\r\n\r\n2020-02-01,2\n", MONTHS, [4, 6]),
        (
            b'date,rain\r\n"2020-\r\n01-01",1.5\r\n2020-02-01,2\r\n',
            [["2020-\r\n01-01", "1.5"], ["2020-02-01", "2"]],
            [3, 4],
        ),
    ],
    ids=[
        "blanks-zeros-and-words-for-nothing",
        *("LF", "no-last-LF", "CRLF", "no-last-CRLF", "CR", "BOM", "quotes-and-blank-end"),
        "blank-lines",
        "row-over-two-lines",
    ],
)
def test_cells_stay_text_exactly_as_they_stand(
    content: bytes, rows: list[list[str]], lines: list[int]
):
    """However an editor saved the file, its cells are the same; quoted line ends are part of them.

    A row's line is the one that an editor shows: blank lines count, and a row over two lines is
    known by the one on which it ends.
    """
    expected = text_frame(rows, lines=lines, columns=["date", "rain"])
    pd.testing.assert_frame_equal(text_table(file(content), columns=COLUMNS), expected)


def test_columns_in_another_order_and_others_beside_them_are_kept():
    """The table has the header's columns, not those asked for."""
    content = "rain,región,date\n1.5,Ñuble,2020-01-01\n".encode()
    expected = text_frame(
        [["1.5", "Ñuble", "2020-01-01"]], lines=[2], columns=["rain", "región", "date"]
    )
    pd.testing.assert_frame_equal(text_table(file(content), columns=COLUMNS), expected)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", ": is empty; expected a header with 'date', 'rain'"),
        (b"\xef\xbb\xbf", ": is empty; expected a header with 'date', 'rain'"),
        (b"\r\n\n", ": is empty; expected a header with 'date', 'rain'"),
        (b"date,rain\n", ": has a header and no rows"),
        (b"date,rain\n2020-01-01\n", ", line 2: 1 cells where the header has 2; first cell '2020"),
        (b"date,rain\n\nx,1\ny,1,2\n", ", line 4: 3 cells where the header has 2; first cell 'y'"),
        (b"date,rain\nx,1\n  \n", ", line 3: 1 cells where the header has 2; first cell '  '"),
        (b"rain,date,rain\n1,x,2\n", ": has 'rain' more than once in its header"),
        (b"date,wind\nx,1\n", ": lacks 'rain'; its header is 'date', 'wind'"),
        (b"Date,rain \nx,1\n", ": lacks 'date', 'rain'; its header is 'Date', 'rain '"),
        (b"date;rain\nx;1\n", ": lacks 'date', 'rain'; its header is 'date;rain'"),
        (b'date,rain\nx,1\n"y"z,2\n', ", line 3: is not CSV (',' expected after '\"')"),
        (b'date,rain\n"x,1\ny,2\n', ", line 3: is not CSV (unexpected end of data)"),
        ("date,rain\nÑuble,1\n".encode("latin-1"), ": byte 10 is not UTF-8; expected a CSV"),
        ("date,rain\nx,1\n".encode("utf-16"), ": byte 0 is not UTF-8; expected a CSV"),
        ("date,rain\nx,1\n".encode("utf-16-le"), ": holds zero bytes; expected a CSV"),
        (b"date,rain\nx,1\n\0\0\0\0", ": holds zero bytes; expected a CSV"),
        (b"date,rain\n" + b"x" * 200_000 + b",1\n", ", line 2: is not CSV (field larger than"),
    ],
    ids=[
        "empty",
        "byte-order-mark-alone",
        "blank-lines-alone",
        "header-alone",
        "row-too-short",
        "row-too-long",
        "line-of-blanks",
        "column-twice",
        "column-missing",
        "columns-spelled-otherwise",
        "semicolons",
        "text-behind-a-quote",
        "quote-left-open",
        "latin-1",
        "utf-16",
        "utf-16-without-mark",
        "zero-bytes-at-the-end",
        "endless-cell",
    ],
)
def test_content_that_is_no_table_is_refused_with_file_and_place(content: bytes, message: str):
    """The error begins with where the bytes came from and, where there is one, the line."""
    with pytest.raises(DataError) as raised:
        text_table(file(content), columns=COLUMNS)
    assert str(raised.value).startswith(LOCATION + message)


def test_long_lists_of_columns_are_cut_in_errors():
    """Ten names are shown, and how many there are besides."""
    columns = [f"c{number}" for number in range(12)]
    with pytest.raises(DataError) as raised:
        text_table(file(b"date\nx\n"), columns=columns)
    assert str(raised.value) == (
        f"{LOCATION}: lacks 'c0', 'c1', 'c2', 'c3', 'c4', 'c5', 'c6', 'c7', 'c8', 'c9' "
        "and 2 more; its header is 'date'"
    )
