"""`POST /forecast` of a real service: coming months, past months, observations."""

import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from spike_assets.models.forecaster import MonthForecast
from spike_assets.registry.model_store import ModelStore

ROOT = Path(__file__).parents[2]
LAST = "2021-02"
"""The last month that has a price, in the real files and in the sample."""


@pytest.fixture(scope="module")
def stored(real_run):
    """The forecaster that the service answers from, with its tag."""
    return ModelStore(real_run.bentoml_home).load_promoted()["forecaster"]


@pytest.fixture
def ask(real_service):
    """What asks the service, and gives its answer."""

    def ask(**body):
        answer = real_service.client.post("/forecast", json=body)
        assert answer.status_code == 200, answer.text
        return answer.json()

    return ask


def described(forecast: MonthForecast) -> dict:
    return {
        "month": forecast.month,
        "origin": forecast.origin,
        "horizon": forecast.horizon,
        "price_clp_per_litre": forecast.price_clp_per_litre,
        "intervals": [
            {"level": level, "lower_clp_per_litre": low, "upper_clp_per_litre": high}
            for level, (low, high) in forecast.intervals.items()
        ],
        "contributions_clp_per_litre": dict(forecast.contributions_clp_per_litre),
        "actual_clp_per_litre": None,
    }


@pytest.mark.parametrize("body", [{}, {"horizon": 12}, {"horizon": 6}, {"horizon": 1}])
def test_answer_is_the_stored_forecaster_called_directly(real_service, stored, body):
    """To the last bit, with who answered and what it goes on from."""
    answer = real_service.client.post("/forecast", json=body)

    assert answer.json() == {
        "model": stored.tag,
        "synthetic": False,
        "last_observed_month": LAST,
        "last_observed_price_clp_per_litre": 295.24,
        "forecasts": [described(one) for one in stored.model.forecast(body.get("horizon", 12))],
    }
    assert answer.headers["X-Model-Tag"] == stored.tag
    assert "X-Model-Data" not in answer.headers


def test_answer_of_a_forecaster_trained_on_the_sample_says_so(sample_service):
    """In the body and in the header."""
    answer = sample_service.client.post("/forecast", json={"horizon": 1})

    assert answer.json()["synthetic"] is True
    assert "synthetic" in answer.headers["X-Model-Data"]


def test_months_are_answered_in_their_order_whether_they_have_a_price_or_not(ask, stored):
    """Past ones as they were forecast a month ahead, beside what was paid."""
    coming, past, repeated = ask(months=["2021-05", "2020-12", "2021-05"])["forecasts"]

    history = stored.model.history
    at = np.flatnonzero(
        (history.month == np.datetime64("2020-12", "M")) & (history.horizon == 1)
    ).item()
    assert coming == repeated == described(stored.model.forecast(3)[2])
    assert past == {
        "month": "2020-12",
        "origin": "2020-11",
        "horizon": 1,
        "price_clp_per_litre": history.forecast_clp_per_litre[at],
        "intervals": [
            {
                "level": level,
                "lower_clp_per_litre": history.lower_clp_per_litre[level][at],
                "upper_clp_per_litre": history.upper_clp_per_litre[level][at],
            }
            for level in (80, 95)
        ],
        "contributions_clp_per_litre": None,
        "actual_clp_per_litre": 287.29,
    }


@pytest.mark.parametrize("levels", [[80], [95], [95, 80]])
def test_only_the_levels_that_are_asked_for_are_given(ask, levels):
    """The price is the same."""
    found = ask(horizon=2, levels=levels)["forecasts"]

    for month, whole in zip(found, ask(horizon=2)["forecasts"], strict=True):
        assert [one["level"] for one in month["intervals"]] == sorted(levels)
        assert month["price_clp_per_litre"] == whole["price_clp_per_litre"]


def test_observed_prices_move_the_forecast_on_for_one_answer(ask, stored):
    """The model goes on from them; the next request knows nothing of them."""
    before = ask(horizon=3)
    observations = [
        {"month": "2021-03", "price_clp_per_litre": 301.5},
        {"month": "2021-04", "price_clp_per_litre": 318},
    ]

    found = ask(horizon=3, observations=observations)

    expected = stored.model.forecast(3, observations=np.array([301.5, 318.0]))
    assert found["forecasts"] == [described(one) for one in expected]
    assert found["last_observed_month"] == "2021-04"
    assert found["last_observed_price_clp_per_litre"] == 318.0
    assert ask(horizon=3) == before


def test_observed_month_comes_back_with_the_forecast_made_before_it(ask):
    """What was forecast for it, and what was observed."""
    found = ask(
        months=["2021-03"], observations=[{"month": "2021-03", "price_clp_per_litre": 301.5}]
    )["forecasts"][0]

    assert found["actual_clp_per_litre"] == 301.5
    assert found["origin"] == LAST
    assert found["price_clp_per_litre"] == pytest.approx(
        ask(horizon=1)["forecasts"][0]["price_clp_per_litre"]
    )


def test_tag_that_is_served_may_be_asked_for(ask, stored):
    """Whoever wants one version only names it."""
    assert ask(horizon=1, model=stored.tag) == ask(horizon=1, model="forecaster")


@pytest.mark.parametrize("model", ["forecaster:abc", "model1", ""])
def test_other_model_than_the_one_served_is_a_409_that_names_it(real_service, stored, model):
    """No other version answers in its place."""
    answer = real_service.client.post("/forecast", json={"model": model})

    assert answer.status_code == 409
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert stored.tag in answer.json()["detail"]
    assert answer.json()["errors"][0]["field"] == "model"


@pytest.mark.parametrize(
    ("body", "field", "fault"),
    [
        ({"horizon": 0}, "horizon", "greater than or equal to 1"),
        ({"horizon": 13}, "horizon", "less than or equal to 12"),
        ({"horizon": 1.5}, "horizon", "valid integer"),
        ({"horizon": "6"}, "horizon", "valid integer"),
        ({"horizon": True}, "horizon", "valid integer"),
        ({"horizon": None}, "horizon", "valid integer"),
        ({"horizon": 1, "months": ["2021-03"]}, "body", "not both"),
        ({"months": []}, "months", "at least 1 item"),
        ({"months": ["2021-3"]}, "months[0]", "pattern"),
        ({"months": ["2021-13"]}, "months[0]", "pattern"),
        ({"months": ["2021-03", "2022-03"]}, "months[1]", "1989-01 to 2022-02"),
        ({"months": ["1988-12"]}, "months[0]", "1989-01 to 2022-02"),
        ({"levels": [90]}, "levels[0]", "80 or 95"),
        ({"levels": []}, "levels", "at least 1 item"),
        ({"observation": []}, "observation", "Extra inputs"),
        (
            {"observations": [{"month": "2021-04", "price_clp_per_litre": 300}]},
            "observations[0].month",
            "expected 2021-03",
        ),
        (
            {"observations": [{"month": LAST, "price_clp_per_litre": 300}]},
            "observations[0].month",
            "expected 2021-03",
        ),
        (
            {"observations": [{"month": "2021-03", "price_clp_per_litre": 30.15}]},
            "observations[0].price_clp_per_litre",
            "implausible after 295.24",
        ),
        (
            {"observations": [{"month": "2021-03", "price_clp_per_litre": 0}]},
            "observations[0].price_clp_per_litre",
            "greater than or equal to 1",
        ),
        (
            {"observations": [{"month": "2021-03"}]},
            "observations[0].price_clp_per_litre",
            "required",
        ),
    ],
)
def test_what_cannot_be_answered_is_a_400_that_names_the_field(real_service, body, field, fault):
    """And says what could be asked."""
    answer = real_service.client.post("/forecast", json=body)

    assert answer.status_code == 400
    assert answer.headers["Content-Type"] == "application/problem+json"
    error = answer.json()["errors"][0]
    assert error["field"] == field
    assert fault in error["detail"]


def test_example_of_bentomls_client_prints_six_months(sample_service):
    """examples/forecast.py works as the README says."""
    done = subprocess.run(
        [sys.executable, ROOT / "examples" / "forecast.py", str(sample_service.client.base_url)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    assert len(re.findall(r"CLP per litre, \d+\.\d\d to \d+\.\d\d", done.stdout)) == 6
    assert "SYNTHETIC" in done.stdout
