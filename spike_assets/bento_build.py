"""Building the Bento: the service, and by exact tags the models that are promoted.

BentoML imports the service to build it, in a process of its own: whoever asks for a Bento, the
asset graph say, loads nothing of the service, and each build takes its sources as they are now.
"""

import os
import re
import subprocess
import sys
from pathlib import Path

from spike_assets.registry.bentos import BuiltBento, find_bento
from spike_assets.registry.errors import ModelStoreError

SOURCES = Path(__file__).parents[1]

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
