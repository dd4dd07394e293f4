"""Made-up months to forecast: a season, a slow rise and noise; drivers and tables beside them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from spike_assets.models.forecast_features import last_row
from spike_assets.models.forecaster import ForecastHistory, TrainedForecaster
from spike_assets.models.member import Member
from spike_assets.models.price_series import HORIZON, PriceSeries
from spike_assets.series.catalogue import (
    BANCO_CENTRAL,
    DAIRY_INDEX,
    PRICE_CLP_PER_LITRE,
    PUBLICATION_LAG_DAYS,
    REGIONS,
)
from spike_assets.training.backtest import forecast_history
from spike_assets.training.forecast_inputs import published_on
from spike_assets.training.learners import fit_members

DRIVER_NAMES = ("rain", "world_price")
FIRST_MONTH = "2003-03"  # so that neither a series nor a year begins at position 0
SMALL_GRID = {"select__k": (3,), "polynomial__degree": (1,), "ridge__alpha": (1.0, 0.1)}
"""In place of the notebook's 210 candidates."""


def made_up(n_months: int = 160, *, seed: int = 0, noise: float = 0.01) -> PriceSeries:
    """Return prices that swing by a tenth each way over the year, and drivers that wander.

    A longer case begins with the months of a shorter one.
    """
    rng = np.random.default_rng(seed)
    draws = rng.normal(size=(max(600, n_months), 4))[:n_months]
    at = np.arange(n_months)
    logs = 0.1 * np.sin(2 * np.pi * at / 12) + 0.002 * at + noise * draws[:, 0]
    wandering = 0.03 * np.cumsum(draws[:, 1 : 1 + len(DRIVER_NAMES)], axis=0)
    return PriceSeries(
        first_month=FIRST_MONTH,
        price_clp_per_litre=200 * np.exp(logs),
        drivers={name: wandering[:, column] for column, name in enumerate(DRIVER_NAMES)},
    )


def poisoned(data: PriceSeries, *, after: int, poison: float) -> PriceSeries:
    """Return the same months with something else for all that came after a position."""

    def changed(values: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.where(np.arange(len(values)) > after, poison, values)

    return replace(
        data,
        price_clp_per_litre=changed(data.price_clp_per_litre),
        drivers={name: changed(values) for name, values in data.drivers.items()},
    )


@dataclass(frozen=True)
class Tables:
    """The clean tables."""

    precipitation: pd.DataFrame
    milk_price: pd.DataFrame
    banco_central: pd.DataFrame
    dairy_index: pd.DataFrame

    def poisoned(self, *, after: str, poison: float) -> "Tables":
        """Put something else for all that was published later than the price of a month."""
        [day] = published_on(pd.DatetimeIndex([after]))

        def changed(table: pd.DataFrame) -> pd.DataFrame:
            ends = table["month"] + pd.DateOffset(months=1)
            later = {
                name: ends + pd.Timedelta(days=PUBLICATION_LAG_DAYS[name]) > day
                for name in table.columns.drop("month")
            }
            return table.assign(
                **{name: table[name].mask(at, poison) for name, at in later.items()}
            )

        return Tables(
            changed(self.precipitation),
            changed(self.milk_price),
            changed(self.banco_central),
            changed(self.dairy_index),
        )


def tables(data: PriceSeries, *, macro_from: int = 0, seed: int = 1) -> Tables:
    """Return tables of the same months as the prices, and one more.

    Args:
        data: The prices.
        macro_from: Position of the first month with macroeconomic series.
        seed: Of the rain and the macroeconomic series.
    """
    rng = np.random.default_rng(seed)
    n = len(data) + 1  # of the last month the drivers are known when its price is
    months = pd.DataFrame({"month": (data.months[0] + np.arange(n)).astype("datetime64[us]")})
    rain = rng.gamma(2, 30, size=(n, len(REGIONS)))
    names = [series.name for series in BANCO_CENTRAL]
    macro = 100 * np.exp(0.03 * np.cumsum(rng.normal(size=(n, len(names))), axis=0))
    index = 100 * np.exp(0.03 * np.cumsum(rng.normal(size=n)))
    return Tables(
        precipitation=months.assign(**dict(zip(REGIONS, rain.T, strict=True))),
        milk_price=months.iloc[:-1].assign(**{PRICE_CLP_PER_LITRE: data.price_clp_per_litre}),
        banco_central=pd.concat([months, pd.DataFrame(macro, columns=names)], axis="columns")
        .iloc[macro_from:]
        .reset_index(drop=True),
        dairy_index=months.assign(**{DAIRY_INDEX.name: index}),
    )


@cache
def fitted() -> tuple[Member, ...]:
    """Fit on the made-up months, once for all tests."""
    return fit_members(made_up())


def log_changes_of(members: Sequence[Member], data: PriceSeries) -> dict[str, NDArray[np.float64]]:
    """Forecast from the last price of the data with each member, by name."""
    row = last_row(data)
    return {member.name: member.log_changes(data, row) for member in members}


@cache
def history() -> pd.DataFrame:
    """Forecast from every origin of the made-up months, once for all tests."""
    return forecast_history(made_up(), n_jobs=2)


def trained(**changes: object) -> TrainedForecaster:
    """Return a forecaster with intervals of 1 % more a month, and a history of two origins."""
    n = 2 * HORIZON
    forecast = 200 + np.arange(n) / 7
    ends: Mapping[int, float] = {80: 0.9, 95: 0.8}
    whole = TrainedForecaster(
        data=made_up(),
        members=fitted(),
        half_widths={
            80: 0.01 * np.arange(1, HORIZON + 1),
            95: 0.02 * np.arange(1, HORIZON + 1),
        },
        history=ForecastHistory(
            origin=np.repeat(made_up().months[-2:], HORIZON),
            horizon=np.tile(np.arange(1, HORIZON + 1), 2),
            forecast_clp_per_litre=forecast,
            lower_clp_per_litre={level: forecast * end for level, end in ends.items()},
            upper_clp_per_litre={level: forecast / end for level, end in ends.items()},
            actual_clp_per_litre=np.where(np.arange(n) == 0, 201.5, np.nan),
        ),
        metrics={"n": 1.0, "rmse_clp_per_litre": 1.5},
    )
    return replace(whole, **changes)
