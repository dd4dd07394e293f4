"""Building the Bento: the service, and by exact tags the models that are promoted.

BentoML imports the service to build it, in a process of its own: whoever asks for a Bento, the
asset graph say, loads nothing of the service, and each build takes its sources as they are now.
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


SOURCES = Path(__file__).parents[2]

_FAULT = re.compile(r"^Error: \[bentos\] `build` failed: (.+)", re.DOTALL | re.MULTILINE)


class BentoBuildError(ModelStoreError):
    """A Bento was not built; the message says why."""


def build_bento(home: Path, *, sources: Path = SOURCES) -> BuiltBento:
    """Build the Bento of the models that are promoted at this moment.

    Args:
        home: BentoML's home folder.
        sources: The folder with bentofile.yaml and what it includes.

    Raises:
        BentoBuildError: Not all models are promoted, one of them is damaged, the sources are not
            there, the disk is full, …
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
        raise BentoBuildError(_reason(done))
    return find_bento(home, built[1])


def _reason(done: subprocess.CompletedProcess[str]) -> str:
    if fault := _FAULT.search(done.stderr):
        return " ".join(fault[1].split())
    last_line = (done.stderr or done.stdout).strip().rpartition("\n")[2]
    return f"bentoml build ended with {done.returncode}: {last_line}"
