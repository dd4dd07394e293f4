"""The closing report of a run, as it stands on a screen of 100 columns."""

import copy
import io
from typing import Any

import dagster as dg
import pytest
from rich.console import Console

from spike_assets.cli.run_report import training_report

COMING = [
    ("2021-03", 306.842, "295.7 to 318.2", "284.4 to 330.9"),
    ("2021-04", 320.351, "302.8 to 339.1", "294.0 to 349.2"),
    ("2021-05", 329.449, "309.0 to 351.2", "293.8 to 369.5"),
    ("2021-06", 330.266, "304.2 to 358.7", "293.1 to 372.3"),
    ("2021-07", 328.2, "295.8 to 364.1", "287.2 to 374.9"),
    ("2021-08", 323.5, "287.4 to 364.0", "280.4 to 373.2"),
    ("2021-09", 319.1, "280.1 to 361.0", "270.0 to 370.0"),
]


def table(first: str, last: str, n_rows: int, **repairs: int) -> dict[str, Any]:
    """Return the metadata of a table."""
    counts = {f"repairs/{name}": count for name, count in repairs.items()}
    return {"dagster/row_count": n_rows, "first_month": first, "last_month": last, **counts}


def regressor(r2: float, rmse: float, mae: float) -> dict[str, float]:
    """Return the metadata of a regressor with these scores."""
    scores = {"holdout": (r2, rmse, mae), "holdout_last_price": (0.88776, 7.064, 5.317)}
    return {
        f"{kind}/{name}": value
        for kind, values in scores.items()
        for name, value in zip(
            ("r2", "rmse_clp_per_litre", "mae_clp_per_litre"), values, strict=True
        )
    }


METADATA: dict[str, dict[str, Any]] = {
    "raw_milk_price": {"synthetic": False, "dagster/row_count": 506},
    "clean_precipitation": table("1979-01", "2020-04", 496, repeated_months=0),
    "clean_milk_price": table("1979-01", "2021-02", 506, repeated_months=0),
    "clean_banco_central": table(
        *("1970-01", "2020-11", 611),
        impossible_periods=1,
        repeated_months=2,
        unreadable_cells=17,
        restored_decimals=11372,
        doubtful_decimals=78,
    ),
    "clean_dairy_index": table("1990-01", "2021-02", 374, repeated_months=0),
    "monthly_features": table("2014-01", "2020-04", 76),
    "model1": regressor(0.86535, 7.738, 6.116),
    "model2": regressor(0.75803, 10.373, 7.916),
    "forecaster": {
        "coming_months": dg.MetadataValue.table(
            [
                dg.TableRecord(
                    {
                        "month": month,
                        "forecast_clp_per_litre": price,
                        "interval_80": near,
                        "interval_95": far,
                        "season": 9.2,
                    }
                )
                for month, price, near, far in COMING
            ]
        ),
    },
    "backtest": {
        "next_month/forecaster/n": 86.0,
        "next_month/forecaster/rmse_clp_per_litre": 6.0412,
        "next_month/forecaster/mae_clp_per_litre": 3.77,
        "next_month/last_price/n": 86.0,
        "next_month/last_price/rmse_clp_per_litre": 8.9061,
        "next_month/notebook/n": 54.0,
        "next_month/notebook/rmse_clp_per_litre": 9.35,
    },
    "promoted_models": {
        "store": "/srv/bentoml",
        "forecaster": "forecaster:cccccccccccccccc",
        "model1": "model1:aaaaaaaaaaaaaaaa",
        "model2": "model2:bbbbbbbbbbbbbbbb",
    },
}


def printed(metadata: dict[str, dict[str, Any]]) -> list[str]:
    """Print the report and give its lines, blanks between cells reduced to one."""
    screen = io.StringIO()
    Console(file=screen, width=100).print(training_report(metadata))
    return [" ".join(line.split()) for line in screen.getvalue().splitlines()]


def changed(asset: str, **facts: Any) -> dict[str, dict[str, Any]]:
    metadata = copy.deepcopy(METADATA)
    metadata[asset] |= facts
    return metadata


@pytest.mark.parametrize(
    "row",
    [
        "table months rows repairs",
        "clean_precipitation 1979-01 to 2020-04 496 none",
        "clean_milk_price 1979-01 to 2021-02 506 none",
        "monthly_features 2014-01 to 2020-04 76 none",
        "model R² RMSE MAE promoted as",
        "model1 0.865 7.74 6.12 model1:aaaaaaaaaaaaaaaa",
        "model2 0.758 10.37 7.92 model2:bbbbbbbbbbbbbbbb",
        "last month's price 0.888 7.06 5.32",
    ],
)
def test_tables_and_models_are_listed(row: str):
    """Months, rows and repairs, or none; scores and tags, and the last price beside them."""
    assert row in printed(METADATA)


def test_repairs_are_listed_with_their_counts():
    """Every repair that was needed is there, in words."""
    lines = printed(METADATA)
    (at,) = (n for n, line in enumerate(lines) if line.startswith("clean_banco_central"))
    row = " ".join(lines[at : at + 3])
    assert row.startswith(
        "clean_banco_central 1970-01 to 2020-11 611 "
        "impossible periods 1, repeated months 2, unreadable cells 17, "
        "restored decimals 11372, doubtful decimals 78"
    )


def test_repair_that_was_not_needed_is_left_out():
    """Of five possible repairs, one was made."""
    others = ("impossible_periods", "unreadable_cells", "restored_decimals", "doubtful_decimals")
    none = {f"repairs/{name}": 0 for name in others}
    lines = printed(changed("clean_banco_central", **none))
    assert "clean_banco_central 1970-01 to 2020-11 611 repeated months 2" in lines


def test_half_a_year_of_the_forecast_is_listed():
    """Month, price and both intervals in order; the rest of the year is in the UI."""
    lines = printed(METADATA)
    at = lines.index("month price 80 % interval 95 % interval")
    assert lines[at + 2 : at + 9] == [
        *(
            f"{month} {price:.1f} {near} {far}"
            for month, price, near, far in COMING
            if month != "2021-09"
        ),
        "",
    ]


def test_forecast_that_is_shorter_is_listed_whole():
    """Nothing is made up to fill the table."""
    table = METADATA["forecaster"]["coming_months"]
    short = changed("forecaster", coming_months=dg.MetadataValue.table(table.records[:2]))
    assert [line for line in printed(short) if line.startswith("2021-")] == [
        "2021-03 306.8 295.7 to 318.2 284.4 to 330.9",
        "2021-04 320.4 302.8 to 339.1 294.0 to 349.2",
    ]


def test_forecaster_is_compared_with_the_last_price_and_has_its_tag():
    """The number of months, both errors, and the version that is served."""
    text = " ".join(printed(METADATA))
    assert (
        "On 86 past months, forecast a month ahead from what was known: RMSE 6.04, repeating the "
        "last price 8.91. Promoted as forecaster:cccccccccccccccc"
    ) in text


def test_models_that_were_not_promoted_are_said_to_be_registered_only():
    """Their tags, why, and how to promote them; nothing is called promoted that was not."""
    new = {name: f"{name}:dddddddddddddddd" for name in ("forecaster", "model1", "model2")}
    why = f"models of the sample stay out. To promote: models promote {' '.join(new.values())}"
    metadata = changed("promoted_models", not_promoted=why) | {"registered_models": new}

    lines = printed(metadata)

    assert "model R² RMSE MAE registered as" in lines
    assert "model1 0.865 7.74 6.12 model1:dddddddddddddddd" in lines
    text = " ".join(lines)
    assert "Registered as forecaster:dddddddddddddddd" in text
    assert f"REGISTERED, NOT PROMOTED: {why}" in text
    assert "romoted as" not in text


def test_real_data_is_not_called_synthetic():
    """The warning would be wrong."""
    assert "SYNTHETIC" not in "\n".join(printed(METADATA))


@pytest.mark.parametrize("asset", ["raw_milk_price", "clean_banco_central"])
def test_synthetic_data_is_called_so(asset: str):
    """One synthetic file is enough, and the way to the real ones is shown."""
    text = " ".join(printed(changed(asset, synthetic=True)))
    assert "SYNTHETIC DATA: this was the embedded sample, not real prices." in text
    assert "make data" in text


@pytest.mark.parametrize(("r2", "said"), [(0.88, True), (0.8878, False), (0.9, False)])
def test_model_that_loses_to_repeating_the_last_price_is_told(r2: float, said: bool):
    """The note appears only if it is true."""
    text = " ".join(printed(changed("model1", **{"holdout/r2": r2})))
    assert ("Repeating last month's price beats model1" in text) is said


def test_report_ends_with_what_to_do_next():
    """The last line is a command to type."""
    assert printed(METADATA)[-1] == (
        "Next: make serve, and in another terminal: python3 examples/predict.py"
    )


def test_report_fits_an_80_column_screen_with_whole_tags():
    """A tag cut by dots can't be copied."""
    screen = io.StringIO()
    Console(file=screen, width=80).print(training_report(METADATA))
    lines = screen.getvalue().splitlines()
    assert max(len(line) for line in lines) <= 80
    assert any("model1:aaaaaaaaaaaaaaaa" in line for line in lines)
