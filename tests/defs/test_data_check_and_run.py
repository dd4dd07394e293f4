"""The data check and a run: what one refuses, the other refuses with the same sentence."""

from collections.abc import Callable
from pathlib import Path

import dagster as dg
import pytest

from spike_assets.defs import clean, features, raw
from spike_assets.defs.io_manager import AssetFiles
from spike_assets.defs.resources import DataFolder, ReceivedAnswers
from spike_assets.series.catalogue import DOLLAR
from spike_assets.sources.location import DataLocation
from spike_assets.sources.months import SPANISH_MONTHS
from spike_assets.training.data_check import check_data

RAIN, PRICE, MACRO = "precipitaciones.csv", "precio_leche.csv", "banco_central.csv"

Rows = list[list[str]]
Damage = Callable[[Rows], Rows]


@pytest.fixture
def folder(data_folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The sample without what takes longest: macroeconomic series before 2012, and pictures."""
    monkeypatch.setattr(clean, "_pictures", lambda raw: {})
    edit(data_folder / MACRO, lambda rows: [row for row in rows if row[0] >= "2012"])
    return data_folder


def edit(path: Path, damage: Damage) -> None:
    header, *rows = [line.split(",") for line in path.read_text().splitlines()]
    path.write_text("\n".join(",".join(row) for row in [header, *damage(rows)]) + "\n")


def refused_by_check(folder: Path) -> list[str]:
    return [one.fault for one in check_data(DataLocation(folder)) if one.fault]


def run(folder: Path, instance: dg.DagsterInstance) -> dg.ExecuteInProcessResult:
    """Materialize everything that comes before a fit."""
    return dg.materialize(
        [
            *raw.RAW_ASSETS,
            *clean.CLEAN_ASSETS,
            features.monthly_features,
            features.forecast_inputs,
        ],
        instance=instance,
        resources={
            "data": DataFolder(folder=str(folder)),
            "io_manager": AssetFiles(storage=str(folder / "storage")),
            "received": ReceivedAnswers(storage=str(folder / "storage")),
        },
        raise_on_error=False,
    )


def refused_by_run(folder: Path, instance: dg.DagsterInstance) -> list[str]:
    failures = run(folder, instance).get_step_failure_events()
    return [str(one.step_failure_data.user_failure_data.description) for one in failures]


def warned_of(instance: dg.DagsterInstance) -> list[str]:
    (run_record,) = instance.get_run_records()
    return [
        entry.user_message
        for entry in instance.all_logs(run_record.dagster_run.run_id)
        if entry.level == 30  # a warning
    ]


def from_month(year: int, number: int) -> Damage:
    return lambda rows: rows[12 * (year - 1979) + number - 1 :]


def until_2013(rows: Rows) -> Rows:
    return rows[: 12 * (2014 - 1979)]


def continued_to_2030(rows: Rows) -> Rows:
    coming = [[str(year), name.title()] for year in range(2021, 2031) for name in SPANISH_MONTHS]
    return [*rows, *([*month, f"{300 + at % 7}"] for at, month in enumerate(coming[2:]))]


def all_equal(rows: Rows) -> Rows:
    return [[year, month, "250.00"] for year, month, _ in rows]


def equal_since_december_2013(rows: Rows) -> Rows:
    return rows[: 12 * 35 - 1] + [[year, month, "200"] for year, month, _ in rows[12 * 35 - 1 :]]


def two_years_of_rain(rows: Rows) -> Rows:
    return [row for row in rows if "2018-05" <= row[0] <= "2020-04-01"]


def future_rows(rows: Rows) -> Rows:
    empty = [""] * (len(rows[0]) - 1)
    dates = [f"{year}-{month:02d}-01" for year in range(2020, 2031) for month in range(1, 13)]
    return [*rows, *([date, *empty] for date in dates if date > "2020-11-01")]


@pytest.mark.parametrize(
    ("name", "damage", "says"),
    [
        (PRICE, continued_to_2030, [f"{PRICE} reaches into the future: its last month is 2030-12"]),
        (MACRO, future_rows, [f"{MACRO} reaches into the future: its last month is 2030-12"]),
        (PRICE, from_month(2012, 1), ["110 months have a milk price, 2012-01 to 2021-02; a run"]),
        (PRICE, from_month(2008, 9), ["150 months have a milk price, 2008-09 to 2021-02; a run"]),
        (
            PRICE,
            until_2013,
            [
                "milk prices end in 2013-12, so forecasts of 0 months can be scored; a run needs",
                "no month has rain, price and macroeconomic series together",
            ],
        ),
        (RAIN, two_years_of_rain, ["24 months have rain, price and macroeconomic series together"]),
        (PRICE, all_equal, [f"{PRICE}, column 'Precio_leche': the price does not move, it is 250"]),
        (
            PRICE,
            equal_since_december_2013,
            ["the milk price does not move from 2013-12 to 2021-02, the months that forecasts are"],
        ),
    ],
    ids=["future", "future-macro", "110", "150", "end-2013", "rain", "equal", "equal-since-2013"],
)
def test_check_and_run_refuse_the_same_data_with_the_same_sentences(
    folder: Path, instance: dg.DagsterInstance, *, name: str, damage: Damage, says: list[str]
) -> None:
    """Before anything is fitted."""
    edit(folder / name, damage)

    checked, ran = refused_by_check(folder), refused_by_run(folder, instance)

    assert sorted(checked) == sorted(ran)
    assert [message[: len(start)] for message, start in zip(checked, says, strict=True)] == says


def frozen_for_30_months(rows: Rows) -> Rows:
    return rows[:-30] + [[year, month, "277.23"] for year, month, _ in rows[-30:]]


def test_frozen_prices_are_warned_of_by_check_and_run(
    folder: Path, instance: dg.DagsterInstance
) -> None:
    """The run goes on: what a person should look at is said before anything is fitted."""
    edit(folder / PRICE, frozen_for_30_months)

    checked = [warning for one in check_data(DataLocation(folder)) for warning in one.warnings]
    result = run(folder, instance)

    assert result.success
    assert checked == [
        f"{PRICE}, column 'Precio_leche': 277.23 in each of 30 months, 2018-09 (line 478) to "
        "2021-02 (line 507); check that they are published values"
    ]
    assert checked == warned_of(instance)
    (event,) = result.asset_materializations_for_node("clean_milk_price")
    assert event.metadata["warnings"].value == f"- {checked[0]}"


def test_driver_that_was_never_published_is_missing_in_check_and_run(
    folder: Path, instance: dg.DagsterInstance
) -> None:
    """What is not known is taken as typical, so neither refuses it."""
    at = (folder / MACRO).read_text().splitlines()[0].split(",").index(DOLLAR)
    edit(folder / MACRO, lambda rows: [[*row[:at], "", *row[at + 1 :]] for row in rows])

    result = run(folder, instance)

    assert refused_by_check(folder) == []
    assert result.success
    (event,) = result.asset_materializations_for_node("forecast_inputs")
    assert event.metadata["last_month_with/world_price"].value == "none"
