"""Import contracts of pyproject.toml: a stray module in a copy of the packages breaks one."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
BIN = Path(sys.executable).parent


def broken_contracts(folder: Path) -> list[str]:
    """Return the names of the contracts that import-linter finds broken."""
    done = subprocess.run(
        [BIN / "lint-imports", "--no-logo", "--no-cache"],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    broken = [line for line in done.stdout.splitlines() if line.endswith(" BROKEN")]
    assert bool(broken) == bool(done.returncode), done.stdout + done.stderr
    return [line.removesuffix(" BROKEN") for line in broken]


@pytest.mark.parametrize(
    ("module", "line", "contract"),
    [
        ("spike_assets/models/stray.py", "import pandas", "The service"),
        ("spike_assets/series/stray.py", "import spike_assets.training", "Packages import"),
        ("spike_assets/sources/stray.py", "import dagster", "Dagster stays"),
        ("spike_assets/training/stray.py", "import bentoml", "BentoML stays"),
        ("spike_assets/charts/stray.py", "import distributed", "Dask stays"),
        ("spike_assets/cli/stray.py", "import bento.settings", "The graph"),
        ("bento/endpoints/stray.py", "import spike_assets.sources", "The service"),
        ("bento/api/stray.py", "import bento.endpoints", "The service's packages"),
        ("bento/endpoints/stray.py", "import _bentoml_sdk", "BentoML's private packages"),
    ],
)
def test_stray_module_breaks_a_contract(
    tmp_path: Path, module: str, line: str, contract: str
) -> None:
    """A new module is guarded by the folder that it is in; nobody adds it to a list."""
    copy_packages(tmp_path)
    (tmp_path / module).write_text(f"{line}\n")

    assert [name for name in broken_contracts(tmp_path) if name.startswith(contract)]


@pytest.mark.parametrize(
    ("folder", "contract"),
    [
        ("spike_assets", "Packages import downwards only"),
        ("bento", "The service's packages import downwards only"),
    ],
)
def test_new_package_has_to_be_given_its_layer(tmp_path: Path, folder: str, contract: str) -> None:
    """A package that the layers do not name is refused until somebody says where it belongs."""
    copy_packages(tmp_path)
    (tmp_path / folder / "stray").mkdir()
    (tmp_path / folder / "stray/__init__.py").write_text("")

    assert contract in broken_contracts(tmp_path)


def copy_packages(folder: Path) -> None:
    """Copy what import-linter looks at."""
    for name in ("spike_assets", "bento"):
        shutil.copytree(ROOT / name, folder / name)
    shutil.copy(ROOT / "pyproject.toml", folder)
