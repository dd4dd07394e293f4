"""The three files read and cleaned at once, for what works on files rather than on assets."""

from dataclasses import dataclass

import pandas as pd

from spike_assets.sources import banco_central, milk_price, precipitation
from spike_assets.sources.location import DataLocation
from spike_assets.sources.raw_file import text_table


@dataclass(frozen=True)
class CleanTables:
    """The clean tables: each `month` and its series under their published names."""

    precipitation: pd.DataFrame
    milk_price: pd.DataFrame
    banco_central: pd.DataFrame


def read_clean_tables(location: DataLocation) -> CleanTables:
    """Read and clean the three files.

    Raises:
        DataError: A file is missing, or holds what can't be repaired.
    """
    raw = {
        module: text_table(location.read(module.FILE_NAME), columns=module.COLUMNS)
        for module in (precipitation, milk_price, banco_central)
    }
    return CleanTables(
        precipitation=precipitation.clean_precipitation(raw[precipitation]).table,
        milk_price=milk_price.clean_milk_price(raw[milk_price]).table,
        banco_central=banco_central.clean_banco_central(raw[banco_central]).table,
    )
