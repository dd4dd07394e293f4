"""Faulty files, each made from the sample's bytes: repaired and counted, or refused with the place.

No fault may end in another exception than `DataError`, and none may change a number without a
word. What is only another way to write the same file must give the same table.
"""

import csv
import hashlib
import io
import re
from collections.abc import Callable, Mapping
from pathlib import Path

import pandas as pd
import pytest

from spike_assets.sample.sample import sample_files
from spike_assets.series.catalogue import REGIONS
from spike_assets.sources.errors import DataError
from spike_assets.sources.location import DataLocation
from spike_assets.sources.monthly_features import monthly_features
from spike_assets.sources.raw_file import RawFile
from spike_assets.sources.source import Cleaned
from spike_assets.sources.sources import SOURCES

RAIN, PRICE, MACRO = "precipitaciones.csv", "precio_leche.csv", "banco_central.csv"
GOLD = "Precio_de_la_onza_troy_de_oro_dolaresoz"
NO_NUMBER = ["NaN", "nan", "NA", "n/a", "null", "None"]


BY_FILE = {source.file_name: source for source in SOURCES}
MONTH_COLUMNS = {RAIN: "date", PRICE: "Mes", MACRO: "Periodo"}
EVERY_FILE = pytest.mark.parametrize("name", list(MONTH_COLUMNS))


def read(name: str, content: bytes) -> Cleaned:
    """Read and clean bytes as the assets do."""
    source = BY_FILE[name]
    return source.clean(source.split(RawFile(name=name, location=name, content=content)))


def refusal(name: str, content: bytes) -> str:
    """Return the message of the one error that reading and cleaning ends in."""
    with pytest.raises(DataError) as raised:
        read(name, content)
    assert type(raised.value) is DataError
    return str(raised.value)


@pytest.fixture(scope="module")
def sound() -> Mapping[str, Cleaned]:
    """The sample's own files, read and cleaned."""
    return {name: read(name, content) for name, content in sample_files().items()}


def lines_of(name: str) -> list[bytes]:
    """Return the lines of a file without their ends; line 1 of the file is at 0."""
    return sample_files()[name].splitlines()


def joined(lines: list[bytes], end: bytes = b"\n") -> bytes:
    return end.join(lines) + end


def cells_of(name: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(sample_files()[name].decode(), newline="")))


def written(rows: list[list[str]], **form: object) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text, **form).writerows(rows)
    return text.getvalue().encode()


def with_cell(name: str, *, line: int, column: str, cell: str) -> bytes:
    """Write one cell over; it is quoted where its comma or quote needs that."""
    rows = cells_of(name)
    rows[line - 1][rows[0].index(column)] = cell
    return written(rows)


def assert_same(cleaned: Cleaned, expected: Cleaned, **counts: int) -> None:
    """Hold a cleaned file to another, its repairs to other counts where they are given."""
    pd.testing.assert_frame_equal(cleaned.table, expected.table)
    assert cleaned.counts == expected.counts | counts
    if expected.decimals is not None:
        pd.testing.assert_frame_equal(cleaned.decimals, expected.decimals)


def reordered(name: str) -> bytes:
    return written([[*row[1:], row[0]] for row in cells_of(name)])


def with_extra_column(name: str, encoding: str = "utf-8") -> bytes:
    rows = [[*row, "Ñuble"] for row in cells_of(name)]
    return written(rows).decode().encode(encoding)


OTHER_FORMS: dict[str, Callable[[str], bytes]] = {
    "byte-order-mark": lambda name: b"\xef\xbb\xbf" + sample_files()[name],
    "quoted-cells": lambda name: written(cells_of(name), quoting=csv.QUOTE_ALL),
    "CR": lambda name: joined(lines_of(name), b"\r"),
    "LF": lambda name: joined(lines_of(name), b"\n"),
    "CRLF": lambda name: joined(lines_of(name), b"\r\n"),
    "no-last-line-end": lambda name: b"\n".join(lines_of(name)),
    "trailing-blank-lines": lambda name: joined(lines_of(name)) + b"\n\r\n\n",
    "columns-reordered": reordered,
    "column-extra": with_extra_column,
    "rows-reversed": lambda name: joined([lines_of(name)[0], *lines_of(name)[:0:-1]]),
}


@EVERY_FILE
@pytest.mark.parametrize("form", list(OTHER_FORMS))
def test_other_form_of_the_same_file_gives_the_same_table_and_repairs(
    sound: Mapping[str, Cleaned], name: str, form: str
) -> None:
    """Nothing is lost in it, so nothing more is repaired and nothing refused."""
    content = OTHER_FORMS[form](name)
    assert_same(read(name, content), sound[name])


def truncated(name: str) -> bytes:
    """Cut a file in the middle of the first cell of its 100th line."""
    lines = lines_of(name)
    return joined(lines[:99]) + lines[99][:3]


def columns_without(name: str, *, at: int) -> bytes:
    return written([row[:at] + row[at + 1 :] for row in cells_of(name)])


def with_header(name: str, change: Callable[[str], str]) -> bytes:
    header, *rows = cells_of(name)
    return written([[change(column) for column in header], *rows])


FILES_THAT_ARE_NO_TABLE: dict[str, tuple[Callable[[str], bytes], str]] = {
    "empty": (lambda _: b"", ": is empty; expected a header with '{first}', "),
    "header-only": (lambda name: joined(lines_of(name)[:1]), ": has a header and no rows"),
    "truncated": (truncated, ", line 100: 1 cells where the header has {width}; first cell '"),
    "binary": (
        lambda _: b"PK\x03\x04" + bytes(range(256)) * 9,
        r": byte \d+ is not UTF-8; expected a CSV file in UTF-8$",
    ),
    "binary-that-is-text": (
        lambda _: b"PK\x03\x04\0\0\0",
        ": holds zero bytes; expected a CSV file in UTF-8$",
    ),
    "UTF-16": (
        lambda name: sample_files()[name].decode().encode("utf-16"),
        ": byte 0 is not UTF-8; expected a CSV file in UTF-8$",
    ),
    "UTF-16-without-mark": (
        lambda name: sample_files()[name].decode().encode("utf-16-le"),
        ": holds zero bytes; expected a CSV file in UTF-8$",
    ),
    "Latin-1": (
        lambda name: with_extra_column(name, "latin-1"),
        r": byte {after_header} is not UTF-8; expected a CSV file in UTF-8$",
    ),
    "semicolons": (
        lambda name: written(cells_of(name), delimiter=";"),
        ": lacks '{first}', .*; its header is '{first};{second}",
    ),
    "column-missing": (
        lambda name: columns_without(name, at=1),
        ": lacks '{second}'; its header is '{first}', ",
    ),
    "month-column-missing": (
        lambda name: columns_without(name, at=0),
        ": lacks '{first}'; its header is '{second}', ",
    ),
    "column-twice": (
        lambda name: written([[*row, row[1]] for row in cells_of(name)]),
        ": has '{second}' more than once in its header$",
    ),
    "header-with-spaces": (
        lambda name: with_header(name, " {} ".format),
        ": lacks '{first}', .*; its header is ' {first} ', ",
    ),
    "header-in-upper-case": (
        lambda name: with_header(name, str.upper),
        ": lacks '{first}', .*; its header is '{upper}', ",
    ),
    "header-missing": (
        lambda name: joined(lines_of(name)[1:]),
        ": (lacks '{first}', .*; its header is |has '' more than once in its header$)",
    ),
    "one-cell-too-many": (
        lambda name: joined([*lines_of(name)[:9], lines_of(name)[9] + b",1"]),
        ", line 10: {width_and_one} cells where the header has {width}; first cell '",
    ),
    "quote-left-open": (
        lambda name: joined([*lines_of(name)[:9], b'"' + lines_of(name)[9]]),
        r", line 10: is not CSV \(unexpected end of data\)$",
    ),
}


@EVERY_FILE
@pytest.mark.parametrize("fault", list(FILES_THAT_ARE_NO_TABLE))
def test_file_that_is_no_table_is_refused_with_its_name(name: str, fault: str) -> None:
    """What was found is said, and the line where there is one."""
    damage, pattern = FILES_THAT_ARE_NO_TABLE[fault]
    header = cells_of(name)[0]
    facts = {
        "first": header[0],
        "second": header[1],
        "upper": header[0].upper(),
        "width": str(len(header)),
        "width_and_one": str(len(header) + 1),
        "after_header": str(len(",".join(header)) + 1),
    }
    # Not `format`: a pattern may hold braces of its own.
    for key, fact in facts.items():
        pattern = pattern.replace(f"{{{key}}}", fact)
    message = refusal(name, damage(name))
    assert re.match(re.escape(name) + pattern, message), message


@EVERY_FILE
@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (lambda path: None, "no such file"),
        (Path.mkdir, "is a directory"),
    ],
    ids=["missing", "directory"],
)
def test_path_that_is_no_file_is_refused(
    tmp_path: Path, name: str, make: Callable[[Path], None], reason: str
) -> None:
    """The whole path is named, so that a person finds it."""
    make(tmp_path / name)
    with pytest.raises(DataError) as raised:
        DataLocation(folder=tmp_path).read(BY_FILE[name])
    assert str(raised.value) == f"{tmp_path / name}: {reason}; expected a CSV file"


@EVERY_FILE
def test_file_that_changes_while_it_is_read_is_parsed_as_it_was_hashed(
    tmp_path: Path, sound: Mapping[str, Cleaned], name: str
) -> None:
    """The bytes are read once: another file in its place changes neither table nor hash."""
    path = tmp_path / name
    content = sample_files()[name]
    path.write_bytes(content)
    file = DataLocation(folder=tmp_path).read(BY_FILE[name])
    path.write_bytes(b"another file\n")
    table = BY_FILE[name].split(file)
    path.unlink()

    assert file.sha256 == hashlib.sha256(content).hexdigest()
    assert file.content == content
    assert_same(BY_FILE[name].clean(table), sound[name])


BAD_CELLS = [
    *((PRICE, "Precio_leche", cell, "a number (CLP per litre)")
      for cell in ("abc", "$ 241", "", *NO_NUMBER)),
    *((PRICE, "Precio_leche", cell, "a number (CLP per litre)")
      for cell in ("241,5", "1.241.500", "1,241.5", "1 241", "1'241", "inf", "1e999", " 241.5")),
    *((PRICE, "Mes", cell, "one of Ene, Feb, Mar, Abr, May, Jun, Jul, Ago, Sep, Oct, Nov, Dic")
      for cell in ("Jan", "Apr", "Aug", "Dec", "January", "DECEMBER", "0", "13", "", "Mes")),
    *((PRICE, "Anio", cell, "a year of four digits, from 1900 to 2099")
      for cell in ("79", "9999", "0", "", "1979.0", "19799", "abcd")),
    *((RAIN, "Los_Rios", cell, "0 to 2000 mm") for cell in ("-0.1", "-9999", "1e9", "2000.1")),
    *((RAIN, "Los_Rios", cell, "a number (mm)") for cell in ("abc", "", *NO_NUMBER)),
    *((RAIN, "Coquimbo", cell, "a number (mm)")
      for cell in ("12,5", "1.234.5", "1,234.5", "1 234")),
    *((RAIN, "date", cell, "a month like 1979-01-01, from 1900 to 2099")
      for cell in ("1979-00-01", "1979-13-01", "79-01-01", "9999-01-01", "01/01/1979", "Ene 1979")),
    *((MACRO, "PIB", cell, "digits, grouped by dots or not")
      for cell in ("-5", "1,5", "1,234.5", "1 234", "abc", "#N/A", "1e3", "inf", " ")),
    *((MACRO, "Periodo", cell, "a month like 2013-03-01 00:00:00 UTC")
      for cell in ("79-01-01", "9999-01-01 00:00:00 UTC", "Ene 1979", "", "2013-03-02")),
]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "column", "cell", "expected"),
    BAD_CELLS,
    ids=[f"{name}-{column}-{cell!r}" for name, column, cell, _ in BAD_CELLS],
)
def test_cell_that_cannot_be_meant_is_refused_with_its_place(
    name: str, column: str, cell: str, expected: str
) -> None:
    """File, line, column, value and what was expected: enough to mend it in an editor."""
    message = refusal(name, with_cell(name, line=7, column=column, cell=cell))
    assert message.startswith(f"{name}, line 7, column {column!r}: {cell!r}; expected {expected}")


@pytest.mark.parametrize(
    ("name", "column", "cell"),
    [
        *((PRICE, "Precio_leche", cell) for cell in ("0", "-241.5", "1e9", "1000000000")),
        *((MACRO, GOLD, cell) for cell in ("0", "0.5", "99999999")),
    ],
)
def test_number_far_from_the_months_beside_it_is_refused_with_its_place(
    name: str, column: str, cell: str
) -> None:
    """With the numbers that would not have been."""
    message = refusal(name, with_cell(name, line=7, column=column, cell=cell))
    assert re.match(
        rf"{name}, line 7, column '{column}': '{cell}'; expected [\d.]+ to [\d.]+ (CLP|USD) per .+ "
        r"\(within 5 times the level of the months beside it, [\d.]+\): .+ \(line \d+\)",
        message,
    ), message


@pytest.mark.parametrize("cell", ["241,5", "1,241.5"])
def test_comma_in_a_cell_without_quotes_is_refused_with_its_line(cell: str) -> None:
    """It makes one cell more than the header has."""
    lines = lines_of(PRICE)
    lines[6] = b"1979,Jun," + cell.encode()
    assert refusal(PRICE, joined(lines)) == (
        "precio_leche.csv, line 7: 4 cells where the header has 3; first cell '1979'"
    )


ENGLISH = dict(zip(("Ene", "Abr", "Ago", "Dic"), ("Jan", "Apr", "Aug", "Dec"), strict=True))


@pytest.mark.parametrize("spanish", list(ENGLISH))
def test_month_names_in_english_are_refused_at_the_first(spanish: str) -> None:
    """One English name is enough; those that both languages share are no fault."""
    content = sample_files()[PRICE].replace(spanish.encode(), ENGLISH[spanish].encode())
    line = 1 + next(at for at, row in enumerate(cells_of(PRICE)) if spanish in row)
    assert refusal(PRICE, content).startswith(
        f"precio_leche.csv, line {line}, column 'Mes': {ENGLISH[spanish]!r}; expected one of Ene,"
    )


SPANISH_IN_FULL = {
    "Ene": "enero",
    "Feb": "febrero",
    "Mar": "marzo",
    "Abr": "abril",
    "May": "mayo",
    "Jun": "junio",
    "Jul": "julio",
    "Ago": "agosto",
    "Sep": "septiembre",
    "Oct": "octubre",
    "Nov": "noviembre",
    "Dic": "diciembre",
}
OTHER_NAMES: dict[str, Callable[[str], str]] = {
    "full": lambda name: SPANISH_IN_FULL[name],
    "setiembre": lambda name: {"Sep": "Setiembre"}.get(name, SPANISH_IN_FULL[name]),
    "set": lambda name: {"Sep": "Set"}.get(name, name),
    "upper-case": str.upper,
    "full-in-upper-case": lambda name: SPANISH_IN_FULL[name].upper(),
    "with-accents": lambda name: name.translate(str.maketrans("aeiou", "áéíóú")),
    "with-dots": lambda name: f"{name}.",
}


@pytest.mark.parametrize("way", list(OTHER_NAMES))
def test_other_spanish_names_of_the_months_give_the_same_table(
    sound: Mapping[str, Cleaned], way: str
) -> None:
    """They can mean one month only."""
    header, *rows = cells_of(PRICE)
    content = written(
        [header, *([year, OTHER_NAMES[way](mes), price] for year, mes, price in rows)]
    )
    assert_same(read(PRICE, content), sound[PRICE])


@EVERY_FILE
def test_month_that_stands_again_with_the_same_values_is_counted(
    sound: Mapping[str, Cleaned], name: str
) -> None:
    """Of two rows that say the same, the later is left out and listed by its line."""
    lines = lines_of(name)
    cleaned = read(name, joined([*lines, lines[6]]))
    repeated = sound[name].counts["repeated_months"]
    assert_same(cleaned, sound[name], repeated_months=repeated + 1)
    last = cleaned.repairs["repeated_months"].iloc[-1]
    assert (last["line"], last["column"]) == (len(lines) + 1, MONTH_COLUMNS[name])


@pytest.mark.parametrize(
    ("name", "column", "cell", "shown"),
    [
        (RAIN, "Maule", "777", "777.0"),
        (PRICE, "Precio_leche", "777", "777.0"),
        (MACRO, GOLD, "777", "'777'"),
        (MACRO, GOLD, "", "''"),
        (MACRO, GOLD, "a", "'a'"),
    ],
)
def test_month_that_stands_again_with_other_values_is_refused(
    name: str, column: str, cell: str, shown: str
) -> None:
    """Both lines and both values are named; one with an empty cell differs as well."""
    rows = cells_of(name)
    again = list(rows[6])
    again[rows[0].index(column)] = cell
    message = refusal(name, written([*rows, again]))
    assert re.match(
        rf"{name}: duplicate month \d{{4}}-\d\d with different values, column '\w+': "
        rf".+ \(line 7\) and {re.escape(shown)} \(line {len(rows) + 1}\)$",
        message,
    ), message


@EVERY_FILE
def test_month_that_is_missing_in_the_middle_is_refused_by_its_name(
    sound: Mapping[str, Cleaned], name: str
) -> None:
    """A join or a price history would go on with the wrong neighbours."""
    lines = lines_of(name)
    month = sound[name].table["month"].iloc[200]
    says = {
        RAIN: f"{month:%Y-%m}-01,".encode(),
        PRICE: f"{month:%Y},{list(SPANISH_IN_FULL)[month.month - 1]},".encode(),
        MACRO: f"{month:%Y-%m}-01 ".encode(),
    }[name]
    kept = [line for line in lines if not line.startswith(says)]
    assert len(kept) == len(lines) - 1
    first, last = sound[name].table["month"].iloc[[0, -1]]
    assert refusal(name, joined(kept)) == (
        f"{name}: 1 months missing between {first:%Y-%m} and {last:%Y-%m}: {month:%Y-%m}"
    )


@pytest.mark.parametrize("name", [RAIN, MACRO])
def test_file_cut_off_between_two_lines_is_refused_for_its_missing_months(name: str) -> None:
    """Rows stand in no order, so half a file has gaps."""
    lines = lines_of(name)
    message = refusal(name, joined(lines[: len(lines) // 2]))
    assert re.match(rf"{name}: \d+ months missing between ", message), message


def test_rain_in_tenths_of_a_millimetre_is_refused_at_the_first_impossible_month() -> None:
    """Ten times the rain of a wet month in the south exceeds what ever fell there."""
    header, *rows = cells_of(RAIN)
    content = written(
        [header, *([row[0], *(f"{float(mm) * 10:g}" for mm in row[1:])] for row in rows)]
    )
    column, (_, line, cell) = next(
        (region, min(too_wet))
        for at, region in enumerate(REGIONS, start=1)
        if (
            too_wet := [
                (row[0], line, f"{float(row[at]) * 10:g}")
                for line, row in enumerate(rows, start=2)
                if float(row[at]) * 10 > 2000
            ]
        )
    )
    assert refusal(RAIN, content) == (
        f"precipitaciones.csv, line {line}, column {column!r}: {cell!r}; expected 0 to 2000 mm"
    )


@pytest.mark.parametrize("month", ["00", "13"])
def test_month_that_no_year_has_is_counted_in_the_macroeconomic_series(
    sound: Mapping[str, Cleaned], month: str
) -> None:
    """The published file has one; another is left out as well, and listed."""
    rows = cells_of(MACRO)
    extra = [f"2014-{month}-01 00:00:00 UTC", *rows[6][1:]]
    cleaned = read(MACRO, written([*rows, extra]))
    assert_same(cleaned, sound[MACRO], impossible_periods=2)
    last = cleaned.repairs["impossible_periods"].iloc[-1]
    assert last[["line", "column", "value"]].tolist() == [616, "Periodo", extra[0]]


@pytest.mark.parametrize("spelled", [*NO_NUMBER, "a", "-", "s/i"])
def test_macroeconomic_cell_that_says_no_number_is_counted(
    sound: Mapping[str, Cleaned], spelled: str
) -> None:
    """It becomes a missing number, and no other number of the series changes."""
    line, column = 7, "PIB_Pesca"
    period = cells_of(MACRO)[line - 1][0]
    cleaned = read(MACRO, with_cell(MACRO, line=line, column=column, cell=spelled))
    expected = sound[MACRO].table.copy()
    assert expected.loc[expected["month"] == period[:10], column].notna().all()
    expected.loc[expected["month"] == period[:10], column] = float("nan")
    pd.testing.assert_frame_equal(cleaned.table, expected)
    counts = sound[MACRO].counts
    assert cleaned.counts == counts | {
        "unreadable_cells": counts["unreadable_cells"] + 1,
        "restored_decimals": counts["restored_decimals"] - 1,
    }
    assert [line, column, spelled, "read as no number"] in (
        cleaned.repairs["unreadable_cells"].to_numpy().tolist()
    )


def test_macroeconomic_series_without_any_number_is_counted_and_no_month_is_complete(
    sound: Mapping[str, Cleaned],
) -> None:
    """The other 83 stay as they are; where the models need the series, the join refuses."""
    rows = cells_of(MACRO)
    at = rows[0].index("PIB_Pesca")
    emptied = [rows[0], *([*row[:at], "", *row[at + 1 :]] for row in rows[1:])]
    cleaned = read(MACRO, written(emptied))

    expected = sound[MACRO].table.assign(PIB_Pesca=float("nan"))
    pd.testing.assert_frame_equal(cleaned.table, expected)
    by_series = cleaned.decimals.set_index("series")
    assert by_series.loc["PIB_Pesca"].tolist() == [0, 0, 0, 0]
    pd.testing.assert_frame_equal(
        by_series.drop("PIB_Pesca"), sound[MACRO].decimals.set_index("series").drop("PIB_Pesca")
    )
    with pytest.raises(DataError, match="no month has rain, price and macroeconomic series"):
        monthly_features(sound[RAIN].table, sound[PRICE].table, cleaned.table)


@EVERY_FILE
def test_file_with_every_row_ten_times_is_counted_and_gives_the_same_table(
    sound: Mapping[str, Cleaned], name: str
) -> None:
    """Nine of ten rows are repetitions, and the impossible row is left out ten times."""
    header, *rows = lines_of(name)
    cleaned = read(name, joined([header, *(rows * 10)]))
    counts = {RAIN: {"repeated_months": 9 * 496}, PRICE: {"repeated_months": 9 * 506}}.get(
        name, {"repeated_months": 10 * 613 - 611, "impossible_periods": 10}
    )
    assert_same(cleaned, sound[name], **counts)
