"""Into the BentoML model store, and into service."""

import dagster as dg
import pandas as pd

from spike_assets.defs.lineage import raw_origins
from spike_assets.model_store import ModelStore
from spike_assets.trained_regressor import TrainedRegressor


@dg.asset(group_name="serving", kinds={"bentoml"})
def registered_models(
    context: dg.AssetExecutionContext, model1: TrainedRegressor, model2: TrainedRegressor
) -> dg.MaterializeResult[pd.DataFrame]:
    """The trained models as versions in the BentoML model store: `name` and `tag`, a row each."""
    store = ModelStore()
    tags = {}
    for regressor in (model1, model2):
        origins = raw_origins(context, dg.AssetKey(regressor.name))
        tags[regressor.name] = store.register(
            regressor,
            data_versions={name: origin.sha256 for name, origin in origins.items()},
            synthetic=any(origin.synthetic for origin in origins.values()),
        )
    return dg.MaterializeResult(
        value=pd.DataFrame({"name": tags.keys(), "tag": tags.values()}),
        metadata={"store": str(store.home), **tags},
    )


@dg.asset(group_name="serving", kinds={"bentoml"})
def promoted_models(registered_models: pd.DataFrame) -> dg.MaterializeResult[pd.DataFrame]:
    """The versions that the service answers from: `name` and `tag`, a row each."""
    store = ModelStore()
    store.promote(dict(registered_models[["name", "tag"]].itertuples(index=False)))
    promoted = store.promoted()
    return dg.MaterializeResult(
        value=pd.DataFrame({"name": promoted.keys(), "tag": promoted.values()}),
        metadata={"store": str(store.home), **promoted},
    )
