"""`POST /evaluate` of a real service: forecasts held against what a client knows."""

import pandas as pd
import pytest

from spike_assets.training.scores import rmse


@pytest.fixture
def ask(real_service):
    """What asks the service, and gives its answer."""

    def ask(**body):
        answer = real_service.client.post("/evaluate", json=body)
        assert answer.status_code == 200, answer.text
        return answer.json()

    return ask


@pytest.fixture(scope="module")
def history(real_run):
    """Every forecast of the run, as the graph stored it."""
    return pd.read_parquet(real_run.storage / "forecast_history.parquet")


def actuals(history: pd.DataFrame, *, first: str) -> list[dict]:
    paid = history[(history["horizon"] == 1) & history["actual_clp_per_litre"].notna()]
    paid = paid[paid["month"] >= first]
    return [
        {"month": f"{row.month:%Y-%m}", "price_clp_per_litre": row.actual_clp_per_litre}
        for row in paid.itertuples()
    ]


def test_errors_on_the_test_months_are_those_of_the_backtest(ask, real_service, history):
    """The figures that the gate judged, come by over HTTP."""
    metrics = real_service.client.get("/models/forecaster").json()["versions"][0]["metrics"]

    found = ask(actuals=actuals(history, first="2014-01"))

    assert found["n_months"] == metrics["months"] == 86
    assert found["forecaster"] == pytest.approx(
        {
            name: metrics[name]
            for name in ("rmse_clp_per_litre", "mae_clp_per_litre", "coverage_80", "coverage_95")
        }
    )
    assert found["skill_against_last_price"] == pytest.approx(metrics["skill_against_last_price"])


@pytest.mark.parametrize("horizon", [3, 12])
def test_months_further_ahead_are_those_of_the_history(ask, history, horizon):
    """From the origin that many months before."""
    ahead = history[
        (history["horizon"] == horizon)
        & (history["month"] >= "2015-01")
        & history["actual_clp_per_litre"].notna()
    ]

    found = ask(actuals=actuals(history, first="2015-01"), horizon=horizon)

    assert found["horizon"] == horizon
    assert [one["origin"] for one in found["errors"]] == [
        f"{origin:%Y-%m}" for origin in ahead["origin"]
    ]
    assert found["forecaster"]["rmse_clp_per_litre"] == pytest.approx(rmse(ahead))


def test_months_after_the_last_price_are_forecast_from_those_before_them(ask, real_service):
    """A month ahead each, as `/forecast` says of them with the months before as observations."""
    unseen = [
        {"month": "2021-03", "price_clp_per_litre": 301.5},
        {"month": "2021-04", "price_clp_per_litre": 318.0},
    ]

    found = ask(actuals=unseen)

    first = real_service.client.post("/forecast", json={"horizon": 1}).json()
    second = real_service.client.post(
        "/forecast", json={"horizon": 1, "observations": unseen[:1]}
    ).json()
    assert [one["forecast_clp_per_litre"] for one in found["errors"]] == pytest.approx(
        [one["forecasts"][0]["price_clp_per_litre"] for one in (first, second)]
    )
    assert [one["last_price_clp_per_litre"] for one in found["errors"]] == [295.24, 301.5]
    assert found["errors"][0]["error_clp_per_litre"] == pytest.approx(
        301.5 - found["errors"][0]["forecast_clp_per_litre"]
    )


def test_far_month_needs_no_prices_in_between_if_its_origin_is_known(ask):
    """Twelve months ahead of the last price."""
    found = ask(actuals=[{"month": "2022-02", "price_clp_per_litre": 300}], horizon=12)

    assert found["errors"][0]["origin"] == "2021-02"


def test_skill_is_null_where_the_last_price_was_right(ask):
    """Nothing is better than no error."""
    found = ask(actuals=[{"month": "2021-03", "price_clp_per_litre": 295.24}])

    assert found["skill_against_last_price"] is None
    assert found["last_price"] == {"rmse_clp_per_litre": 0, "mae_clp_per_litre": 0}


def month(name: str, price: float = 300.0) -> dict:
    return {"month": name, "price_clp_per_litre": price}


@pytest.mark.parametrize(
    ("body", "field", "fault"),
    [
        ({}, "actuals", "required"),
        ({"actuals": []}, "actuals", "at least 1 item"),
        (
            {"actuals": [month("2020-01"), month("2020-01")]},
            "actuals[1].month",
            "duplicate month 2020-01",
        ),
        ({"actuals": [month("1985-01")]}, "actuals[0].month", "1989-01 to 2021-03"),
        ({"actuals": [month("2020-01"), month("2021-04")]}, "actuals[1].month", "to 2021-03"),
        (
            {"actuals": [month("2021-04", 320), month("2021-03", 3.1)]},
            "actuals[1].price_clp_per_litre",
            "implausible",
        ),
        ({"actuals": [month("2020-01", -1)]}, "actuals[0].price_clp_per_litre", "greater than"),
        ({"actuals": [month("2020-01")], "horizon": 13}, "horizon", "less than or equal to 12"),
        ({"actuals": [{"month": "2020-01"}]}, "actuals[0].price_clp_per_litre", "required"),
    ],
)
def test_what_cannot_be_evaluated_is_a_400_that_names_the_field(real_service, body, field, fault):
    """Where it stands in what was sent."""
    answer = real_service.client.post("/evaluate", json=body)

    assert answer.status_code == 400
    error = answer.json()["errors"][0]
    assert error["field"] == field
    assert fault in error["detail"]
