"""The raw files checked one by one, then together, and the report of it."""

import io
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from rich.console import Console

from spike_assets.cli.data_check_report import check_report, check_summary
from spike_assets.sources.location import DataLocation
from spike_assets.sources.source import repair_table
from spike_assets.training.data_check import FileCheck, check_data

RAIN, PRICE, BANCO_CENTRAL = "precipitaciones.csv", "precio_leche.csv", "banco_central.csv"
DAIRY_INDEX = "fao_food_price_indices.csv"
JOIN = "monthly_features"

TABLE = pd.DataFrame({"month": pd.to_datetime(["2019-12-01", "2020-01-01"])})
REPAIRED = FileCheck(
    BANCO_CENTRAL,
    sha256="0123456789abcdef",
    rows=6,
    table=TABLE,
    repairs={
        "impossible_periods": repair_table([(4, "Periodo", "2020-13-01", "row left out")]),
        "repeated_months": repair_table([]),
        "unreadable_cells": repair_table(
            [(line, "PIB", "a", "read as no number") for line in (2, 3, 5, 6)]
        ),
    },
)
CLEAN = FileCheck(
    PRICE, sha256="fedcba9876543210", rows=2, table=TABLE, repairs={"repeated_months": TABLE[:0]}
)
REFUSED = FileCheck(RAIN, sha256="00112233445566", rows=3, fault=f"{RAIN}, line 2: [b]x[/b]")
LOST = FileCheck(PRICE, fault=f"{PRICE}: no such file; expected a CSV file")


def faults(folder: Path) -> dict[str, str]:
    return {one.file: one.fault for one in check_data(DataLocation(folder)) if one.fault}


def printed(*checks: FileCheck, rows_shown: int | None = 3, width: int = 200) -> list[str]:
    screen = io.StringIO()
    console = Console(file=screen, width=width)
    console.print(check_report(checks, rows_shown=rows_shown))
    return [line.rstrip() for line in screen.getvalue().splitlines()]


def test_sample_has_no_faults_and_lists_its_dirt() -> None:
    """It is as dirty as the published files, and as usable."""
    rain, price, banco_central, dairy_index, join = check_data(DataLocation(None))

    assert [one.fault for one in (rain, price, banco_central, dairy_index, join)] == [None] * 5
    assert (dairy_index.rows, dairy_index.months) == (374, ("1990-01", "2021-02"))
    assert (rain.rows, rain.months) == (496, ("1979-01", "2020-04"))
    assert (price.rows, price.months) == (506, ("1979-01", "2021-02"))
    assert (banco_central.rows, banco_central.months) == (614, ("1970-01", "2020-11"))
    assert (join.file, join.rows, join.months) == (JOIN, 76, ("2014-01", "2020-04"))
    assert {name for name, touched in rain.repairs.items() if len(touched)} == set()
    assert {name for name, touched in banco_central.repairs.items() if len(touched)} == {
        "impossible_periods",
        "repeated_months",
        "unreadable_cells",
        "restored_decimals",
        "doubtful_decimals",
        "dates_for_numbers",
    }


def test_real_files_have_no_faults_and_the_known_dirt(real_data: Path) -> None:
    """The counts are those of the published file."""
    checks = check_data(DataLocation(real_data))

    assert [one.fault for one in checks] == [None] * 5
    counts = {name: len(touched) for name, touched in checks[2].repairs.items()}
    assert counts.pop("doubtful_decimals") < 100
    assert counts == {
        "impossible_periods": 1,
        "repeated_months": 2,
        "unreadable_cells": 17,
        "restored_decimals": 11372,
        "dates_for_numbers": 5,
        "unusual_values": 0,
    }


def test_faults_of_two_files_are_both_told_and_the_third_is_checked(data_folder: Path) -> None:
    """Each file is judged whatever is wrong with the others; nothing is joined."""
    (data_folder / PRICE).write_bytes(b"Anio,Mes,Precio_leche\n2014,Foo,200\n")
    (data_folder / RAIN).unlink()

    rain, price, banco_central, _ = check_data(DataLocation(data_folder))

    assert (rain.sha256, rain.rows, rain.months) == (None, None, None)
    assert rain.fault == f"{data_folder / RAIN}: no such file; expected a CSV file"
    assert (price.rows, price.months, price.repairs) == (1, None, {})
    assert price.sha256 is not None
    assert price.fault is not None
    assert price.fault.startswith(f"{PRICE}, line 2, column 'Mes': 'Foo'; expected one of Ene, ")
    assert banco_central.fault is None
    assert len(banco_central.repairs["impossible_periods"]) == 1


def test_optional_file_that_is_missing_is_no_fault(data_folder: Path) -> None:
    """The forecaster does without it, and people learn of it."""
    (data_folder / DAIRY_INDEX).unlink()

    check = check_data(DataLocation(data_folder))[3]

    assert (check.fault, check.sha256, check.rows, check.months) == (None, None, 0, None)
    assert check.warnings == [
        f"no fao_food_price_indices.csv in {data_folder}: the forecaster does without it"
    ]


def test_file_that_cannot_be_split_has_a_hash_and_no_rows(data_folder: Path) -> None:
    """A file that lacks a column can still be told apart by its bytes."""
    (data_folder / PRICE).write_bytes(b"Anio,Precio_leche\n2014,200\n")

    price = check_data(DataLocation(data_folder))[1]

    assert price.sha256 is not None
    assert price.rows is None
    assert (
        price.fault == f"{data_folder / PRICE}: lacks 'Mes'; its header is 'Anio', 'Precio_leche'"
    )


def test_clean_files_without_a_month_in_common_are_a_fault_of_their_own(data_folder: Path) -> None:
    """Each file is fine, but nothing could be learned from the three."""
    first_year = (data_folder / PRICE).read_bytes().splitlines(keepends=True)[:13]
    (data_folder / PRICE).write_bytes(b"".join(first_year))

    found = faults(data_folder)

    assert list(found) == [PRICE, JOIN]
    assert found[PRICE].startswith("12 months have a milk price, 1979-01 to 1979-12; a run needs")
    assert found[JOIN].startswith("no month has rain, price and macroeconomic series together")


def test_gap_that_only_the_join_has_is_a_fault_of_it(data_folder: Path) -> None:
    """A value may be missing from a file, but a month that is left out breaks the contract."""
    lines = (data_folder / BANCO_CENTRAL).read_text().splitlines()
    at = lines[0].split(",").index("PIB")
    (line,) = (n for n, text in enumerate(lines) if text.startswith("2016-05-01"))
    cells = lines[line].split(",")
    lines[line] = ",".join([*cells[:at], "", *cells[at + 1 :]])
    (data_folder / BANCO_CENTRAL).write_text("\n".join(lines))

    found = faults(data_folder)

    assert list(found) == [JOIN]
    assert found[JOIN] == (
        "monthly_features breaks its contract: has_every_month_in_order (1): "
        "2016-06 month 2016-06-01, expected has_every_month_in_order"
    )


def test_report_shows_a_line_a_file_then_its_repairs() -> None:
    """Of each defect the count and the first rows; defects that did not occur are left out."""
    assert printed(REPAIRED, CLEAN) == [
        "banco_central.csv  6 rows  2019-12 to 2020-01  sha256 0123456789ab",
        "  impossible periods: 1",
        "    line 4, column Periodo: '2020-13-01'; row left out",
        "  unreadable cells: 4",
        "    line 2, column PIB: 'a'; read as no number",
        "    line 3, column PIB: 'a'; read as no number",
        "    line 5, column PIB: 'a'; read as no number",
        "    and 1 more",
        "precio_leche.csv  2 rows  2019-12 to 2020-01  sha256 fedcba987654",
        "  nothing to repair",
        "no blocking faults",
    ]


def test_report_of_all_rows_leaves_none_out() -> None:
    """Whoever asks for all gets all."""
    lines = printed(REPAIRED, rows_shown=None)

    assert lines[-3:] == [
        "    line 5, column PIB: 'a'; read as no number",
        "    line 6, column PIB: 'a'; read as no number",
        "no blocking faults",
    ]


def test_report_shows_warnings_below_the_repairs() -> None:
    """They stop nothing, and brackets are text."""
    assert printed(replace(CLEAN, warnings=["[b]295.24[/b] is doubtful"]))[1:] == [
        "  nothing to repair",
        "  warning: [b]295.24[/b] is doubtful",
        "no blocking faults",
    ]


def test_report_shows_faults_as_they_stand() -> None:
    """Brackets in a cell are text, and what is not known of a file is left out."""
    assert printed(REFUSED, LOST) == [
        "precipitaciones.csv  3 rows  sha256 001122334455",
        "  precipitaciones.csv, line 2: [b]x[/b]",
        "precio_leche.csv",
        "  precio_leche.csv: no such file; expected a CSV file",
        "2 files have blocking faults",
    ]


@pytest.mark.parametrize(
    ("checks", "verdict"),
    [
        ([CLEAN], "no blocking faults"),
        ([CLEAN, LOST], "1 file has blocking faults"),
        (
            [CLEAN, FileCheck(JOIN, rows=0, fault="no month has all")],
            "the files have a blocking fault together",
        ),
        ([LOST, FileCheck(JOIN, fault="no month has all")], "1 file has blocking faults"),
    ],
)
def test_report_ends_with_a_verdict(checks: list[FileCheck], verdict: str) -> None:
    """The last line is what a person wants to know first."""
    assert printed(*checks)[-1] == verdict


def test_join_is_shown_with_the_months_in_common() -> None:
    """It is no file: it has no hash and no repairs."""
    assert printed(FileCheck(JOIN, rows=2, table=TABLE))[0] == (
        "monthly_features  2 months in common  2019-12 to 2020-01"
    )


def test_lines_that_are_too_long_for_the_screen_keep_their_indent() -> None:
    """On 40 columns the rows of a defect still stand out from its heading."""
    assert printed(REPAIRED, width=40)[:5] == [
        "banco_central.csv  6 rows  2019-12 to",
        "2020-01  sha256 0123456789ab",
        "  impossible periods: 1",
        "    line 4, column Periodo:",
        "    '2020-13-01'; row left out",
    ]


def test_summary_counts_repairs_and_keeps_whole_hashes() -> None:
    """Programs get every defect, also those that did not occur."""
    assert check_summary([REPAIRED, LOST]) == {
        "files": [
            {
                "file": "banco_central.csv",
                "rows": 6,
                "first_month": "2019-12",
                "last_month": "2020-01",
                "sha256": "0123456789abcdef",
                "repairs": {"impossible_periods": 1, "repeated_months": 0, "unreadable_cells": 4},
                "warnings": [],
                "fault": None,
            },
            {
                "file": "precio_leche.csv",
                "rows": None,
                "first_month": None,
                "last_month": None,
                "sha256": None,
                "repairs": {},
                "warnings": [],
                "fault": "precio_leche.csv: no such file; expected a CSV file",
            },
        ],
        "blocking": True,
    }
    assert check_summary([REPAIRED])["blocking"] is False
