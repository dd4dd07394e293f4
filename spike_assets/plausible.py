"""How large each series can plausibly be: the level that anchors it, and where that is known from.

A range is generous, three times the typical level and a third of it where not said otherwise, and
in the unit of the catalogue. It decides which readings of a number that lost its decimal point
are considered, and which values are refused.

Pure data, as the catalogue is.
"""

from dataclasses import dataclass

from spike_assets.catalogue import (
    IMACEC,
    MONTH_OF_YEAR,
    NON_DURABLE_SALES,
    NUM,
    PRICE_CLP_PER_LITRE,
    REGIONS,
    YEAR,
)


@dataclass(frozen=True)
class PlausibleRange:
    """The values that a series may take.

    Attributes:
        lowest: Least plausible value, in the series' unit.
        highest: Greatest plausible value.
        anchor: Where the level is known from.
    """

    lowest: float
    highest: float
    anchor: str


def _around(level: float, anchor: str) -> PlausibleRange:
    return PlausibleRange(level / 3, level * 3, anchor)


_GDP = (
    "national accounts: total GDP was about 11,500 thousand million CLP a month in 2013, and the "
    "sectors sum to GDP at factor cost"
)
_GDP_LEVELS = {
    "PIB_Agropecuario_silvicola": 330,
    "PIB_Pesca": 62,
    "PIB_Mineria": 1280,
    "PIB_Mineria_del_cobre": 1150,
    "PIB_Otras_actividades_mineras": 130,
    "PIB_Industria_Manufacturera": 1290,
    "PIB_Alimentos": 340,
    "PIB_Bebidas_y_tabaco": 165,
    "PIB_Textil": 25,
    "PIB_Maderas_y_muebles": 70,
    "PIB_Celulosa": 100,
    "PIB_Refinacion_de_petroleo": 95,
    "PIB_Quimica": 190,
    "PIB_Minerales_no_metalicos_y_metalica_basica": 70,
    "PIB_Productos_metalicos": 215,
    "PIB_Electricidad": 330,
    "PIB_Construccion": 750,
    "PIB_Comercio": 1090,
    "PIB_Restaurantes_y_hoteles": 190,
    "PIB_Transporte": 600,
    "PIB_Comunicaciones": 405,
    "PIB_Servicios_financieros": 640,
    "PIB_Servicios_empresariales": 1220,
    "PIB_Servicios_de_vivienda": 900,
    "PIB_Servicios_personales": 1250,
    "PIB_Administracion_publica": 570,
    "PIB_a_costo_de_factores": 11100,
    "Impuesto_al_valor_agregado": 970,
    "Derechos_de_Importacion": 55,
    "PIB": 12100,
}

_JOBS = "employment survey: about 8 million people work, and the activities sum to all"
_JOBS_LEVELS = {
    "Ocupados": 8200,
    "Ocupacion_en_Agricultura_INE": 670,
    "Ocupacion_en_Explotacion_de_minas_y_canteras_INE": 230,
    "Ocupacion_en_Industrias_manufactureras_INE": 900,
    "Ocupacion_en_Suministro_de_electricidad_INE": 44,
    "Ocupacion_en_Actividades_de_servicios_administrativos_y_de_apoyo_INE": 220,
    "Ocupacion_en_Actividades_profesionales_INE": 270,
    "Ocupacion_en_Actividades_inmobiliarias_INE": 75,
    "Ocupacion_en_Actividades_financieras_y_de_seguros_INE": 180,
    "Ocupacion_en_Informacion_y_comunicaciones_INE": 160,
    "Ocupacion_en_Transporte_y_almacenamiento_INE": 545,
    "Ocupacion_en_Actividades_de_alojamiento_y_de_servicio_de_comidas_INE": 350,
    "Ocupacion_en_Construccion_INE": 720,
    "Ocupacion_en_Comercio_INE": 1600,
    "Ocupacion_en_Suministro_de_agua_evacuacion_de_aguas_residuales_INE": 47,
    "Ocupacion_en_Administracion_publica_y_defensa_INE": 470,
    "Ocupacion_en_Enseanza_INE": 715,
    "Ocupacion_en_Actividades_de_atencion_de_la_salud_humana_y_de_asistencia_social_INE": 460,
    "Ocupacion_en_Actividades_artisticas_INE": 100,
    "Ocupacion_en_Otras_actividades_de_servicios_INE": 245,
    "Ocupacion_en_Actividades_de_los_hogares_como_empleadores_INE": 330,
}

_BASE_YEAR = "an index: its base year is near 100"
_MARKET = "market prices of the last decades"

_OTHERS = {
    "Precio_de_la_gasolina_en_EEUU_dolaresm3": PlausibleRange(20, 1200, _MARKET),
    "Precio_de_la_onza_troy_de_oro_dolaresoz": PlausibleRange(30, 2500, _MARKET),
    "Precio_de_la_onza_troy_de_plata_dolaresoz": PlausibleRange(1, 60, _MARKET),
    "Precio_del_cobre_refinado_BML_dolareslibra": PlausibleRange(0.3, 6, _MARKET),
    "Precio_del_diesel_centavos_de_dolargalon": PlausibleRange(50, 500, _MARKET),
    "Precio_del_gas_natural_dolaresmillon_de_unidades_termicas_britanicas": PlausibleRange(
        1, 20, _MARKET
    ),
    "Precio_del_petroleo_Brent_dolaresbarril": PlausibleRange(8, 160, _MARKET),
    "Precio_del_kerosene_dolaresm3": PlausibleRange(100, 1200, _MARKET),
    "Precio_del_petroleo_WTI_dolaresbarril": PlausibleRange(8, 160, _MARKET),
    "Precio_del_propano_centavos_de_dolargalon_DTN": PlausibleRange(20, 250, _MARKET),
    "Tipo_de_cambio_del_dolar_observado_diario": PlausibleRange(
        40, 1200, "the dollar rose from about 50 CLP in 1982 to about 770 in 2019 and 2020"
    ),
    "Ocupacion_en_Actividades_de_organizaciones_y_organos_extraterritoriales_INE": PlausibleRange(
        0, 10, _JOBS
    ),
    "No_sabe__No_responde_Miles_de_personas": PlausibleRange(6, 60, _JOBS),
    "Tipo_de_cambio_nominal_multilateral___TCM": PlausibleRange(50, 250, _BASE_YEAR),
    "Indice_de_tipo_de_cambio_real___TCR_promedio_1986_100": PlausibleRange(40, 250, _BASE_YEAR),
    "Indice_de_produccion_industrial": PlausibleRange(20, 190, _BASE_YEAR),
    "Indice_de_produccion_industrial__mineria": PlausibleRange(20, 190, _BASE_YEAR),
    "Indice_de_produccion_industrial_electricidad__gas_y_agua": PlausibleRange(20, 190, _BASE_YEAR),
    "Indice_de_produccion_industrial__manufacturera": PlausibleRange(20, 190, _BASE_YEAR),
    "Generacion_de_energia_electrica_CDEC_GWh": _around(
        4500, "the central grid generated 30 to 80 TWh a year"
    ),
    "Indice_de_ventas_comercio_real_IVCM": PlausibleRange(35, 300, _BASE_YEAR),
    "Indice_de_ventas_comercio_real_no_durables_IVCM": PlausibleRange(35, 300, _BASE_YEAR),
    "Indice_de_ventas_comercio_real_durables_IVCM": PlausibleRange(35, 300, _BASE_YEAR),
    "Ventas_autos_nuevos": PlausibleRange(1000, 90000, "200,000 to 420,000 new cars a year"),
}

PLAUSIBLE: dict[str, PlausibleRange] = (
    dict.fromkeys(
        REGIONS, PlausibleRange(0, 2000, "the wettest months of the far south stay below 1500 mm")
    )
    | dict.fromkeys(IMACEC, PlausibleRange(25, 200, _BASE_YEAR))
    | {name: _around(level, _GDP) for name, level in _GDP_LEVELS.items()}
    | {name: _around(level, _JOBS) for name, level in _JOBS_LEVELS.items()}
    | _OTHERS
    | {
        YEAR: PlausibleRange(1900, 2200, "the calendar"),
        MONTH_OF_YEAR: PlausibleRange(1, 12, "the calendar"),
        NUM: _OTHERS[NON_DURABLE_SALES],
    }
    | {PRICE_CLP_PER_LITRE: PlausibleRange(1, 2000, "3.85 CLP per litre in 1979, 295 in 2021")}
)
"""The plausible range of every series and of every column of the `/predict` contract, by name."""
