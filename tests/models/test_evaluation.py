"""Forecasts held against prices that somebody sends, beside repeating the last price."""

import numpy as np
import pytest
from sklearn.metrics import mean_absolute_error, root_mean_squared_error

from spike_assets.models.errors import UnanswerableMonthError
from spike_assets.models.evaluation import evaluate
from spike_assets.models.updated_forecast import Observation, UpdatedForecast
from tests.support.forecast_case import made_up, trained

OBSERVED = np.array([231.5, 240.25])
ACTUALS = [
    Observation("2016-06", 199.0),  # not what the forecaster knows, and the truth all the same
    Observation("2016-07", 231.5),
    Observation("2016-08", 240.25),
]


@pytest.fixture(scope="module")
def found():
    """Three months, the first of which the forecaster knows."""
    return evaluate(UpdatedForecast(trained(), OBSERVED), ACTUALS, horizon=1)


def test_each_month_is_held_against_its_forecast_and_the_price_before_it(found):
    """The price before an observed month is the one observed before it."""
    known = made_up().price_clp_per_litre
    history = trained().history.forecast_clp_per_litre

    assert [one.forecast.price_clp_per_litre for one in found.errors] == [
        history[0],
        history[12],
        trained().forecast(1, observations=OBSERVED[:1])[0].price_clp_per_litre,
    ]
    assert [one.last_price_clp_per_litre for one in found.errors] == [known[-2], known[-1], 231.5]
    assert [one.actual_clp_per_litre for one in found.errors] == [199.0, 231.5, 240.25]


def test_errors_are_those_of_scikit_learn(found):
    """Root mean square and mean size, of the forecaster and of the last price."""
    actual = [one.actual_clp_per_litre for one in found.errors]
    forecast = [one.forecast.price_clp_per_litre for one in found.errors]
    last = [one.last_price_clp_per_litre for one in found.errors]

    assert found.rmse_clp_per_litre == pytest.approx(root_mean_squared_error(actual, forecast))
    assert found.mae_clp_per_litre == pytest.approx(mean_absolute_error(actual, forecast))
    assert found.last_price_rmse_clp_per_litre == pytest.approx(
        root_mean_squared_error(actual, last)
    )
    assert found.last_price_mae_clp_per_litre == pytest.approx(mean_absolute_error(actual, last))
    assert found.skill_against_last_price == pytest.approx(
        1 - root_mean_squared_error(actual, forecast) / root_mean_squared_error(actual, last)
    )
    assert found.errors[0].error_clp_per_litre == pytest.approx(actual[0] - forecast[0])


def test_coverage_counts_the_months_within_their_interval():
    """Two of four: an end of the interval belongs to it."""
    lower, upper = trained().history.lower_clp_per_litre[80], trained().history.upper_clp_per_litre
    actuals = [
        Observation("2016-06", float(lower[0])),
        Observation("2016-07", float(upper[80][12]) + 0.01),
    ]

    found = evaluate(UpdatedForecast(trained(), np.empty(0)), actuals, horizon=1)

    assert found.coverage(80) == 0.5
    assert found.coverage(95) == 1.0


def test_coverage_is_unknown_where_no_month_has_an_interval():
    """None of the months is none of a hundred, not zero."""
    history = trained().history
    none = {level: np.full(24, np.nan) for level in (80, 95)}
    short = trained(history=type(history)(**{**vars(history), "lower_clp_per_litre": none}))

    found = evaluate(UpdatedForecast(short, np.empty(0)), ACTUALS[:1], horizon=1)

    assert found.coverage(80) is None


def test_skill_is_unknown_where_the_last_price_was_always_right():
    """Nothing can be better than no error."""
    actuals = [Observation("2016-06", float(made_up().price_clp_per_litre[-2]))]

    found = evaluate(UpdatedForecast(trained(), np.empty(0)), actuals, horizon=1)

    assert found.skill_against_last_price is None


def test_months_further_ahead_are_held_against_the_price_at_the_origin():
    """Two months ahead, repeating the last price is repeating that of two months before."""
    found = evaluate(
        UpdatedForecast(trained(), np.empty(0)), [Observation("2016-07", 230.0)], horizon=2
    )

    assert found.errors[0].last_price_clp_per_litre == made_up().price_clp_per_litre[-2]
    assert (
        found.errors[0].forecast.price_clp_per_litre
        == (trained().history.forecast_clp_per_litre[1])
    )


def test_month_whose_origin_has_no_price_is_refused():
    """A gap in what a client sends is said, not bridged."""
    with pytest.raises(UnanswerableMonthError, match="2016-09"):
        evaluate(
            UpdatedForecast(trained(), np.empty(0)), [Observation("2016-09", 230.0)], horizon=1
        )
