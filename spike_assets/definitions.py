"""The asset graph, loaded from the folder `defs`.

raw_* ─► clean_* ─┬─► monthly_features ─► model1, model2 ──────────────────┬─► registered_models
                  └─► forecast_inputs ─► forecast_history ─► forecaster ─┤        │
                                                 └─► backtest ◄──────────┘        ▼
                                              (its checks are the gate)    promoted_models ─► bento
"""

from pathlib import Path

import dagster as dg

defs = dg.load_from_defs_folder(path_within_project=Path(__file__).parent)
