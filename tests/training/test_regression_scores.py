"""How far predictions are from what came, worked out by hand."""

import numpy as np
import pytest

from spike_assets.models.regressor import Scores
from spike_assets.training.metrics import score


def test_errors_are_those_worked_out_by_hand():
    """One error of 2 in three months: squares sum to 4 where the prices' own spread is 2."""
    scores = score(np.array([1.0, 2.0, 3.0]), np.array([1.0, 2.0, 5.0]))
    assert scores.r2 == pytest.approx(-1)
    assert scores.rmse_clp_per_litre == pytest.approx((4 / 3) ** 0.5)
    assert scores.mae_clp_per_litre == pytest.approx(2 / 3)


def test_what_came_comes_first():
    """The coefficient of determination is measured against the spread of what was paid."""
    scores = score(np.array([0.0, 2.0]), np.array([0.0, 4.0]))
    assert scores.r2 == pytest.approx(-1)
    swapped = score(np.array([0.0, 4.0]), np.array([0.0, 2.0]))
    assert swapped.r2 == pytest.approx(0.5)


def test_perfect_predictions_have_no_error():
    """All prices met: R² is 1 and the errors are 0."""
    assert score(np.array([1.0, 2.0]), np.array([1.0, 2.0])) == Scores(1.0, 0.0, 0.0)


def test_scores_by_name_are_plain_numbers():
    """Metadata takes Python's numbers, not NumPy's."""
    scores = score(np.array([1.0, 2.0, 4.0]), np.array([1.0, 2.0, 3.0])).as_dict()
    assert list(scores) == ["r2", "rmse_clp_per_litre", "mae_clp_per_litre"]
    assert {type(value) for value in scores.values()} == {float}
