"""Assets that register, promote and package the models."""

import shlex

import dagster as dg
import pandas as pd

from spike_assets import charts
from spike_assets.defs.failures import user_errors_as_failures
from spike_assets.defs.gate import require_passed_backtest
from spike_assets.defs.lineage import raw_origins
from spike_assets.models.forecaster import TrainedForecaster
from spike_assets.models.regressor import TrainedRegressor
from spike_assets.registry.bentos import build_bento
from spike_assets.registry.errors import RealModelsKeptError
from spike_assets.registry.model_store import ModelStore
from spike_assets.registry.synced_store import open_store
from spike_assets.registry.trained_model import TrainedModel
from spike_assets.training.backtest import FORECASTER

NOT_PROMOTED = "not_promoted"
"""Metadata key of `promoted_models`: why what was registered was not promoted."""


@dg.asset(group_name="serving", kinds={"bentoml"})
def registered_models(
    context: dg.AssetExecutionContext,
    model1: TrainedRegressor,
    model2: TrainedRegressor,
    forecaster: TrainedForecaster,
    backtest: pd.DataFrame,
) -> dg.MaterializeResult[pd.DataFrame]:
    """The trained models as versions in the BentoML model store: `name` and `tag`, one row each.

    The checks of `backtest` have to be passed, also when this asset is materialized on its own.
    """
    require_passed_backtest(context)
    pictures: list[tuple[TrainedModel, bytes]] = [
        (model1, charts.observed_against_predicted(model1)),
        (model2, charts.observed_against_predicted(model2)),
        (forecaster, charts.forecasts_beside_prices(backtest, model=FORECASTER)),
    ]
    with user_errors_as_failures():
        store = open_store()
    tags = {}
    for model, picture in pictures:
        origins = raw_origins(context, dg.AssetKey(model.name))
        with user_errors_as_failures():
            tags[model.name] = store.register(
                model,
                data_versions={name: origin.sha256 for name, origin in origins.items()},
                synthetic=any(origin.synthetic for origin in origins.values()),
                picture=picture,
            )
    return dg.MaterializeResult(
        value=pd.DataFrame({"name": tags.keys(), "tag": tags.values()}),
        metadata={"store": store.location, **tags},
    )


@dg.asset(group_name="serving", kinds={"bentoml"})
def promoted_models(
    context: dg.AssetExecutionContext, registered_models: pd.DataFrame
) -> dg.MaterializeResult[pd.DataFrame]:
    """The versions that the service answers from: `name` and `tag`, one row each.

    Models of the synthetic sample are not promoted in the place of others: these stay.
    """
    tags = dict(registered_models[["name", "tag"]].itertuples(index=False))
    kept = {}
    with user_errors_as_failures():
        store = open_store()
        try:
            promoted = store.promote(tags, reason=f"run {context.run.run_id}", keep_real=True)
        except RealModelsKeptError as error:
            context.log.warning(f"Not promoted: {error}")
            promoted, kept = store.promoted(), {NOT_PROMOTED: str(error)}
    return dg.MaterializeResult(
        value=pd.DataFrame({"name": promoted.keys(), "tag": promoted.values()}),
        metadata={"store": store.location, **promoted, **kept},
    )


CONTAINERIZE = """\
```console
$ BENTOML_HOME={home} bentoml containerize {tag}
$ export SPIKE_API_KEY=$(openssl rand -hex 16)
$ docker run --rm -p 127.0.0.1:5000:5000 -e SPIKE_API_KEY --read-only --tmpfs /tmp {tag}
```
"""


@dg.asset(group_name="serving", kinds={"bentoml"}, deps=[promoted_models])
def bento() -> dg.MaterializeResult[None]:
    """The service and what is promoted as a Bento, which `bentoml containerize` puts into an image.

    The job `train` leaves it out: the image serves what was promoted when its Bento was built.
    """
    store = ModelStore()
    with user_errors_as_failures():
        built = build_bento(store.home)
    return dg.MaterializeResult(
        metadata={
            "store": str(store.home),
            "bento": built.tag,
            **built.models,
            "synthetic": built.synthetic,
            "size_bytes": built.size_bytes(),
            "containerize": dg.MetadataValue.md(
                CONTAINERIZE.format(tag=built.tag, home=shlex.quote(str(store.home)))
            ),
        },
    )
