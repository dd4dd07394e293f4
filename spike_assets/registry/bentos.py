"""Bentos: build one of the service and the promoted models, and read those in a store.

BentoML imports the service to build it. A build therefore runs in a process of its own: the
caller, such as the asset graph, loads nothing of the service, and a build uses the present sources.
"""

import os
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from spike_assets.registry.errors import BentoBuildError, ModelStoreError

NAME = "spike-assets"

SOURCES = Path(__file__).parents[2]

_BUILD_ERROR = re.compile(r"^Error: \[bentos\] `build` failed: (.+)", re.DOTALL | re.MULTILINE)

_UNREADABLE = (AttributeError, LookupError, OSError, TypeError, yaml.YAMLError)
"""Raised for a bento.yaml that is missing, was cut off or holds something else."""


@dataclass(frozen=True)
class BuiltBento:
    """A Bento in the store.

    Attributes:
        folder: Its folder.
        labels: Its labels.
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
        """True if any of its models was trained on the embedded sample."""
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


def build_bento(home: Path, *, sources: Path = SOURCES) -> BuiltBento:
    """Build the Bento of the models that are promoted at this moment, pinned by exact tags.

    Args:
        home: BentoML's home folder.
        sources: The folder with bentofile.yaml and the files that it includes.

    Raises:
        BentoBuildError: Not all models are promoted, one of them is damaged, the sources are
            missing, the disk is full, …
    """
    if not (sources / "bentofile.yaml").is_file():
        raise BentoBuildError(
            f"{sources} holds no bentofile.yaml, and so no sources of the service: build the Bento "
            "in a checkout of the repository"
        )
    done = subprocess.run(
        [sys.executable, "-m", "bentoml", "build", "--output", "tag"],
        cwd=sources,
        env={**os.environ, "BENTOML_HOME": str(home), "BENTOML_DO_NOT_TRACK": "True"},
        capture_output=True,
        text=True,
        check=False,
    )
    built = re.search(r"^__tag__:(\S+)$", done.stdout, re.MULTILINE)
    if done.returncode != 0 or built is None:
        raise BentoBuildError(_build_error(done))
    return find_bento(home, built[1])


def find_bento(home: Path, tag: str) -> BuiltBento:
    """Read the description of a Bento.

    Args:
        home: BentoML's home folder.
        tag: `name:version`.

    Raises:
        ModelStoreError: There is no such Bento, or its description can't be read.
    """
    folder = home / "bentos" / tag.replace(":", "/")
    try:
        return _read_bento(folder)
    except _UNREADABLE as error:
        raise ModelStoreError(f"{tag} can't be read from {folder}: {error}") from error


def built_bentos(home: Path) -> Iterator[BuiltBento]:
    """Read every complete Bento in a store; skip what an interrupted build left.

    Args:
        home: BentoML's home folder.
    """
    for folder in sorted((home / "bentos" / NAME).glob("*/")):
        try:
            yield _read_bento(folder)
        except _UNREADABLE:
            continue


def _read_bento(folder: Path) -> BuiltBento:
    # It holds the schema of every endpoint: without the fast loader, a quarter of a second.
    description: Any = yaml.load((folder / "bento.yaml").read_bytes(), Loader=yaml.CSafeLoader)
    (service,) = description["services"]
    tags = [model["tag"] for model in service["models"]]
    return BuiltBento(
        folder=folder,
        labels=description["labels"],
        models={tag.partition(":")[0]: tag for tag in tags},
    )


def _build_error(done: subprocess.CompletedProcess[str]) -> str:
    if error := _BUILD_ERROR.search(done.stderr):
        return " ".join(error[1].split())
    last_line = (done.stderr or done.stdout).strip().rpartition("\n")[2]
    return f"bentoml build ended with {done.returncode}: {last_line}"
