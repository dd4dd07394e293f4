"""Shapes of the synthetic macroeconomic series of the embedded sample.

Round levels, seasons and volatilities, chosen by hand to be plausible; the months are those in
which the real series are published.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass

from spike_assets.series.catalogue import BANCO_CENTRAL, PIB, PLAUSIBLE


@dataclass(frozen=True)
class Shape:
    """Shape of a series, in its unit from the catalogue.

    Attributes:
        first: First month with a number.
        last: Last such month.
        levels: Its level at the start of some years; it moves evenly between them.
        season: Log distance of its best month from its mean.
        peak: That month.
        cycle: Percent that it gains with one percent of the business cycle.
        noise: Standard deviation, in logs, of movements of its own.
        decimals: Decimals published since 2000.
        old_decimals: Decimals published before.
    """

    first: str
    last: str
    levels: Mapping[int, float]
    season: float = 0.03
    peak: int = 12
    cycle: float = 1
    noise: float = 0.02
    decimals: int = 9
    old_decimals: int = 9


def _sector(level_2013: float, season: float = 0.04, peak: int = 12) -> Shape:
    levels = {2013: level_2013, 2020: 1.15 * level_2013}
    return Shape("2013-01", "2020-09", levels, season, peak)


def _jobs(level_2013: float, season: float = 0.01, peak: int = 12) -> Shape:
    levels = {2013: level_2013, 2020: 1.12 * level_2013}
    return Shape("2013-03", "2020-10", levels, season, peak)


def _middle(name: str) -> float:
    """Return the level in the middle of a series' plausible range."""
    plausible = PLAUSIBLE[name]
    return math.sqrt(plausible.lowest * plausible.highest)


def _commodity(first: str, levels: Mapping[int, float], *decimals: int) -> Shape:
    """Return the shape of a price set abroad; decimals are before and since 2000, or for both."""
    return Shape(
        first,
        "2020-11",
        levels,
        season=0.01,
        peak=7,
        cycle=1.5,
        noise=0.08,
        decimals=decimals[-1],
        old_decimals=decimals[0],
    )


CLP_PER_USD = {1982: 50, 1985: 150, 1990: 300, 2003: 700, 2008: 500, 2013: 480, 2020: 760}
"""The level of the exchange rate, on which the price of milk depends as well."""

_ACTIVITIES = [one.name for one in BANCO_CENTRAL if one.name.startswith("Ocupacion_")]

SHAPES = {
    "Imacec_": Shape("1996-01", "2020-10", {1996: 46, 2013: 99, 2020: 117}, 0.05),
    "PIB_Agropecuario_silvicola": _sector(350, 0.5, 2),
    "PIB_Pesca": _sector(60, 0.3, 3),
    "PIB_Mineria_del_cobre": _sector(1100, 0.05),
    "PIB_Otras_actividades_mineras": _sector(140, 0.06),
    "PIB_Alimentos": _sector(330, 0.1, 4),
    "PIB_Bebidas_y_tabaco": _sector(160, 0.08),
    "PIB_Textil": _sector(30, 0.1, 11),
    "PIB_Maderas_y_muebles": _sector(65),
    "PIB_Celulosa": _sector(100),
    "PIB_Refinacion_de_petroleo": _sector(100),
    "PIB_Quimica": _sector(190),
    "PIB_Minerales_no_metalicos_y_metalica_basica": _sector(75),
    "PIB_Productos_metalicos": _sector(210, 0.06, 11),
    "PIB_Electricidad": _sector(300, 0.04, 7),
    "PIB_Construccion": _sector(700, 0.1),
    "PIB_Comercio": _sector(1050, 0.08),
    "PIB_Restaurantes_y_hoteles": _sector(210, 0.03, 2),
    "PIB_Transporte": _sector(550),
    "PIB_Comunicaciones": _sector(350),
    "PIB_Servicios_financieros": _sector(570),
    "PIB_Servicios_empresariales": _sector(1200),
    "PIB_Servicios_de_vivienda": _sector(800, 0.01),
    "PIB_Servicios_personales": _sector(1250, 0.25, 8),
    "PIB_Administracion_publica": _sector(510, 0.01),
    "Impuesto_al_valor_agregado": _sector(900, 0.06),
    "Derechos_de_Importacion": _sector(60, 0.06, 10),
    "Precio_de_la_gasolina": _commodity(
        "1971-08", {1972: 30, 1981: 250, 1999: 130, 2012: 750}, 2, 6
    ),
    "Precio_de_la_onza_troy_de_oro": _commodity("1970-01", {1970: 35, 1980: 500, 2012: 1600}, 2),
    "Precio_de_la_onza_troy_de_plata": _commodity("1970-01", {1970: 2, 2003: 5, 2012: 30}, 2, 4),
    "Precio_del_cobre": _commodity("1970-01", {1970: 0.6, 2002: 0.8, 2011: 4, 2020: 2.7}, 3, 8),
    "Precio_del_diesel": _commodity("2006-10", {2007: 200, 2013: 300, 2016: 130}, 2),
    "Precio_del_gas_natural": _commodity("2000-01", {2000: 4, 2008: 8, 2016: 2.5}, 4),
    "Precio_del_petroleo_Brent": _commodity("2000-01", {2000: 26, 2012: 110, 2016: 40}, 2),
    "Precio_del_kerosene": _commodity("2000-01", {2000: 200, 2012: 780, 2016: 300}, 5),
    "Precio_del_petroleo_WTI": _commodity(
        "1983-05", {1983: 30, 1998: 15, 2012: 95, 2016: 40}, 1, 2
    ),
    "Precio_del_propano": _commodity("2008-01", {2008: 140, 2014: 110, 2016: 45}, 3),
    "Tipo_de_cambio_del_dolar": Shape("1982-08", "2020-11", CLP_PER_USD, 0, cycle=-0.8, noise=0.04),
    **{name: _jobs(_middle(name)) for name in _ACTIVITIES},
    "Ocupacion_en_Agricultura_INE": _jobs(730, 0.06, 1),
    "Ocupacion_en_Construccion_INE": _jobs(690, 0.02),
    "Ocupacion_en_Comercio_INE": _jobs(1580, 0.02),
    "Ocupacion_en_Actividades_de_organizaciones_y_organos_extraterritoriales_INE": _jobs(2),
    "No_sabe": Shape("2020-01", "2020-10", {2020: 25}, noise=0.15),
    "Tipo_de_cambio_nominal": Shape("1995-01", "2020-11", {1995: 100, 2020: 115}, 0, cycle=-0.5),
    "Indice_de_tipo_de_cambio_real": Shape("1986-01", "2020-10", {1986: 100}, 0, cycle=-0.5),
    "Indice_de_produccion_industrial": Shape("2009-01", "2020-10", {2009: 87, 2014: 100}),
    "Indice_de_produccion_industrial__mineria": Shape("1990-01", "2020-10", {1990: 35, 2005: 95}),
    "Indice_de_produccion_industrial_electricidad": Shape("2014-01", "2020-10", {2014: 100}),
    "Indice_de_produccion_industrial__manuf": Shape("1991-01", "2020-10", {1991: 55, 2007: 97}),
    "Generacion": Shape("1999-01", "2020-10", {1999: 3000, 2020: 6600}, decimals=5),
    "Indice_de_ventas": Shape("2014-01", "2020-10", {2014: 97, 2020: 110}, 0.1),
    "Indice_de_ventas_comercio_real_durables": Shape(
        "2014-01", "2020-10", {2014: 95, 2020: 135}, 0.1
    ),
    "Ventas_autos_nuevos": Shape("2009-01", "2020-11", {2009: 14000, 2013: 30000}, 0.1, decimals=0),
}
"""The shape of each series by the beginning of its name; the longest beginning counts."""

_MANUFACTURING = PIB[PIB.index("PIB_Alimentos") : PIB.index("PIB_Electricidad")]
SUMS = {
    "PIB_Mineria": ("PIB_Mineria_del_cobre", "PIB_Otras_actividades_mineras"),
    "PIB_Industria_Manufacturera": _MANUFACTURING,
    "PIB_a_costo_de_factores": tuple(name for name in PIB if name in SHAPES),
    "PIB": ("PIB_a_costo_de_factores", "Impuesto_al_valor_agregado", "Derechos_de_Importacion"),
    "Ocupados": tuple(s.name for s in BANCO_CENTRAL if s.name.startswith("Ocupacion_")),
}
"""Series that are the sum of others, and published as long as they are."""


def shape_of(name: str) -> Shape:
    """Find the shape of a series; a sum is published as its first part is."""
    if name in SUMS:
        return shape_of(SUMS[name][0])
    return SHAPES[max((start for start in SHAPES if name.startswith(start)), key=len)]
