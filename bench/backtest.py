"""Backtest of the forecaster and of statsforecast's automatic models; writes `docs/backtest.md`.

    python -m bench.backtest [DIR]

DIR is the folder with the real files. Needs what `make .venv/bench` installs, and a few minutes.
"""

import sys
from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from bench.forecaster_choice import FIRST as CHOSEN_FROM
from bench.forecaster_choice import LAST as CHOSEN_TO
from bench.forecaster_choice import SHOWN, choices
from bench.statsforecast_baselines import baseline_forecasts
from spike_assets import charts
from spike_assets.models.price_series import HORIZON, PriceSeries
from spike_assets.series.catalogue import MONTH
from spike_assets.sources.location import locate_data, read_clean
from spike_assets.training.backtest import (
    FIRST_TARGET,
    FORECASTER,
    backtest,
    forecast_history,
    origins_for,
)
from spike_assets.training.forecast_frame import (
    FORECAST,
    HORIZON_COLUMN,
    MODEL,
    ORIGIN,
    forecast_table,
    targets_between,
)
from spike_assets.training.forecast_inputs import forecast_inputs, price_series
from spike_assets.training.intervals import ORIGINS_NEEDED
from spike_assets.training.report import backtest_report, markdown_table
from spike_assets.training.scores import POOLED, rmse

PAGE = Path("docs/backtest.md")
PICTURES = Path("docs/images")


def main() -> None:
    """Run the backtests, and write the page and its pictures."""
    location = locate_data(sys.argv[1] if len(sys.argv) > 1 else None)
    tables = read_clean(location)
    data = price_series(forecast_inputs(tables))
    history = forecast_history(data)
    judged = _with_statsforecast(_backtest(tables, data, history, first=FIRST_TARGET), data)
    chosen_on = _backtest(tables, data, history, first=CHOSEN_FROM, last=CHOSEN_TO)

    PAGE.write_text(_page(data, judged=judged, chosen_on=chosen_on))
    for name, picture in {
        "backtest_errors": charts.errors_by_horizon(judged),
        "backtest_forecasts": charts.forecasts_beside_prices(judged, model=FORECASTER),
    }.items():
        (PICTURES / f"{name}.png").write_bytes(picture)
    print(PAGE.read_text())


def _backtest(
    tables: Mapping[str, pd.DataFrame],
    data: PriceSeries,
    history: pd.DataFrame,
    *,
    first: str,
    last: str | None = None,
) -> pd.DataFrame:
    return backtest(
        data,
        tables["precipitation"],
        tables["banco_central"],
        first=first,
        last=last,
        history=history,
    )


def _with_statsforecast(judged: pd.DataFrame, data: PriceSeries) -> pd.DataFrame:
    """Add the forecasts of statsforecast's models from the tested origins.

    Their intervals therefore start when enough of these forecasts can be compared with prices.
    Fitting AutoARIMA at the earlier origins as well would take twice as long.
    """
    last = str(data.months[-1])
    origins = origins_for(data, first=FIRST_TARGET, last=last)[ORIGINS_NEEDED:]
    months = pd.DatetimeIndex(data.months.astype("datetime64[us]"))
    prices = pd.Series(data.price_clp_per_litre, index=pd.DatetimeIndex(months, freq="MS"))
    found = baseline_forecasts(prices, origins=months[list(origins)], horizon=HORIZON)
    parts = [judged]
    for model, of_model in found.groupby(MODEL, sort=False):
        by_origin = (
            of_model.sort_values([ORIGIN, HORIZON_COLUMN])[FORECAST].to_numpy().reshape(-1, HORIZON)
        )
        table = forecast_table(str(model), data, dict(zip(origins, by_origin, strict=True)))
        parts.append(targets_between(table, first=FIRST_TARGET, last=last, horizon=HORIZON))
    return pd.concat(parts, ignore_index=True)


def _page(data: PriceSeries, *, judged: pd.DataFrame, chosen_on: pd.DataFrame) -> str:
    heading = ("alternative", *("all pooled" if h == POOLED else f"{h} ahead" for h in SHOWN))
    alternatives = [
        (name, *(f"{errors[horizon]:.2f}" for horizon in SHOWN))
        for name, errors in choices(data).items()
    ]
    return f"""# Backtest

`python -m bench.backtest`, run from the repository's root with the folder of the real files, wrote
this page. Prices are known from {data.months[0]} to {data.months[-1]}.

## How the forecaster was chosen

The choice used the months from {CHOSEN_FROM} to {CHOSEN_TO} only. The ensemble has three members of
different kinds with equal weights. Such a mean is hard to beat, and selecting the member that was
best so far seldom helps (Clemen 1989). The features, the settings and the half-life of the members
were chosen by the RMSE one month ahead, and by the RMSE of all horizons pooled where that was
equal; with and without world dairy prices, since these may be missing. The seasonal drift needs no
driver: it costs little with world prices and helps without them. Of alternatives that are as good,
the simpler was taken.

RMSE in CLP per litre, by months ahead (`python -m bench.forecaster_choice` prints it):

{markdown_table(heading, alternatives)}

## The test: months since {FIRST_TARGET}

AutoTheta, AutoARIMA, AutoETS and CES are models of statsforecast. They are fitted on the prices
since 1995, at the same origins and in the same run. `notebook` is the notebook's pipeline, refitted
at each origin on what was published by then. It starts when it has 30 months.

{backtest_report(judged)}

Over the {_origins_with_all(judged)[ORIGIN].nunique()} origins that have all {HORIZON} months after
them, horizons 1 to {HORIZON} pooled, the RMSE is:

{_pooled_over_whole_years(judged)}

![RMSE by months ahead](images/backtest_errors.png)

![Forecasts beside what was paid](images/backtest_forecasts.png)

## The months it was chosen on: {CHOSEN_FROM} to {CHOSEN_TO}

{backtest_report(chosen_on)}
"""


def _origins_with_all(judged: pd.DataFrame) -> pd.DataFrame:
    """Select the origins, from the month before the first target, that have all twelve prices."""
    eve = judged[MONTH].min() - pd.DateOffset(months=1)
    last = judged[MONTH].max() - pd.DateOffset(months=HORIZON)
    return judged[judged[ORIGIN].between(eve, last)]


def _pooled_over_whole_years(judged: pd.DataFrame) -> str:
    rows = [
        (str(model), str(len(part)), f"{rmse(part):.2f}")
        for model, part in _origins_with_all(judged).groupby(MODEL, sort=False)
    ]
    return markdown_table(("model", "forecasts", "RMSE"), rows)


if __name__ == "__main__":
    main()
