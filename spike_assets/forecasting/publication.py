"""When each series is known: the months between a month and the first day on which it is published.

A forecast for the months from t on may use what was published by the first day of t. A series
with a lag of k months is then known up to month t - k: with 1, the month that has just ended;
with 3, the one before last but one.

The lags are those of the publishing calendars of the Banco Central de Chile, the Instituto
Nacional de Estadísticas and the Dirección Meteorológica, rounded up to whole months: a value
counts as known on the first day of the month after the one in which it usually appears.
"""

from collections.abc import Mapping

import pandas as pd

from spike_assets.catalogue import BANCO_CENTRAL, PRICE, REGIONS
from spike_assets.sources.months import MONTH

_BY_PREFIX: Mapping[str, int] = {
    "Precio_": 1,  # quoted daily
    "Tipo_de_cambio": 1,  # observed daily
    "Indice_de_tipo_de_cambio_real": 2,  # waits for foreign price indices
    "Imacec_": 3,  # about 31 to 36 days after the month
    "PIB": 5,  # by the quarter, about 50 days after its last month
    "Impuesto_al_valor_agregado": 5,  # with GDP
    "Derechos_de_Importacion": 5,  # with GDP
    "Ocupa": 2,  # a moving quarter, at the end of the month after it
    "No_sabe__No_responde": 2,  # with employment
    "Indice_de_produccion": 2,  # at the end of the next month
    "Indice_de_ventas": 2,  # at the end of the next month
    "Generacion_de_energia": 2,  # at the end of the next month
    "Ventas_autos_nuevos": 2,  # in the first days of the next month
}


def _lag_months(name: str) -> int:
    return next(lag for prefix, lag in _BY_PREFIX.items() if name.startswith(prefix))


PUBLICATION_LAG_MONTHS: Mapping[str, int] = {
    PRICE.name: 1,
    **dict.fromkeys(REGIONS, 1),
    **{series.name: _lag_months(series.name) for series in BANCO_CENTRAL},
}
"""By series: on the first day of month t, its newest published value is that of month t - lag."""


def as_published(table: pd.DataFrame, months: pd.DatetimeIndex) -> pd.DataFrame:
    """Give what was newly known of each series on the first day of each month.

    Args:
        table: `month` and series of `PUBLICATION_LAG_MONTHS`.
        months: The months on whose first day one looks, every month from first to last.

    Returns:
        By month asked for, a column a series: its value of `lag` months before, missing where
        there is none.
    """
    series = table.set_index(MONTH)
    return pd.DataFrame(
        {
            name: series[name].reindex(months - pd.DateOffset(months=lag)).to_numpy()
            for name, lag in PUBLICATION_LAG_MONTHS.items()
            if name in series
        },
        index=months,
    )
