"""Backtest report in Markdown, for the Dagster UI and for `docs/backtest.md`."""

from collections.abc import Iterable, Sequence

import pandas as pd

from spike_assets.series.catalogue import MONTH
from spike_assets.training.backtest import FIRST_TARGET, FORECASTER
from spike_assets.training.forecast_frame import HORIZON_COLUMN, MODEL
from spike_assets.training.scores import POOLED, compare, scores

_SHOWN = (1, 3, 6, 12)
_SIGNIFICANT = 0.05


def backtest_report(table: pd.DataFrame) -> str:
    """Report the scores of the forecaster and of its baselines.

    Args:
        table: As `backtest.backtest` returns it; may hold baselines from elsewhere.
    """
    horizons = [horizon for horizon in _SHOWN if horizon in set(table[HORIZON_COLUMN])]
    found = scores(table).set_index([MODEL, HORIZON_COLUMN])
    months = f"{table[MONTH].min():%Y-%m} to {table[MONTH].max():%Y-%m}"
    return "\n\n".join(
        [
            f"Every month from {months} was forecast {_ahead(table[HORIZON_COLUMN].max())} before "
            "it, by each model from what was known then, and refitted each time. Errors are in CLP "
            "per litre. The members of the forecaster were chosen on the months before "
            f"{FIRST_TARGET}.",
            "### Next month",
            _next_month(found),
            "### RMSE by months ahead",
            _rmse(found, horizons),
            "### Significance",
            "RMSE of the forecaster divided by that of the baseline on the months that both "
            "forecast, and the p-value of the Diebold-Mariano test that they are equally good "
            f"(**bold** where it is below {_SIGNIFICANT}).",
            _tests(compare(table, model=FORECASTER), horizons),
            "### Intervals",
            "Empirical coverage of the intervals and their mean width. Every model gets its "
            "intervals in the same way, from its own earlier errors.",
            _intervals(found, horizons),
        ]
    )


def _ahead(most: int) -> str:
    return "a month" if most == 1 else f"one to {most} months"


def _next_month(found: pd.DataFrame) -> str:
    heading = ("model", "months", "RMSE", "MAE", "MAPE %", "MASE", "skill against last price")
    rows = (
        (
            model,
            f"{one['n']:.0f}",
            f"{one['rmse_clp_per_litre']:.3f}",
            f"{one['mae_clp_per_litre']:.3f}",
            f"{one['mape_percent']:.2f}",
            f"{one['mase']:.3f}",
            f"{one['skill_against_last_price']:+.1%}",
        )
        for (model, horizon), one in found.iterrows()
        if horizon == 1
    )
    return markdown_table(heading, rows)


def _rmse(found: pd.DataFrame, horizons: Sequence[int]) -> str:
    models = found.index.get_level_values(MODEL).unique()
    chosen = [*horizons, POOLED]
    rmse = found["rmse_clp_per_litre"].to_dict()
    rows = (
        (model, *(f"{rmse[model, h]:.2f}" if (model, h) in rmse else "" for h in chosen))
        for model in models
    )
    return markdown_table(("model", *(str(h) for h in horizons), "all pooled"), rows)


def _tests(comparison: pd.DataFrame, horizons: Sequence[int]) -> str:
    shown = {
        (one["baseline"], one[HORIZON_COLUMN]): _ratio(one)
        for one in comparison.to_dict(orient="records")
    }
    rows = (
        (baseline, *(shown.get((baseline, horizon), "") for horizon in horizons))
        for baseline in comparison["baseline"].unique()
    )
    return markdown_table(("baseline", *(f"{horizon} ahead" for horizon in horizons)), rows)


def _ratio(one: dict[str, float]) -> str:
    shown = f"{one['rmse_ratio']:.2f} (p {one['p_value']:.3f}, {one['n']} months)"
    return f"**{shown}**" if one["p_value"] < _SIGNIFICANT else shown


def _intervals(found: pd.DataFrame, horizons: Sequence[int]) -> str:
    heading = ("model", "months ahead", "80 % coverage", "width", "95 % coverage", "width")
    rows = (
        (
            model,
            str(horizon),
            f"{one['coverage_80']:.1%}",
            f"{one['width_80_clp_per_litre']:.1f}",
            f"{one['coverage_95']:.1%}",
            f"{one['width_95_clp_per_litre']:.1f}",
        )
        for (model, horizon), one in found.iterrows()
        if horizon in horizons
    )
    return markdown_table(heading, rows)


def markdown_table(heading: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Format a Markdown table; numbers are right-aligned after its first column."""
    lines = [heading, ["---", *["---:"] * (len(heading) - 1)], *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)
