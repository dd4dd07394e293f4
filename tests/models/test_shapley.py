"""Shares of a prediction: those of Shapley, and exact where there is nothing to share."""

from itertools import permutations

import numpy as np
import pytest

from spike_assets.models.shapley import Predict, group_contributions

GROUPS = {"a": [0, 3], "b": [1], "c": [2, 4], "d": [5]}
ROW = np.array([0.3, -1.2, 2.0, 0.7, -0.4, 1.5])
REFERENCE = np.array([0.1, 0.4, -0.3, 0.2, 0.9, -1.0])


def linear(rows: np.ndarray) -> np.ndarray:
    coefficients = np.array([[2.0, 0.0], [-1.0, 3.0], [0.5, 0.0], [4.0, 1.0], [0.0, 2.0], [1, 0]])
    return rows @ coefficients + [7.0, -3.0]


def curved(rows: np.ndarray) -> np.ndarray:
    """Let every group bear on the others."""
    a, b, c, d, e, f = rows.T
    return np.column_stack([np.exp(a * b) + c * d * e * f, np.maximum(a + d, b * c) - np.sin(f)])


def over_all_orders(predict: Predict) -> dict[str, np.ndarray]:
    """Let the groups in one after the other, in each of the 24 orders."""
    orders = list(permutations(GROUPS))
    shares = {name: np.zeros(2) for name in GROUPS}
    for order in orders:
        row = REFERENCE.copy()
        for name in order:
            before = predict(row[None])[0]
            row[GROUPS[name]] = ROW[GROUPS[name]]
            shares[name] += (predict(row[None])[0] - before) / len(orders)
    return shares


def shared(predict: Predict, *, row: np.ndarray = ROW) -> dict[str, np.ndarray]:
    return group_contributions(predict, row, reference=REFERENCE, groups=GROUPS)


def test_linear_model_is_shared_by_coefficient_times_distance():
    """For each output, and added up over the columns of a group."""
    found = shared(linear)
    by_hand = {
        "a": [2 * 0.2 + 4 * 0.5, 1 * 0.5],
        "b": [-1 * -1.6, 3 * -1.6],
        "c": [0.5 * 2.3, 2 * -1.3],
        "d": [2.5, 0],
    }
    assert list(found) == list(by_hand)
    for name, expected in by_hand.items():
        np.testing.assert_allclose(found[name], expected, rtol=0, atol=1e-12)


def test_shares_of_any_function_are_the_means_over_all_orders():
    """The weights of the subsets stand for the orders that lead through them."""
    found, expected = shared(curved), over_all_orders(curved)
    for name in GROUPS:
        np.testing.assert_allclose(found[name], expected[name], rtol=0, atol=1e-12)


def test_shares_add_up_to_the_distance_of_the_predictions():
    """Nothing is left over, whatever the function."""
    distance = curved(ROW[None])[0] - curved(REFERENCE[None])[0]
    np.testing.assert_allclose(sum(shared(curved).values()), distance, rtol=0, atol=1e-12)


def test_group_that_changes_nothing_gets_nothing():
    """Exactly 0, though its columns are far from the reference."""

    def without_b(rows: np.ndarray) -> np.ndarray:
        return np.column_stack([rows[:, 0] * rows[:, 2] ** 2, rows[:, 3] * rows[:, 5]])

    found = shared(without_b)
    assert found["b"].tolist() == [0, 0]
    assert found["a"].all()


def test_row_like_the_reference_is_shared_as_nothing():
    """No column is at a distance."""
    assert [share.tolist() for share in shared(curved, row=REFERENCE).values()] == [[0, 0]] * 4


@pytest.mark.parametrize("n_groups", [1, 6])
def test_every_subset_is_asked_for_once(n_groups: int):
    """Two to the power of the groups, in one call."""
    asked = []

    def counted(rows: np.ndarray) -> np.ndarray:
        asked.append(len(rows))
        return rows.sum(axis=1, keepdims=True)

    groups = {str(at): [at] for at in range(n_groups)}
    found = group_contributions(
        counted, np.ones(n_groups), reference=np.zeros(n_groups), groups=groups
    )
    assert asked == [2**n_groups]
    assert np.concatenate(list(found.values())) == pytest.approx(np.ones(n_groups))


def test_arrays_given_stay_as_they_were():
    """Rows are put together in a table of their own."""
    row, reference = ROW.copy(), REFERENCE.copy()
    group_contributions(curved, row, reference=reference, groups=GROUPS)
    np.testing.assert_array_equal(row, ROW)
    np.testing.assert_array_equal(reference, REFERENCE)
