"""The Bentos that were built of the models in a store, as BentoML keeps them beside it.

    $BENTOML_HOME/bentos/spike-assets/<version>/    bento.yaml, src/, env/

A Bento names its models by exact tags and holds no copy of them: exporting and containerizing
fetch them from the store.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from spike_assets.registry.errors import ModelStoreError

NAME = "spike-assets"


@dataclass(frozen=True)
class BuiltBento:
    """A Bento in the store.

    Attributes:
        folder: Where it is.
        labels: What it was labelled with.
        models: The tags of its models, by name.
    """

    folder: Path
    labels: Mapping[str, str]
    models: Mapping[str, str]

    @property
    def tag(self) -> str:
        """`name:version`."""
        return f"{self.folder.parent.name}:{self.folder.name}"

    @property
    def synthetic(self) -> bool:
        """Whether any of its models was trained on the embedded sample."""
        return self.labels["data"] == "synthetic"

    def size_bytes(self) -> int:
        """Add up its files and those of its models."""
        models = self.folder.parents[2] / "models"
        folders = [self.folder, *(models / tag.replace(":", "/") for tag in self.models.values())]
        return sum(
            path.stat().st_size
            for folder in folders
            for path in folder.rglob("*")
            if path.is_file()
        )


def find_bento(home: Path, tag: str) -> BuiltBento:
    """Look at a Bento.

    Args:
        home: BentoML's home folder.
        tag: `name:version`.

    Raises:
        ModelStoreError: It is not there, or its description can't be read.
    """
    folder = home / "bentos" / tag.replace(":", "/")
    try:
        return _described(folder)
    except _UNREADABLE as error:
        raise ModelStoreError(f"{tag} can't be read from {folder}: {error}") from error


def built_bentos(home: Path) -> Iterator[BuiltBento]:
    """Look at every whole Bento in a store; a build that was cut off left one that is not.

    Args:
        home: BentoML's home folder.
    """
    for folder in sorted((home / "bentos" / NAME).glob("*/")):
        try:
            yield _described(folder)
        except _UNREADABLE:
            continue


_UNREADABLE = (AttributeError, LookupError, OSError, TypeError, yaml.YAMLError)
"""What is raised for a bento.yaml that is missing, was cut off or holds something else."""


def _described(folder: Path) -> BuiltBento:
    # It holds the schema of every endpoint: without the fast loader, a quarter of a second.
    description: Any = yaml.load((folder / "bento.yaml").read_bytes(), Loader=yaml.CSafeLoader)
    (service,) = description["services"]
    tags = [model["tag"] for model in service["models"]]
    return BuiltBento(
        folder=folder,
        labels=description["labels"],
        models={tag.partition(":")[0]: tag for tag in tags},
    )
