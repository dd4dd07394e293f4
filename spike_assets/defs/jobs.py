"""Jobs: `refresh` asks the publishers; `train` makes everything else but the Bento."""

import dagster as dg

from spike_assets.defs.deployment import bento

refresh = dg.define_asset_job(
    "refresh",
    selection=dg.AssetSelection.groups("live"),
    description="Ask every publisher that is configured, and keep what it has.",
)

train = dg.define_asset_job(
    "train",
    selection=dg.AssetSelection.all()
    - dg.AssetSelection.assets(bento)
    - dg.AssetSelection.groups("live"),
    description="Read the files, train, register and promote the models: the graph but the Bento.",
)
