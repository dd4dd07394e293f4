"""Effect of the decimal repair on the notebook's two regressors.

    python -m bench.repair_effect [DIR]

Trains both on the numbers as the notebook reads them and as they are restored, on the notebook's
hold-out and on other random hold-outs of a fifth of the months, and writes
`docs/images/repair_effect.png`. DIR is the folder with the real files.
"""

import io
import sys
from pathlib import Path

import numpy as np
import pandas as pd
from joblib import Parallel, delayed
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from sklearn.model_selection import train_test_split

from spike_assets.charts.notebook_numbers import all_digits, cells_by_month, first_digit_rule
from spike_assets.series.catalogue import FEATURE_NAMES, IMACEC, MONTH, NON_DURABLE_SALES, PIB
from spike_assets.sources.banco_central import SOURCE
from spike_assets.sources.location import locate_data, read_clean
from spike_assets.sources.monthly_features import monthly_features
from spike_assets.training import regressors

N_SPLITS = 20
PICTURE = Path("docs/images/repair_effect.png")
READINGS = ("as the notebook reads them", "restored")


def main() -> None:
    """Measure the effect, print it and draw it."""
    location = locate_data(sys.argv[1] if len(sys.argv) > 1 else None)
    clean = read_clean(location)
    prices, restored = clean["milk_price"], clean["banco_central"]
    raw = SOURCE.split(location.read(SOURCE))
    tables = (as_the_notebook(raw, restored), restored)
    frames = [monthly_features(clean["precipitation"], prices, table) for table in tables]

    # The notebook's split is the one of its seed; the others are the first twenty seeds.
    seeds = [regressors.SEED, *range(N_SPLITS)]
    jobs = [
        (frame, prices if sees_prices else None, seed)
        for sees_prices in (True, False)
        for frame in frames
        for seed in seeds
    ]
    scores = Parallel(n_jobs=-1)(delayed(holdout_r2)(*job) for job in jobs)
    by_model = np.array(scores).reshape(2, 2, len(seeds))
    for name, (before, after) in zip(("model1", "model2"), by_model, strict=True):
        gain = after[1:] - before[1:]
        print(
            f"{name}: notebook's hold-out {before[0]:.3f} → {after[0]:.3f}; "
            f"{N_SPLITS} others {before[1:].mean():.3f} → {after[1:].mean():.3f}, "
            f"gain {gain.mean():+.3f} ± {gain.std(ddof=1) / np.sqrt(N_SPLITS):.3f}, "
            f"better on {(gain > 0).sum()}"
        )
    PICTURE.write_bytes(draw(by_model))
    print(PICTURE)


def as_the_notebook(raw: pd.DataFrame, restored: pd.DataFrame) -> pd.DataFrame:
    """Read the notebook's series by its own rules, on the months of the restored table."""
    rules = dict.fromkeys(PIB, all_digits) | dict.fromkeys(
        (*IMACEC, NON_DURABLE_SALES), first_digit_rule
    )
    cells = cells_by_month(raw, names=list(rules))
    read = pd.DataFrame({name: cells[name].map(rule) for name, rule in rules.items()})
    return restored[[MONTH]].merge(
        read, left_on=MONTH, right_index=True, how="inner", validate="one_to_one"
    )


def holdout_r2(features: pd.DataFrame, prices: pd.DataFrame | None, seed: int) -> float:
    """Search the notebook's grid on four fifths of the months, score R² on the fifth."""
    rows = features[list(FEATURE_NAMES)].to_numpy()
    paid = features[regressors.PRICE_CLP_PER_LITRE].to_numpy()
    train, held_out = train_test_split(
        np.arange(len(rows)), test_size=regressors.HOLDOUT_SHARE, random_state=seed
    )
    history = None if prices is None else regressors.lagged_prices(prices)
    best = regressors.search_grid(rows[train], paid[train], history=history).best_parameters
    winner = regressors.notebook_pipeline(history).set_params(**best)
    return float(winner.fit(rows[train], paid[train]).score(rows[held_out], paid[held_out]))


def draw(by_model: np.ndarray) -> bytes:
    """Draw R² after the repair against before, a point for each hold-out."""
    figure = Figure(figsize=(9, 4.4), layout="constrained")
    for axes, name, (before, after) in zip(
        figure.subplots(1, 2), ("model1", "model2"), by_model, strict=True
    ):
        ends = [min(before.min(), after.min(), 0), 1]
        axes.plot(ends, ends, color="#b8c0cc", linewidth=1)
        axes.scatter(before[1:], after[1:], s=22, color="#1f6feb", label="20 random hold-outs")
        axes.scatter(before[:1], after[:1], s=60, color="#d1242f", label="the notebook's hold-out")
        axes.set(
            title=name, xlabel=f"R², numbers {READINGS[0]}", ylabel=f"R², numbers {READINGS[1]}"
        )
        axes.legend(frameon=False, loc="upper left")
        axes.spines[["top", "right"]].set_visible(False)
    picture = io.BytesIO()
    FigureCanvasAgg(figure).print_png(picture)
    return picture.getvalue()


if __name__ == "__main__":
    main()
