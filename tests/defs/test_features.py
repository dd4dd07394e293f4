"""The monthly join in the graph: enough months in common, or no training."""

from pathlib import Path

import dagster as dg

from spike_assets.defs import clean, features, models, raw
from spike_assets.defs.io_manager import AssetFiles
from spike_assets.defs.resources import Compute, DataFolder, ReceivedAnswers


def test_too_few_months_in_common_fail_a_check_and_nothing_is_trained(
    data_folder: Path, tmp_path: Path, instance: dg.DagsterInstance
) -> None:
    """Rain that ends in June 2014 leaves six months; the UI says so, and no model changes."""
    path = data_folder / "precipitaciones.csv"
    header, *rows = path.read_text().splitlines()
    path.write_text("\n".join([header, *(row for row in rows if row < "2014-07")]) + "\n")

    result = dg.materialize(
        [
            *raw.RAW_ASSETS,
            *clean.CLEAN_ASSETS,
            *(features.monthly_features, models.model1, models.model2),
        ],
        instance=instance,
        resources={
            "compute": Compute(),
            "data": DataFolder(folder=str(data_folder)),
            "io_manager": AssetFiles(storage=str(tmp_path / "storage")),
            "received": ReceivedAnswers(storage=str(tmp_path / "storage")),
        },
        raise_on_error=False,
    )

    (check,) = [
        one
        for one in result.get_asset_check_evaluations()
        if one.check_name == "monthly_features_has_enough_months_in_common"
    ]
    assert not check.passed
    assert check.metadata["months_in_common"].value == 6
    (failure,) = result.filter_events(lambda event: event.is_step_failure)
    assert failure.step_key == "monthly_features"
    assert "6 months have rain" in failure.step_failure_data.user_failure_data.description
    assert not list((tmp_path / "storage").glob("model*"))
