"""Every published series that the project reads: its name, unit and meaning.

Series keep the name under which they were published (`Imacec_minero`, `Coquimbo`): it is their
identity for analysts, and the column name in the contract of `POST /predict`. The units and the
meaning, which those names leave out, are said here once; asset metadata, errors and the OpenAPI
document all read them from here.

Pure data: this module imports nothing heavier than dataclasses, and the service loads it.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Series:
    """A published monthly series.

    Attributes:
        name: Column name, as published.
        unit: Unit of its values.
        description: What it measures, in a few words.
    """

    name: str
    unit: str
    description: str


PRECIPITATION = tuple(
    Series(region, "mm", f"rain in the month, region {region.replace('__', ' ').replace('_', ' ')}")
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
"""Rainfall of a month by region, north to south."""

_INDEX_2013 = "index, 2013 = 100"
_CHAINED_CLP = "thousand million CLP, chained volume"
_THOUSAND_PEOPLE = "thousand people"

# fmt: off
BANCO_CENTRAL = (
    Series("Imacec_empalmado", _INDEX_2013, "monthly activity index (Imacec): all activity, spliced"),
    Series("Imacec_produccion_de_bienes", _INDEX_2013, "monthly activity index (Imacec): goods production"),
    Series("Imacec_minero", _INDEX_2013, "monthly activity index (Imacec): mining"),
    Series("Imacec_industria", _INDEX_2013, "monthly activity index (Imacec): manufacturing"),
    Series("Imacec_resto_de_bienes", _INDEX_2013, "monthly activity index (Imacec): other goods"),
    Series("Imacec_comercio", _INDEX_2013, "monthly activity index (Imacec): trade"),
    Series("Imacec_servicios", _INDEX_2013, "monthly activity index (Imacec): services"),
    Series("Imacec_a_costo_de_factores", _INDEX_2013, "monthly activity index (Imacec): at factor cost"),
    Series("Imacec_no_minero", _INDEX_2013, "monthly activity index (Imacec): all but mining"),
    Series("PIB_Agropecuario_silvicola", _CHAINED_CLP, "GDP: farming and forestry"),
    Series("PIB_Pesca", _CHAINED_CLP, "GDP: fishing"),
    Series("PIB_Mineria", _CHAINED_CLP, "GDP: mining"),
    Series("PIB_Mineria_del_cobre", _CHAINED_CLP, "GDP: copper mining"),
    Series("PIB_Otras_actividades_mineras", _CHAINED_CLP, "GDP: other mining"),
    Series("PIB_Industria_Manufacturera", _CHAINED_CLP, "GDP: manufacturing"),
    Series("PIB_Alimentos", _CHAINED_CLP, "GDP: food"),
    Series("PIB_Bebidas_y_tabaco", _CHAINED_CLP, "GDP: drinks and tobacco"),
    Series("PIB_Textil", _CHAINED_CLP, "GDP: textiles, clothing, leather"),
    Series("PIB_Maderas_y_muebles", _CHAINED_CLP, "GDP: wood and furniture"),
    Series("PIB_Celulosa", _CHAINED_CLP, "GDP: pulp, paper and printing"),
    Series("PIB_Refinacion_de_petroleo", _CHAINED_CLP, "GDP: oil refining"),
    Series("PIB_Quimica", _CHAINED_CLP, "GDP: chemicals, rubber, plastics"),
    Series("PIB_Minerales_no_metalicos_y_metalica_basica", _CHAINED_CLP, "GDP: non-metallic minerals and basic metals"),
    Series("PIB_Productos_metalicos", _CHAINED_CLP, "GDP: metal products, machinery, equipment"),
    Series("PIB_Electricidad", _CHAINED_CLP, "GDP: electricity, gas, water, waste"),
    Series("PIB_Construccion", _CHAINED_CLP, "GDP: construction"),
    Series("PIB_Comercio", _CHAINED_CLP, "GDP: trade"),
    Series("PIB_Restaurantes_y_hoteles", _CHAINED_CLP, "GDP: restaurants and hotels"),
    Series("PIB_Transporte", _CHAINED_CLP, "GDP: transport"),
    Series("PIB_Comunicaciones", _CHAINED_CLP, "GDP: communications"),
    Series("PIB_Servicios_financieros", _CHAINED_CLP, "GDP: financial services"),
    Series("PIB_Servicios_empresariales", _CHAINED_CLP, "GDP: business services"),
    Series("PIB_Servicios_de_vivienda", _CHAINED_CLP, "GDP: housing services"),
    Series("PIB_Servicios_personales", _CHAINED_CLP, "GDP: personal services"),
    Series("PIB_Administracion_publica", _CHAINED_CLP, "GDP: public administration"),
    Series("PIB_a_costo_de_factores", _CHAINED_CLP, "GDP: at factor cost"),
    Series("Impuesto_al_valor_agregado", _CHAINED_CLP, "GDP: value added tax"),
    Series("Derechos_de_Importacion", _CHAINED_CLP, "GDP: import duties"),
    Series("PIB", _CHAINED_CLP, "GDP: total"),
    Series("Precio_de_la_gasolina_en_EEUU_dolaresm3", "USD per m³", "petrol in the United States"),
    Series("Precio_de_la_onza_troy_de_oro_dolaresoz", "USD per troy ounce", "gold"),
    Series("Precio_de_la_onza_troy_de_plata_dolaresoz", "USD per troy ounce", "silver"),
    Series("Precio_del_cobre_refinado_BML_dolareslibra", "USD per pound", "refined copper, London Metal Exchange"),
    Series("Precio_del_diesel_centavos_de_dolargalon", "US cents per gallon", "diesel"),
    Series("Precio_del_gas_natural_dolaresmillon_de_unidades_termicas_britanicas", "USD per million BTU", "natural gas"),
    Series("Precio_del_petroleo_Brent_dolaresbarril", "USD per barrel", "Brent crude"),
    Series("Precio_del_kerosene_dolaresm3", "USD per m³", "kerosene"),
    Series("Precio_del_petroleo_WTI_dolaresbarril", "USD per barrel", "WTI crude"),
    Series("Precio_del_propano_centavos_de_dolargalon_DTN", "US cents per gallon", "propane"),
    Series("Tipo_de_cambio_del_dolar_observado_diario", "CLP per USD", "observed exchange rate, monthly mean"),
    Series("Ocupados", _THOUSAND_PEOPLE, "employed: all"),
    Series("Ocupacion_en_Agricultura_INE", _THOUSAND_PEOPLE, "employed: agriculture"),
    Series("Ocupacion_en_Explotacion_de_minas_y_canteras_INE", _THOUSAND_PEOPLE, "employed: mines and quarries"),
    Series("Ocupacion_en_Industrias_manufactureras_INE", _THOUSAND_PEOPLE, "employed: manufacturing"),
    Series("Ocupacion_en_Suministro_de_electricidad_INE", _THOUSAND_PEOPLE, "employed: electricity supply"),
    Series("Ocupacion_en_Actividades_de_servicios_administrativos_y_de_apoyo_INE", _THOUSAND_PEOPLE, "employed: administrative and support services"),
    Series("Ocupacion_en_Actividades_profesionales_INE", _THOUSAND_PEOPLE, "employed: professional activities"),
    Series("Ocupacion_en_Actividades_inmobiliarias_INE", _THOUSAND_PEOPLE, "employed: real estate"),
    Series("Ocupacion_en_Actividades_financieras_y_de_seguros_INE", _THOUSAND_PEOPLE, "employed: finance and insurance"),
    Series("Ocupacion_en_Informacion_y_comunicaciones_INE", _THOUSAND_PEOPLE, "employed: information and communications"),
    Series("Ocupacion_en_Transporte_y_almacenamiento_INE", _THOUSAND_PEOPLE, "employed: transport and storage"),
    Series("Ocupacion_en_Actividades_de_alojamiento_y_de_servicio_de_comidas_INE", _THOUSAND_PEOPLE, "employed: lodging and food services"),
    Series("Ocupacion_en_Construccion_INE", _THOUSAND_PEOPLE, "employed: construction"),
    Series("Ocupacion_en_Comercio_INE", _THOUSAND_PEOPLE, "employed: trade"),
    Series("Ocupacion_en_Suministro_de_agua_evacuacion_de_aguas_residuales_INE", _THOUSAND_PEOPLE, "employed: water supply and sewerage"),
    Series("Ocupacion_en_Administracion_publica_y_defensa_INE", _THOUSAND_PEOPLE, "employed: public administration and defence"),
    Series("Ocupacion_en_Enseanza_INE", _THOUSAND_PEOPLE, "employed: teaching"),
    Series("Ocupacion_en_Actividades_de_atencion_de_la_salud_humana_y_de_asistencia_social_INE", _THOUSAND_PEOPLE, "employed: health and social care"),
    Series("Ocupacion_en_Actividades_artisticas_INE", _THOUSAND_PEOPLE, "employed: arts and recreation"),
    Series("Ocupacion_en_Otras_actividades_de_servicios_INE", _THOUSAND_PEOPLE, "employed: other services"),
    Series("Ocupacion_en_Actividades_de_los_hogares_como_empleadores_INE", _THOUSAND_PEOPLE, "employed: households as employers"),
    Series("Ocupacion_en_Actividades_de_organizaciones_y_organos_extraterritoriales_INE", _THOUSAND_PEOPLE, "employed: extraterritorial bodies"),
    Series("No_sabe__No_responde_Miles_de_personas", _THOUSAND_PEOPLE, "employed: activity not stated"),
    Series("Tipo_de_cambio_nominal_multilateral___TCM", "index", "nominal multilateral exchange rate"),
    Series("Indice_de_tipo_de_cambio_real___TCR_promedio_1986_100", "index, 1986 = 100", "real exchange rate"),
    Series("Indice_de_produccion_industrial", "index", "industrial production: all"),
    Series("Indice_de_produccion_industrial__mineria", "index", "industrial production: mining"),
    Series("Indice_de_produccion_industrial_electricidad__gas_y_agua", "index", "industrial production: electricity, gas, water"),
    Series("Indice_de_produccion_industrial__manufacturera", "index", "industrial production: manufacturing"),
    Series("Generacion_de_energia_electrica_CDEC_GWh", "GWh", "electricity generated"),
    Series("Indice_de_ventas_comercio_real_IVCM", "index", "real retail sales: all"),
    Series("Indice_de_ventas_comercio_real_no_durables_IVCM", "index", "real retail sales: non-durables"),
    Series("Indice_de_ventas_comercio_real_durables_IVCM", "index", "real retail sales: durables"),
    Series("Ventas_autos_nuevos", "vehicles", "new cars sold"),
)
# fmt: on
"""The macroeconomic series of the Banco Central de Chile, in the order of the published file."""

REGIONS = tuple(series.name for series in PRECIPITATION)
PIB = tuple(series.name for series in BANCO_CENTRAL if series.name.startswith("PIB"))
IMACEC = tuple(series.name for series in BANCO_CENTRAL if series.name.startswith("Imacec_"))
DOLLAR = "Tipo_de_cambio_del_dolar_observado_diario"
COPPER = "Precio_del_cobre_refinado_BML_dolareslibra"
NON_DURABLE_SALES = "Indice_de_ventas_comercio_real_no_durables_IVCM"

YEAR = "ano"
MONTH_OF_YEAR = "mes"
NUM = "num"

FEATURES = (
    *PRECIPITATION,
    Series(YEAR, "year", "year of the month asked for"),
    Series(MONTH_OF_YEAR, "1 to 12", "month of the year"),
    *(series for series in BANCO_CENTRAL if series.name in PIB),
    *(series for series in BANCO_CENTRAL if series.name in IMACEC),
    Series(NUM, "index", f"real retail sales: non-durables ({NON_DURABLE_SALES})"),
)
"""The 48 columns that a prediction is made from: the contract of `POST /predict`."""

FEATURE_NAMES = tuple(series.name for series in FEATURES)

PRICE_CLP_PER_LITRE = "price_clp_per_litre"

PRICE = Series(PRICE_CLP_PER_LITRE, "CLP per litre", "paid to dairy farms, nominal, without VAT")
