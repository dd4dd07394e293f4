"""A trained regressor: what it predicted beside what was paid."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.figure import Figure

from spike_assets.charts.style import BLUE, GREY, INK

if TYPE_CHECKING:  # scikit-learn takes seconds, and the pictures of the data don't need it
    from spike_assets.models.regressor import TrainedRegressor


def observed_against_predicted(regressor: TrainedRegressor) -> Figure:
    """Draw a regressor's predictions against what was paid, and both over time.

    The predictions are those of the regressor that was trained without the held-out months.
    """
    holdout = regressor.holdout
    observed, predicted = holdout.observed_clp_per_litre, holdout.predicted_clp_per_litre
    held_out, trained = holdout.held_out, ~holdout.held_out

    figure = Figure(figsize=(11, 4.6), layout="constrained")
    figure.suptitle(
        f"{regressor.name}: hold-out R² {holdout.regressor.r2:.3f}, "
        f"repeating last month's price {holdout.last_price.r2:.3f}",
        color=INK,
    )
    scatter, timeline = figure.subplots(1, 2, width_ratios=(1, 1.6))

    ends = [min(observed.min(), predicted.min()), max(observed.max(), predicted.max())]
    scatter.plot(ends, ends, color=GREY, linewidth=1, label="perfect")
    scatter.scatter(observed[trained], predicted[trained], s=14, color=GREY, label="trained on")
    scatter.scatter(observed[held_out], predicted[held_out], s=28, color=BLUE, label="held out")
    scatter.set(xlabel="paid, CLP per litre", ylabel="predicted, CLP per litre")
    scatter.legend(frameon=False)

    positions = np.arange(len(observed))
    timeline.plot(positions, observed, color=INK, linewidth=1.4, label="paid")
    timeline.scatter(
        positions[held_out], predicted[held_out], s=28, color=BLUE, label="predicted, held out"
    )
    timeline.set_xticks(*_january_ticks(regressor.months))
    timeline.set(ylabel="CLP per litre")
    timeline.legend(frameon=False)
    for axes in (scatter, timeline):
        axes.spines[["top", "right"]].set_visible(False)
    return figure


def _january_ticks(months: Sequence[str]) -> tuple[list[int], list[str]]:
    ticks = [(at, month[:4]) for at, month in enumerate(months) if month.endswith("-01")]
    return [at for at, _ in ticks], [year for _, year in ticks]
