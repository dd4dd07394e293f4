"""The asset graph, put together in one place.

raw_* ─► clean_* ─┬─► monthly_features ─► model1, model2 ──────────────────┬─► registered_models
                  └─► forecast_inputs ─► forecast_history ─► forecaster ─┤        │
                                                 └─► backtest ◄──────────┘        ▼
                                              (its checks are the gate)    promoted_models ─► bento
"""

import dagster as dg

from spike_assets.defs import clean, features, forecasting, models, raw
from spike_assets.defs import deployment as serving
from spike_assets.defs.executor import steps_in_processes
from spike_assets.defs.io_manager import AssetFiles
from spike_assets.defs.progress import progress
from spike_assets.defs.resources import Compute, DataFolder

train = dg.define_asset_job(
    "train",
    selection=dg.AssetSelection.all() - dg.AssetSelection.assets(serving.bento),
    description="Read the files, train, register and promote the models: the graph but the Bento.",
)

defs = dg.Definitions(
    assets=[
        raw.raw_precipitation,
        raw.raw_milk_price,
        raw.raw_banco_central,
        clean.clean_precipitation,
        clean.clean_milk_price,
        clean.clean_banco_central,
        features.monthly_features,
        models.model1,
        models.model2,
        forecasting.forecast_inputs,
        forecasting.forecast_history,
        forecasting.forecaster,
        forecasting.backtest,
        serving.registered_models,
        serving.promoted_models,
        serving.bento,
    ],
    jobs=[train],
    resources={"compute": Compute(), "data": DataFolder(), "io_manager": AssetFiles()},
    executor=steps_in_processes,
    loggers={"console": dg.colored_console_logger, "progress": progress},
)
