"""Rainfall by region: `precipitaciones.csv`.

Monthly rain in millimetres in the eight regions where most Chilean milk is produced, since 1979.
One row a month, its date written `1979-01-01`; rows in no order.
"""

from typing import Annotated

import pandas as pd

from spike_assets.series.catalogue import MONTH, PRECIPITATION, REGIONS
from spike_assets.sources.frozen import frozen_stretches
from spike_assets.sources.months import (
    YEARS,
    drop_repeated_months,
    fault,
    first_day,
    iso_year_and_month,
    require_every_month,
    sorted_by_month,
)
from spike_assets.sources.numbers import plain_numbers
from spike_assets.sources.plausibility import hold_to_own_level
from spike_assets.sources.schemas import monthly_schema
from spike_assets.sources.source import CHALLENGE_URL, Cleaned, Source

FILE_NAME = "precipitaciones.csv"
DATE = "date"
COLUMNS = (DATE, *REGIONS)


def clean_precipitation(raw: pd.DataFrame) -> Cleaned:
    """Type the rainfall file.

    Args:
        raw: Text cells with `COLUMNS`, indexed by line.

    Returns:
        `month` and one `float64` column per region, in mm. Repairs: `repeated_months`, and
        `unusual_values`, which are kept.

    Raises:
        DataError: A date or number can't be read or is implausible, a month is missing or
            contradicts itself.
    """
    table = pd.DataFrame(
        {MONTH: _months(raw[DATE])}
        | {
            series.name: plain_numbers(raw[series.name], file_name=FILE_NAME, unit=series.unit)
            for series in PRECIPITATION
        }
    )
    table, repeated_months = drop_repeated_months(table, file_name=FILE_NAME, column=DATE)
    require_every_month(table, file_name=FILE_NAME)
    unusual_values = hold_to_own_level(
        table, {series.name: series for series in PRECIPITATION}, cells=raw, file_name=FILE_NAME
    )
    return Cleaned(
        sorted_by_month(table),
        repairs={"repeated_months": repeated_months, "unusual_values": unusual_values},
        warnings=frozen_stretches(table, file_name=FILE_NAME),
    )


def _months(dates: pd.Series) -> list[pd.Timestamp]:
    months = []
    for line, text in dates.items():
        year_and_month = iso_year_and_month(text)
        if year_and_month is None or not 1 <= year_and_month[1] <= 12:
            raise fault(
                FILE_NAME,
                line=line,
                column=DATE,
                value=text,
                expected=f"a month like 1979-01-01, {YEARS}",
            )
        months.append(first_day(*year_and_month))
    return months


SOURCE = Source(
    name="precipitation",
    description=__doc__,
    file_name=FILE_NAME,
    url=f"{CHALLENGE_URL}/{FILE_NAME}",
    sha256="71b9005443770dbd5f05572a4958359a2673ec9e5301bb237daf627fc57ca07d",
    columns=COLUMNS,
    series=PRECIPITATION,
    clean=clean_precipitation,
    schema=monthly_schema(
        PRECIPITATION,
        description=(
            "Rain by region in mm, a row for each month; repeated months are counted in the "
            "metadata."
        ),
    ),
)
PrecipitationTable = Annotated[pd.DataFrame, SOURCE.schema]
