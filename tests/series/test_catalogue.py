"""The catalogue of series: the published names, and the contract of `POST /predict`."""

import subprocess
import sys
from pathlib import Path

import pytest

from spike_assets.series.catalogue import (
    BANCO_CENTRAL,
    FEATURE_NAMES,
    FEATURES,
    IMACEC,
    NON_DURABLE_SALES,
    PIB,
    PRECIPITATION,
    PRICE,
    REGIONS,
    Series,
)

CONTRACT = """
    Coquimbo Valparaiso Metropolitana_de_Santiago Libertador_Gral__Bernardo_O_Higgins Maule Biobio
    La_Araucania Los_Rios ano mes PIB_Agropecuario_silvicola PIB_Pesca PIB_Mineria
    PIB_Mineria_del_cobre PIB_Otras_actividades_mineras PIB_Industria_Manufacturera PIB_Alimentos
    PIB_Bebidas_y_tabaco PIB_Textil PIB_Maderas_y_muebles PIB_Celulosa PIB_Refinacion_de_petroleo
    PIB_Quimica PIB_Minerales_no_metalicos_y_metalica_basica PIB_Productos_metalicos
    PIB_Electricidad PIB_Construccion PIB_Comercio PIB_Restaurantes_y_hoteles PIB_Transporte
    PIB_Comunicaciones PIB_Servicios_financieros PIB_Servicios_empresariales
    PIB_Servicios_de_vivienda PIB_Servicios_personales PIB_Administracion_publica
    PIB_a_costo_de_factores PIB Imacec_empalmado Imacec_produccion_de_bienes Imacec_minero
    Imacec_industria Imacec_resto_de_bienes Imacec_comercio Imacec_servicios
    Imacec_a_costo_de_factores Imacec_no_minero num
"""
"""The columns that clients of the service send, and the order in which models take them."""


def test_features_are_the_48_columns_of_the_contract_in_their_order():
    """Clients send these names, and models stored earlier expect this order."""
    assert list(FEATURE_NAMES) == CONTRACT.split()
    assert len(FEATURE_NAMES) == 48


def test_groups_hold_as_many_series_as_were_published():
    """8 regions, 84 macroeconomic series, and of these 28 of GDP and 9 of activity."""
    assert [len(group) for group in (REGIONS, BANCO_CENTRAL, PIB, IMACEC)] == [8, 84, 28, 9]
    assert {*PIB, *IMACEC, NON_DURABLE_SALES} < {series.name for series in BANCO_CENTRAL}


@pytest.mark.parametrize("group", [PRECIPITATION, BANCO_CENTRAL, FEATURES])
def test_no_two_series_of_a_group_share_a_name_or_a_meaning(group: tuple[Series, ...]):
    """A name is an identity, and a description that fits two series describes neither."""
    assert len({series.name for series in group}) == len(group)
    assert len({series.description for series in group}) == len(group)


def test_every_series_has_a_unit_and_a_description():
    """Neither is blank or padded, and underscores of a name don't get into its description."""
    described = [*PRECIPITATION, *BANCO_CENTRAL, PRICE]
    for text in (text for series in described for text in (series.unit, series.description)):
        assert text == text.strip() != ""
        assert "_" not in text


@pytest.mark.parametrize(
    ("file_name", "names"),
    [
        ("precipitaciones.csv", ["date", *REGIONS]),
        ("banco_central.csv", ["Periodo", *(series.name for series in BANCO_CENTRAL)]),
    ],
)
def test_real_header_is_the_catalogue_in_its_order(
    real_data: Path, file_name: str, names: list[str]
):
    """The names are those that the files were published with, letter by letter."""
    header = (real_data / file_name).read_text(encoding="utf-8").splitlines()[0]
    assert header.split(",") == names


def test_catalogue_loads_nothing_heavy(tmp_path: Path):
    """The service loads it, so neither pandas nor NumPy come with it."""
    heavy = "pandas numpy sklearn dagster bentoml"
    command = (
        "import sys, spike_assets.series.catalogue;"
        f"print(*(name for name in '{heavy}'.split() if name in sys.modules))"
    )
    done = subprocess.run(
        [sys.executable, "-c", command], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == ""
