"""What the published file says about its repair: identities of the national accounts, and levels.

The identities hold between series that were restored one by one, each without the others.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from spike_assets.series.catalogue import BANCO_CENTRAL, PIB, PLAUSIBLE
from spike_assets.sources.banco_central import COLUMNS, FILE_NAME, PERIOD
from spike_assets.sources.decimals import RestoredSeries, restore_decimals
from spike_assets.sources.raw_file import read_raw_file, text_table

FOLDERS = (Path("data"), Path("../shared/data"))
INDEX = "Imacec_empalmado"
DOLLAR = "Tipo_de_cambio_del_dolar_observado_diario"

_BRANCHES = (
    "PIB_Alimentos",
    "PIB_Bebidas_y_tabaco",
    "PIB_Textil",
    "PIB_Maderas_y_muebles",
    "PIB_Celulosa",
    "PIB_Refinacion_de_petroleo",
    "PIB_Quimica",
    "PIB_Minerales_no_metalicos_y_metalica_basica",
    "PIB_Productos_metalicos",
)
_MINING = ("PIB_Mineria_del_cobre", "PIB_Otras_actividades_mineras")
_FACTOR_COST = "PIB_a_costo_de_factores"
_SECTORS = tuple(name for name in PIB if name not in (*_BRANCHES, *_MINING, _FACTOR_COST, "PIB"))
_UNSTATED = "No_sabe__No_responde_Miles_de_personas"
_ACTIVITIES = (
    *(series.name for series in BANCO_CENTRAL if series.name.startswith("Ocupacion_en_")),
    _UNSTATED,
)
IDENTITIES = (
    (
        "GDP at factor cost + VAT + import duties = GDP",
        (_FACTOR_COST, "Impuesto_al_valor_agregado", "Derechos_de_Importacion"),
        "PIB",
    ),
    ("copper + other mining = mining", _MINING, "PIB_Mineria"),
    ("nine branches = manufacturing", _BRANCHES, "PIB_Industria_Manufacturera"),
    ("fifteen sectors = GDP at factor cost", _SECTORS, _FACTOR_COST),
    ("21 activities + activity not stated = all employed", _ACTIVITIES, "Ocupados"),
)
"""What it says, the parts and the whole."""


@dataclass(frozen=True)
class RealFile:
    """The published file, restored.

    Attributes:
        cells: The text cells of each series that hold a number, by month.
        restored: The same, restored within `PLAUSIBLE`.
    """

    cells: dict[str, pd.Series]
    restored: dict[str, RestoredSeries]

    def values(self, name: str) -> pd.Series:
        """Give a restored series by month."""
        return pd.Series(self.restored[name].values, index=self.cells[name].index)


def read_real_file() -> RealFile | None:
    """Read and restore `banco_central.csv`, the first of duplicate months.

    Returns:
        None if the file is in none of `FOLDERS`.
    """
    paths = [folder / FILE_NAME for folder in FOLDERS if (folder / FILE_NAME).exists()]
    if not paths:
        return None
    raw = text_table(read_raw_file(paths[0]), columns=COLUMNS)
    months = raw[raw[PERIOD].str[5:7] <= "12"].drop_duplicates(PERIOD)
    table = months.set_index(pd.DatetimeIndex(months[PERIOD].str[:10])).sort_index()
    names = [series.name for series in BANCO_CENTRAL]
    cells = {name: table.loc[~table[name].isin(["", "a"]), name] for name in names}
    return RealFile(cells=cells, restored=restored_within(cells, factor=1))


def restored_within(cells: dict[str, pd.Series], *, factor: float) -> dict[str, RestoredSeries]:
    """Restore every series within its plausible range, widened by a factor on both sides."""
    ranges = {name: PLAUSIBLE[name] for name in cells}
    return {
        name: restore_decimals(
            cells[name], lowest=one.lowest / factor, highest=one.highest * factor
        )
        for name, one in ranges.items()
    }


def same_up_to_one_power(real: RealFile, *, factor: float) -> tuple[int, int]:
    """Count series that wider ranges leave as they were.

    Args:
        real: The file.
        factor: By which the ranges are widened on both sides.

    Returns:
        How many keep all their values, and how many keep them up to one power of ten for all.
    """
    wider = restored_within(real.cells, factor=factor)
    kept = shifted = 0
    for name, one in real.restored.items():
        positive = one.values > 0
        ratios = wider[name].values[positive] / one.values[positive]
        kept += bool(np.allclose(ratios, 1))
        shifted += bool(np.allclose(ratios, ratios[0]))
    return kept, shifted


def residuals(real: RealFile) -> pd.DataFrame:
    """Measure by how much the parts of each identity miss their whole.

    Returns:
        A row an identity: `identity`, `months` that have all series, and the `median` and the
        `largest` residual as a share of the whole.
    """
    rows = []
    for identity, parts, whole in IDENTITIES:
        missed = (_columns(real, parts).sum(axis=1, skipna=False) / real.values(whole) - 1).dropna()
        missed = missed.abs()
        rows.append((identity, len(missed), missed.median(), missed.max()))
    return pd.DataFrame(rows, columns=["identity", "months", "median", "largest"])


def disproved_by_sums(real: RealFile) -> pd.DataFrame:
    """Find cells of employment that another power of ten would make sum to all employed.

    The activities are counts of one survey, so their sum is exact, to a millionth.

    Returns:
        `series`, `month`, `cell`, `restored`, `margin`, and what the sum `asks_for`.
    """
    *_, (_, parts, whole) = IDENTITIES
    columns = _columns(real, parts)
    missing = (real.values(whole) - columns.sum(axis=1, skipna=False)).dropna()
    rows = []
    for month, gap in missing[missing.abs() > real.values(whole).max() * 1e-6].items():
        for name, value in columns.loc[month].items():
            wanted = value + gap
            decades = np.log10(wanted / value) if min(value, wanted) > 0 else 0
            if abs(decades) > 0.5 and abs(decades - round(decades)) < 1e-3:
                at = real.cells[name].index.get_loc(month)
                rows.append(
                    (
                        name,
                        month,
                        real.cells[name].iloc[at],
                        value,
                        real.restored[name].margins[at],
                        wanted,
                    )
                )
    return pd.DataFrame(rows, columns=["series", "month", "cell", "restored", "margin", "asks_for"])


def _columns(real: RealFile, names: tuple[str, ...]) -> pd.DataFrame:
    columns = pd.DataFrame({name: real.values(name) for name in names})
    # The file has no such cell in months in which everybody stated an activity.
    return columns.fillna({_UNSTATED: 0}) if _UNSTATED in columns else columns


def misread_gdp_cells(real: RealFile) -> tuple[int, int]:
    """Count cells of GDP that lost another number of decimals than most of their series.

    Returns:
        Those, and all.
    """
    lost = [real.restored[name].lost_decimals for name in PIB]
    return sum(int((one != np.bincount(one).argmax()).sum()) for one in lost), sum(map(len, lost))
