"""The models and the image of a Bento: it serves what is promoted when it is built.

A build asks the service for its labels and its models, so it packs what the store holds at that
moment, by exact tags; `bento.yaml` pins them. BentoML itself would serve the latest versions.
"""

from collections.abc import Iterator, Mapping
from datetime import UTC
from functools import cache
from pathlib import Path
from typing import Any

from bentoml import Bento
from bentoml.exceptions import BentoMLException
from bentoml.images import Image

from bento.bentoml_internals import BentoModel
from spike_assets.registry.errors import ModelStoreError
from spike_assets.registry.model_store import ModelStore
from spike_assets.registry.promotions import Promotion
from spike_assets.registry.stored_model import StoredModel
from spike_assets.registry.synced_store import open_store
from spike_assets.registry.trained_model import KIND_OF

UV = "uv==0.13.9"
"""The installer that BentoML uses, in the locked release."""

IMAGE = Image(
    # A Dockerfile of our own would end `bentoml containerize` of BentoML 1.4.39 in an error.
    base_image="python:3.11-slim",
    python_version="3.11",
    distro="",  # with a distribution BentoML installs compilers, which nothing here needs
    commands=[
        f"pip install --no-cache-dir {UV}",
        # BentoML makes these where they are missing, which it can't on a read-only file system.
        "mkdir -p /home/bentoml/bentos /home/bentoml/envs /home/bentoml/models /home/bentoml/tmp",
    ],
)
"""The image of a Bento; its environment is in bentofile.yaml."""


class PackedModel(BentoModel):  # type: ignore[misc]
    """A model that a build packs in the version that is promoted."""

    def to_info(self, alias: str | None = None) -> Any:
        """Describe the version, to a build."""
        return BentoModel(_promoted()[self.tag.name].tag).to_info(alias)

    def resolve(self, *_: object) -> None:
        """Do nothing at the start of a service: it asks its store, and goes on asking."""


class PackedLabels(Mapping[str, str]):
    """The labels of a Bento that depend on its models.

    A build reads them before it writes anything, so this is where it ends if nothing is promoted.
    """

    def __getitem__(self, label: str) -> str:
        return {"data": "synthetic" if _is_synthetic() else "files"}[label]

    def __iter__(self) -> Iterator[str]:
        return iter(["data"])

    def __len__(self) -> int:
        return 1


class PackedStore(ModelStore):
    """The models of a Bento as a store, to be read alone: promoted once and for all.

    Their files are beside `bento.yaml` where the Bento was exported or containerized, and
    otherwise in the store that it was built from.

    Args:
        bento: The Bento.
    """

    def __init__(self, bento: Bento) -> None:
        has_files = Path(bento.path_of("models")).is_dir()
        super().__init__(Path(bento.path) if has_files else None)
        self._bento = bento

    @property
    def promotions_file(self) -> Path:
        """The description of the Bento, which names the versions that are served."""
        return Path(self._bento.path_of("bento.yaml"))

    def promotions(self) -> list[Promotion]:
        """Return the one promotion that there is, by the build."""
        return [
            Promotion(
                at=self._bento.creation_time.astimezone(UTC),
                action="promote",
                reason=f"packed into {self._bento.tag}",
                promoted={model.tag.name: str(model.tag) for model in self._bento.info.all_models},
            )
        ]


def store_of(bento: Bento | None) -> ModelStore:
    """Return the store that a service answers from: SPIKE_MODEL_STORE, or else a Bento's models.

    Args:
        bento: The Bento that it runs from; None if it runs from sources.
    """
    store = open_store()
    return PackedStore(bento) if bento and not store.remote_url else store


@cache
def _promoted() -> Mapping[str, StoredModel]:
    """Load what is promoted, once: all that a build packs is of one set."""
    try:
        store = open_store()
        store.pull()
        promoted = store.load_promoted()
    except ModelStoreError as error:
        raise BentoMLException(str(error)) from error  # which its commands show as their message
    if missing := [name for name in KIND_OF if name not in promoted]:
        raise BentoMLException(
            f"{' and '.join(missing)} not promoted in the BentoML store {store.location}; run "
            "`make run` to train, register and promote all models"
        )
    return promoted


def _is_synthetic() -> bool:
    return any(stored.synthetic for stored in _promoted().values())
