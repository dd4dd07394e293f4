"""A complete run of the graph in a separate folder: the models for benchmarks, and its time."""

import os
import pickle
import resource
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from spike_assets.registry.model_store import ModelStore

BIN = Path(sys.executable).parent


@dataclass(frozen=True)
class Trained:
    """Result of a run.

    Attributes:
        folder: Where.
        seconds: From the start of the process to its end.
        core_seconds: How long cores worked on it, all processes taken together.
        largest_process_mib: Memory of the largest of its processes.
    """

    folder: Path
    seconds: float
    core_seconds: float
    largest_process_mib: float

    @property
    def environment(self) -> dict[str, str]:
        """Environment variables for a service of its models, without a rate limit."""
        return {
            "BENTOML_HOME": str(self.folder / "bentoml"),
            "SPIKE_PREDICTION_LOG": str(self.folder / "predictions"),
            "SPIKE_RATE_LIMIT": "off",
        }

    def pickled_pipeline(self) -> Path:
        """Write the pipeline of `model1` in the format of the peers."""
        stored = ModelStore(self.folder / "bentoml").load_promoted()["model1"]
        file = self.folder / "model1.pickle"
        file.write_bytes(pickle.dumps(stored.model.pipeline))
        return file


@contextmanager
def trained(data: str | None, *, dagster_yaml: str = "") -> Iterator[Trained]:
    """Run `spike-assets run` in a folder that is removed afterwards.

    Args:
        data: The folder with the files; None for the embedded sample.
        dagster_yaml: The configuration of the Dagster instance.

    Raises:
        RuntimeError: It failed; the message holds what it said.
    """
    with TemporaryDirectory(prefix="spike-bench-") as name:
        folder = Path(name)
        command = [BIN / "spike-assets", "run", *(["--data", data] if data else [])]
        environment = os.environ | {
            "BENTOML_HOME": str(folder / "bentoml"),
            "DAGSTER_HOME": str(folder / "dagster"),
            "SPIKE_STORAGE": str(folder / "storage"),
        }
        (folder / "dagster").mkdir()
        (folder / "dagster" / "dagster.yaml").write_text(dagster_yaml)
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        start = time.monotonic()
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        seconds = time.monotonic() - start
        if done.returncode != 0:
            raise RuntimeError(f"the run failed:\n{done.stderr}")
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        yield Trained(
            folder,
            seconds=seconds,
            core_seconds=after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime,
            largest_process_mib=after.ru_maxrss / 1024,
        )
