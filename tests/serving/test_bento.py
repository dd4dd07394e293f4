"""The Bento: built without a network, and without Dagster."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parent.parent.parent


@pytest.fixture(scope="module")
def bento(tmp_path_factory, sample_run) -> Path:
    """A Bento built with every address but loopback out of reach."""
    home = tmp_path_factory.mktemp("bento_home")
    no_network = {f"{kind}_proxy": "http://127.0.0.1:9" for kind in ("http", "https", "all")}
    done = subprocess.run(
        [Path(sys.executable).parent / "bentoml", "build", "--output", "tag"],
        cwd=ROOT,
        env={**sample_run.environment, **no_network, "BENTOML_HOME": str(home)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    name, version = re.search(r"__tag__:(\S+):(\S+)", done.stdout).groups()
    return home / "bentos" / name / version


def test_bento_holds_the_service_and_only_what_it_loads(bento):
    """No training code and no data is in the Bento."""
    files = {str(path.relative_to(bento / "src")) for path in bento.glob("src/**/*.py")}

    assert {"bento/service.py", "spike_assets/registry/model_store.py"} <= files
    assert not [path for path in files if "defs" in path or "sources" in path]


def test_bento_installs_no_dagster(bento):
    """The packages of the Bento are those for serving, each at an exact version."""
    requirements = (bento / "env" / "python" / "requirements.txt").read_text()

    assert "scikit-learn==" in requirements
    assert "dagster" not in requirements
    assert "://" not in requirements


def test_bento_names_the_service(bento):
    """Bentoml serve of the Bento runs the class that this repository serves."""
    description = yaml.safe_load((bento / "bento.yaml").read_text())

    assert description["service"] == "bento.service:MilkPriceService"


def test_service_imports_nothing_of_training():
    """A worker that serves spends no time and memory on the graph."""
    code = "import bento.service, sys; print(*sorted(sys.modules))"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )

    training = {"dagster", "matplotlib", "spike_assets.regressors", "spike_assets.sources"}
    assert not training & set(done.stdout.split())
