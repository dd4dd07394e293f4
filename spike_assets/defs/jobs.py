"""Jobs: `train` materializes everything but the Bento."""

import dagster as dg

from spike_assets.defs.deployment import bento

train = dg.define_asset_job(
    "train",
    selection=dg.AssetSelection.all() - dg.AssetSelection.assets(bento),
    description="Read the files, train, register and promote the models: the graph but the Bento.",
)
