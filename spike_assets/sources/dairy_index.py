"""World dairy prices: `fao_food_price_indices.csv`, from the FAO.

The dairy index of the FAO's food price index: world market prices of butter, milk powders and
cheese, monthly since 1990. The average of 2014 to 2016 is 100. The file has two title lines (the
second is the base), a header, an empty row, then one row a month. It is optional: without it the
forecaster does without world prices.
"""

import re
from collections.abc import Sequence
from typing import Annotated

import pandas as pd

from spike_assets.series.catalogue import DAIRY_INDEX, MONTH
from spike_assets.sources.errors import DataError
from spike_assets.sources.frozen import frozen_stretches
from spike_assets.sources.months import (
    ENGLISH_MONTHS,
    YEAR_PATTERN,
    YEARS,
    drop_repeated_months,
    fault,
    first_day,
    require_every_month,
    sorted_by_month,
)
from spike_assets.sources.numbers import plain_numbers
from spike_assets.sources.plausibility import hold_to_own_level
from spike_assets.sources.raw_file import RawFile, text_table
from spike_assets.sources.schemas import monthly_schema
from spike_assets.sources.source import Cleaned, Source

FILE_NAME = "fao_food_price_indices.csv"
DATE = "Date"
PUBLISHED_INDEX = "Dairy"
COLUMNS = (DATE, PUBLISHED_INDEX)
BASE = "2014-2016=100"
_TITLE_LINES = 2
_ISO_DATE = re.compile(rf"({YEAR_PATTERN})-(\d{{2}})", re.ASCII)
_ENGLISH_DATE = re.compile(r"([A-Za-z]{3})-(\d{2})", re.ASCII)


def split_index_file(file: RawFile, *, columns: Sequence[str]) -> pd.DataFrame:
    """Split the file into text cells below its title lines, without its empty rows and columns.

    Raises:
        DataError: It is not such a file, or the index has another base.
    """
    table = text_table(file, columns=columns, title_lines=_TITLE_LINES)
    base = file.text().splitlines()[_TITLE_LINES - 1].strip(", \t")
    if base.replace(" ", "") != BASE:
        raise DataError(
            f"{file.location}, line 2: the base is {base!r}; expected {BASE!r}. Numbers on another "
            "base are another series"
        )
    return table.loc[table[DATE].str.strip() != "", list(columns)]


def clean_dairy_index(raw: pd.DataFrame) -> Cleaned:
    """Type the index file.

    Args:
        raw: Text cells with `COLUMNS`, indexed by line.

    Returns:
        `month` and `dairy_price_index` (`float64`). Repairs: `repeated_months`, and
        `unusual_values`, which are kept.

    Raises:
        DataError: A month or number can't be read or is implausible, a month is missing or
            contradicts itself.
    """
    numbers = plain_numbers(raw[PUBLISHED_INDEX], file_name=FILE_NAME, unit=DAIRY_INDEX.unit)
    table = pd.DataFrame({MONTH: _months(raw[DATE]), PUBLISHED_INDEX: numbers})
    table = table.astype({MONTH: "datetime64[us]"})
    table, repeated_months = drop_repeated_months(table, file_name=FILE_NAME, column=DATE)
    require_every_month(table, file_name=FILE_NAME)
    unusual_values = hold_to_own_level(
        table, {PUBLISHED_INDEX: DAIRY_INDEX}, cells=raw, file_name=FILE_NAME
    )
    warnings = frozen_stretches(table, file_name=FILE_NAME)
    return Cleaned(
        sorted_by_month(table.rename(columns={PUBLISHED_INDEX: DAIRY_INDEX.name})),
        repairs={"repeated_months": repeated_months, "unusual_values": unusual_values},
        warnings=warnings,
    )


def _months(dates: pd.Series) -> list[pd.Timestamp]:
    return [_month(line, text) for line, text in dates.items()]


def _month(line: int, text: str) -> pd.Timestamp:
    """Read `1990-01`, or `Jan-90` as older files write it."""
    year, number = 0, 0
    if match := _ISO_DATE.fullmatch(text.strip()):
        year, number = int(match[1]), int(match[2])
    elif match := _ENGLISH_DATE.fullmatch(text.strip()):
        number = ENGLISH_MONTHS.get(match[1].lower(), 0)
        year = int(match[2]) + (1900 if int(match[2]) >= 90 else 2000)  # it begins in 1990
    if not 1 <= number <= 12:
        raise fault(
            FILE_NAME,
            line=line,
            column=DATE,
            value=text,
            expected=f"a month like 1990-01 or Jan-90, {YEARS}",
        )
    return first_day(year, number)


SOURCE = Source(
    name="dairy_index",
    description=__doc__,
    file_name=FILE_NAME,
    optional=True,
    columns=COLUMNS,
    series=(DAIRY_INDEX,),
    read_cells=split_index_file,
    clean=clean_dairy_index,
    schema=monthly_schema(
        [DAIRY_INDEX],
        description=(
            "World market prices of dairy products as an index of the FAO, a row for each month; "
            "no row if the file is not there."
        ),
    ),
)
DairyIndexTable = Annotated[pd.DataFrame, SOURCE.schema]
