"""Catalogue of the published series: name, unit, meaning, plausible range, publication lag.

A series keeps the name under which it was published (`Imacec_minero`, `Coquimbo`). That name is
its identity for analysts and the column name in the contract of `POST /predict`. Asset metadata,
table contracts, error messages and the OpenAPI document read units and ranges from here.

A plausible range is in the unit of the series and generous: a third of the typical level to three
times that level, unless stated otherwise. It chooses among the readings of a number that lost its
decimal point, and limits what a request may hold. It does not judge the numbers of a file: they are
held to the level of their own series, because a market may leave its range.

A publication lag says when a value is known: so many days after the end of its month. The lags
follow the publishing calendars of the Banco Central de Chile, the Instituto Nacional de
Estadísticas, ODEPA, the FAO and the reanalysis of rain.

Pure data: this module imports nothing heavier than dataclasses, because the service loads it.
"""

import math
from dataclasses import dataclass, replace

MONTH = "month"
"""The time key of every monthly table: the first day of the month."""


@dataclass(frozen=True)
class PlausibleRange:
    """Values that a series is known to take.

    Attributes:
        lowest: Lowest plausible value, in the unit of the series. At 0, the series may be zero.
        highest: Highest plausible value.
        anchor: Where the level is known from.
    """

    lowest: float
    highest: float
    anchor: str


ANY_NUMBER = PlausibleRange(-math.inf, math.inf, "not limited")


@dataclass(frozen=True)
class Column:
    """A numeric column of a monthly table.

    Attributes:
        name: Column name.
        unit: Unit of its values.
        description: What it measures, in a few words.
        plausible: Values that it is known to take.
    """

    name: str
    unit: str
    description: str
    plausible: PlausibleRange


@dataclass(frozen=True)
class Series(Column):
    """A published monthly series.

    Attributes:
        publication_lag_days: Days after the end of a month until its value is published.
    """

    # No default, so a series without a lag can't be written down.
    publication_lag_days: int


def _around(level: float, anchor: str) -> PlausibleRange:
    return PlausibleRange(level / 3, level * 3, anchor)


_RAIN = PlausibleRange(0, 2000, "the wettest months of the far south stay below 1500 mm")

PRECIPITATION = tuple(
    Series(
        region,
        "mm",
        f"rain in the month, region {region.replace('__', ' ').replace('_', ' ')}",
        _RAIN,
        6,
    )
    for region in (
        "Coquimbo",
        "Valparaiso",
        "Metropolitana_de_Santiago",
        "Libertador_Gral__Bernardo_O_Higgins",
        "Maule",
        "Biobio",
        "La_Araucania",
        "Los_Rios",
    )
)
"""Monthly rainfall by region, north to south."""

_INDEX_2013 = "index, 2013 = 100"
_CHAINED_CLP = "thousand million CLP, chained volume"
_THOUSAND_PEOPLE = "thousand people"

_BASE_YEAR = "an index: its base year is near 100"
_GDP = (
    "national accounts: total GDP was about 11,500 thousand million CLP a month in 2013, and the "
    "sectors sum to GDP at factor cost"
)
_JOBS = "employment survey: about 8 million people work, and the activities sum to all"
_MARKET = "market prices of the last decades"

# The publication lags, in days:
#   1  quoted daily (commodities, exchange rates)
#  30  end of the next month (employment, production, sales, electricity, cars, real exchange rate)
#  36  Imacec: 31 to 36 days after the month
# 112  national accounts: quarterly, about 50 days after the last month of the quarter
# fmt: off
BANCO_CENTRAL = (
    Series("Imacec_empalmado", _INDEX_2013, "monthly activity index (Imacec): all activity, spliced", PlausibleRange(25, 200, _BASE_YEAR), 36),
    Series("Imacec_produccion_de_bienes", _INDEX_2013, "monthly activity index (Imacec): goods production", PlausibleRange(25, 200, _BASE_YEAR), 36),
    Series("Imacec_minero", _INDEX_2013, "monthly activity index (Imacec): mining", PlausibleRange(25, 200, _BASE_YEAR), 36),
    Series("Imacec_industria", _INDEX_2013, "monthly activity index (Imacec): manufacturing", PlausibleRange(25, 200, _BASE_YEAR), 36),
    Series("Imacec_resto_de_bienes", _INDEX_2013, "monthly activity index (Imacec): other goods", PlausibleRange(25, 200, _BASE_YEAR), 36),
    Series("Imacec_comercio", _INDEX_2013, "monthly activity index (Imacec): trade", PlausibleRange(25, 200, _BASE_YEAR), 36),
    Series("Imacec_servicios", _INDEX_2013, "monthly activity index (Imacec): services", PlausibleRange(25, 200, _BASE_YEAR), 36),
    Series("Imacec_a_costo_de_factores", _INDEX_2013, "monthly activity index (Imacec): at factor cost", PlausibleRange(25, 200, _BASE_YEAR), 36),
    Series("Imacec_no_minero", _INDEX_2013, "monthly activity index (Imacec): all but mining", PlausibleRange(25, 200, _BASE_YEAR), 36),
    Series("PIB_Agropecuario_silvicola", _CHAINED_CLP, "GDP: farming and forestry", _around(330, _GDP), 112),
    Series("PIB_Pesca", _CHAINED_CLP, "GDP: fishing", _around(62, _GDP), 112),
    Series("PIB_Mineria", _CHAINED_CLP, "GDP: mining", _around(1280, _GDP), 112),
    Series("PIB_Mineria_del_cobre", _CHAINED_CLP, "GDP: copper mining", _around(1150, _GDP), 112),
    Series("PIB_Otras_actividades_mineras", _CHAINED_CLP, "GDP: other mining", _around(130, _GDP), 112),
    Series("PIB_Industria_Manufacturera", _CHAINED_CLP, "GDP: manufacturing", _around(1290, _GDP), 112),
    Series("PIB_Alimentos", _CHAINED_CLP, "GDP: food", _around(340, _GDP), 112),
    Series("PIB_Bebidas_y_tabaco", _CHAINED_CLP, "GDP: drinks and tobacco", _around(165, _GDP), 112),
    Series("PIB_Textil", _CHAINED_CLP, "GDP: textiles, clothing, leather", _around(25, _GDP), 112),
    Series("PIB_Maderas_y_muebles", _CHAINED_CLP, "GDP: wood and furniture", _around(70, _GDP), 112),
    Series("PIB_Celulosa", _CHAINED_CLP, "GDP: pulp, paper and printing", _around(100, _GDP), 112),
    Series("PIB_Refinacion_de_petroleo", _CHAINED_CLP, "GDP: oil refining", _around(95, _GDP), 112),
    Series("PIB_Quimica", _CHAINED_CLP, "GDP: chemicals, rubber, plastics", _around(190, _GDP), 112),
    Series("PIB_Minerales_no_metalicos_y_metalica_basica", _CHAINED_CLP, "GDP: non-metallic minerals and basic metals", _around(70, _GDP), 112),
    Series("PIB_Productos_metalicos", _CHAINED_CLP, "GDP: metal products, machinery, equipment", _around(215, _GDP), 112),
    Series("PIB_Electricidad", _CHAINED_CLP, "GDP: electricity, gas, water, waste", _around(330, _GDP), 112),
    Series("PIB_Construccion", _CHAINED_CLP, "GDP: construction", _around(750, _GDP), 112),
    Series("PIB_Comercio", _CHAINED_CLP, "GDP: trade", _around(1090, _GDP), 112),
    Series("PIB_Restaurantes_y_hoteles", _CHAINED_CLP, "GDP: restaurants and hotels", _around(190, _GDP), 112),
    Series("PIB_Transporte", _CHAINED_CLP, "GDP: transport", _around(600, _GDP), 112),
    Series("PIB_Comunicaciones", _CHAINED_CLP, "GDP: communications", _around(405, _GDP), 112),
    Series("PIB_Servicios_financieros", _CHAINED_CLP, "GDP: financial services", _around(640, _GDP), 112),
    Series("PIB_Servicios_empresariales", _CHAINED_CLP, "GDP: business services", _around(1220, _GDP), 112),
    Series("PIB_Servicios_de_vivienda", _CHAINED_CLP, "GDP: housing services", _around(900, _GDP), 112),
    Series("PIB_Servicios_personales", _CHAINED_CLP, "GDP: personal services", _around(1250, _GDP), 112),
    Series("PIB_Administracion_publica", _CHAINED_CLP, "GDP: public administration", _around(570, _GDP), 112),
    Series("PIB_a_costo_de_factores", _CHAINED_CLP, "GDP: at factor cost", _around(11100, _GDP), 112),
    Series("Impuesto_al_valor_agregado", _CHAINED_CLP, "GDP: value added tax", _around(970, _GDP), 112),
    Series("Derechos_de_Importacion", _CHAINED_CLP, "GDP: import duties", _around(55, _GDP), 112),
    Series("PIB", _CHAINED_CLP, "GDP: total", _around(12100, _GDP), 112),
    Series("Precio_de_la_gasolina_en_EEUU_dolaresm3", "USD per m³", "petrol in the United States", PlausibleRange(20, 1200, _MARKET), 1),
    Series("Precio_de_la_onza_troy_de_oro_dolaresoz", "USD per troy ounce", "gold", PlausibleRange(30, 2500, _MARKET), 1),
    Series("Precio_de_la_onza_troy_de_plata_dolaresoz", "USD per troy ounce", "silver", PlausibleRange(1, 60, _MARKET), 1),
    Series("Precio_del_cobre_refinado_BML_dolareslibra", "USD per pound", "refined copper, London Metal Exchange", PlausibleRange(0.3, 6, _MARKET), 1),
    Series("Precio_del_diesel_centavos_de_dolargalon", "US cents per gallon", "diesel", PlausibleRange(50, 500, _MARKET), 1),
    Series("Precio_del_gas_natural_dolaresmillon_de_unidades_termicas_britanicas", "USD per million BTU", "natural gas", PlausibleRange(1, 20, _MARKET), 1),
    Series("Precio_del_petroleo_Brent_dolaresbarril", "USD per barrel", "Brent crude", PlausibleRange(8, 160, _MARKET), 1),
    Series("Precio_del_kerosene_dolaresm3", "USD per m³", "kerosene", PlausibleRange(100, 1200, _MARKET), 1),
    Series("Precio_del_petroleo_WTI_dolaresbarril", "USD per barrel", "WTI crude", PlausibleRange(8, 160, _MARKET), 1),
    Series("Precio_del_propano_centavos_de_dolargalon_DTN", "US cents per gallon", "propane", PlausibleRange(20, 250, _MARKET), 1),
    Series("Tipo_de_cambio_del_dolar_observado_diario", "CLP per USD", "observed exchange rate, monthly mean", PlausibleRange(40, 1200, "the dollar rose from about 50 CLP in 1982 to about 770 in 2019 and 2020"), 1),
    Series("Ocupados", _THOUSAND_PEOPLE, "employed: all", _around(8200, _JOBS), 30),
    Series("Ocupacion_en_Agricultura_INE", _THOUSAND_PEOPLE, "employed: agriculture", _around(670, _JOBS), 30),
    Series("Ocupacion_en_Explotacion_de_minas_y_canteras_INE", _THOUSAND_PEOPLE, "employed: mines and quarries", _around(230, _JOBS), 30),
    Series("Ocupacion_en_Industrias_manufactureras_INE", _THOUSAND_PEOPLE, "employed: manufacturing", _around(900, _JOBS), 30),
    Series("Ocupacion_en_Suministro_de_electricidad_INE", _THOUSAND_PEOPLE, "employed: electricity supply", _around(44, _JOBS), 30),
    Series("Ocupacion_en_Actividades_de_servicios_administrativos_y_de_apoyo_INE", _THOUSAND_PEOPLE, "employed: administrative and support services", _around(220, _JOBS), 30),
    Series("Ocupacion_en_Actividades_profesionales_INE", _THOUSAND_PEOPLE, "employed: professional activities", _around(270, _JOBS), 30),
    Series("Ocupacion_en_Actividades_inmobiliarias_INE", _THOUSAND_PEOPLE, "employed: real estate", _around(75, _JOBS), 30),
    Series("Ocupacion_en_Actividades_financieras_y_de_seguros_INE", _THOUSAND_PEOPLE, "employed: finance and insurance", _around(180, _JOBS), 30),
    Series("Ocupacion_en_Informacion_y_comunicaciones_INE", _THOUSAND_PEOPLE, "employed: information and communications", _around(160, _JOBS), 30),
    Series("Ocupacion_en_Transporte_y_almacenamiento_INE", _THOUSAND_PEOPLE, "employed: transport and storage", _around(545, _JOBS), 30),
    Series("Ocupacion_en_Actividades_de_alojamiento_y_de_servicio_de_comidas_INE", _THOUSAND_PEOPLE, "employed: lodging and food services", _around(350, _JOBS), 30),
    Series("Ocupacion_en_Construccion_INE", _THOUSAND_PEOPLE, "employed: construction", _around(720, _JOBS), 30),
    Series("Ocupacion_en_Comercio_INE", _THOUSAND_PEOPLE, "employed: trade", _around(1600, _JOBS), 30),
    Series("Ocupacion_en_Suministro_de_agua_evacuacion_de_aguas_residuales_INE", _THOUSAND_PEOPLE, "employed: water supply and sewerage", _around(47, _JOBS), 30),
    Series("Ocupacion_en_Administracion_publica_y_defensa_INE", _THOUSAND_PEOPLE, "employed: public administration and defence", _around(470, _JOBS), 30),
    Series("Ocupacion_en_Enseanza_INE", _THOUSAND_PEOPLE, "employed: teaching", _around(715, _JOBS), 30),
    Series("Ocupacion_en_Actividades_de_atencion_de_la_salud_humana_y_de_asistencia_social_INE", _THOUSAND_PEOPLE, "employed: health and social care", _around(460, _JOBS), 30),
    Series("Ocupacion_en_Actividades_artisticas_INE", _THOUSAND_PEOPLE, "employed: arts and recreation", _around(100, _JOBS), 30),
    Series("Ocupacion_en_Otras_actividades_de_servicios_INE", _THOUSAND_PEOPLE, "employed: other services", _around(245, _JOBS), 30),
    Series("Ocupacion_en_Actividades_de_los_hogares_como_empleadores_INE", _THOUSAND_PEOPLE, "employed: households as employers", _around(330, _JOBS), 30),
    Series("Ocupacion_en_Actividades_de_organizaciones_y_organos_extraterritoriales_INE", _THOUSAND_PEOPLE, "employed: extraterritorial bodies", PlausibleRange(0, 10, _JOBS), 30),
    Series("No_sabe__No_responde_Miles_de_personas", _THOUSAND_PEOPLE, "employed: activity not stated", PlausibleRange(6, 60, _JOBS), 30),
    Series("Tipo_de_cambio_nominal_multilateral___TCM", "index", "nominal multilateral exchange rate", PlausibleRange(50, 250, _BASE_YEAR), 1),
    Series("Indice_de_tipo_de_cambio_real___TCR_promedio_1986_100", "index, 1986 = 100", "real exchange rate", PlausibleRange(40, 250, _BASE_YEAR), 30),
    Series("Indice_de_produccion_industrial", "index", "industrial production: all", PlausibleRange(20, 190, _BASE_YEAR), 30),
    Series("Indice_de_produccion_industrial__mineria", "index", "industrial production: mining", PlausibleRange(20, 190, _BASE_YEAR), 30),
    Series("Indice_de_produccion_industrial_electricidad__gas_y_agua", "index", "industrial production: electricity, gas, water", PlausibleRange(20, 190, _BASE_YEAR), 30),
    Series("Indice_de_produccion_industrial__manufacturera", "index", "industrial production: manufacturing", PlausibleRange(20, 190, _BASE_YEAR), 30),
    Series("Generacion_de_energia_electrica_CDEC_GWh", "GWh", "electricity generated", _around(4500, "the central grid generated 30 to 80 TWh a year"), 30),
    Series("Indice_de_ventas_comercio_real_IVCM", "index", "real retail sales: all", PlausibleRange(35, 300, _BASE_YEAR), 30),
    Series("Indice_de_ventas_comercio_real_no_durables_IVCM", "index", "real retail sales: non-durables", PlausibleRange(35, 300, _BASE_YEAR), 30),
    Series("Indice_de_ventas_comercio_real_durables_IVCM", "index", "real retail sales: durables", PlausibleRange(35, 300, _BASE_YEAR), 30),
    Series("Ventas_autos_nuevos", "vehicles", "new cars sold", PlausibleRange(1000, 90000, "200,000 to 420,000 new cars a year"), 30),
)
# fmt: on
"""The macroeconomic series of the Banco Central de Chile, in the order of the published file."""

PRICE_CLP_PER_LITRE = "price_clp_per_litre"

PRICE = Series(
    PRICE_CLP_PER_LITRE,
    "CLP per litre",
    "paid to dairy farms, nominal, without VAT",
    PlausibleRange(1, 2000, "3.85 CLP per litre in 1979, 295 in 2021"),
    40,
)
"""ODEPA publishes it in the first half of the month after next: 34 to 80 days after its month were
seen, as a rule before the 10th."""

DAIRY_INDEX = Series(
    "dairy_price_index",
    "index, 2014-2016 = 100",
    "world market prices of dairy products (FAO)",
    PlausibleRange(10, 600, "between 35 and 160 from 1990 to 2026"),
    8,
)
"""The FAO publishes it on the first Friday of the next month, in January a week later."""

PUBLISHED = (*PRECIPITATION, PRICE, *BANCO_CENTRAL, DAIRY_INDEX)
"""Every published series that the project reads."""

_BY_NAME = {series.name: series for series in PUBLISHED}

PUBLICATION_LAG_DAYS = {series.name: series.publication_lag_days for series in PUBLISHED}
"""Publication lag by series name, in days after the end of the month."""

REGIONS = tuple(series.name for series in PRECIPITATION)
PIB = tuple(series.name for series in BANCO_CENTRAL if series.name.startswith("PIB"))
IMACEC = tuple(series.name for series in BANCO_CENTRAL if series.name.startswith("Imacec_"))
DOLLAR = "Tipo_de_cambio_del_dolar_observado_diario"
NON_DURABLE_SALES = "Indice_de_ventas_comercio_real_no_durables_IVCM"

YEAR = "ano"
MONTH_OF_YEAR = "mes"
NUM = "num"

FEATURES = (
    *PRECIPITATION,
    Column(YEAR, "year", "year of the month asked for", PlausibleRange(1900, 2200, "the calendar")),
    Column(MONTH_OF_YEAR, "1 to 12", "month of the year", PlausibleRange(1, 12, "the calendar")),
    *(series for series in BANCO_CENTRAL if series.name in PIB),
    *(series for series in BANCO_CENTRAL if series.name in IMACEC),
    replace(
        _BY_NAME[NON_DURABLE_SALES],
        name=NUM,
        description=f"real retail sales: non-durables ({NON_DURABLE_SALES})",
    ),
)
"""The 48 columns that a prediction is made from: the contract of `POST /predict`."""

FEATURE_NAMES = tuple(column.name for column in FEATURES)

PLAUSIBLE = {column.name: column.plausible for column in (*PUBLISHED, *FEATURES)}
"""Plausible range by name, of every published series and every column of `POST /predict`."""
