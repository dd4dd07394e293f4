"""The wheel in an environment outside the checkout: it runs the graph and serves its models."""

import subprocess
import sysconfig
import venv
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.conftest import BIN, ROOT
from tests.support.cut_sample import cut_sample


@dataclass(frozen=True)
class Installed:
    """An environment with the wheel, and a folder to run it in."""

    commands: Path
    folder: Path
    environment: Mapping[str, str]

    def run(self, *command: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [self.commands / command[0], *command[1:]],
            cwd=self.folder,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=600,
            check=False,
        )


@pytest.fixture(scope="module")
def installed(tmp_path_factory, isolated_environment) -> Installed:
    """Install the wheel; the libraries are those of this environment, the checkout is not."""
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [BIN / "uv", "build", "--wheel", "--no-build-isolation", "--out-dir", folder, ROOT],
        capture_output=True,
        check=True,
    )
    [wheel] = folder.glob("*.whl")
    home = folder / "environment"
    venv.create(home)
    subprocess.run(
        [BIN / "uv", "pip", "install", "--no-deps", "--python", home / "bin" / "python", wheel],
        capture_output=True,
        check=True,
    )
    [packages] = home.glob("lib/python*/site-packages")
    # A path in a .pth file is searched for libraries; the checkout's own .pth in it is not read.
    (packages / "libraries.pth").write_text(sysconfig.get_path("purelib"))
    data = cut_sample(folder / "data", first="2002-09", last="2016-06")
    return Installed(
        home / "bin", folder, isolated_environment(folder) | {"SPIKE_DATA_DIR": str(data)}
    )


def test_checkout_is_out_of_reach(installed: Installed) -> None:
    """Both packages are those of the wheel."""
    done = installed.run(
        "python", "-c", "import bento, spike_assets; print(bento.__file__, spike_assets.__file__)"
    )
    assert [Path(file).is_relative_to(installed.folder) for file in done.stdout.split()] == [
        True,
        True,
    ], done.stderr


def test_run_and_service_of_the_wheel(installed: Installed, running_server, free_port) -> None:
    """`spike-assets run` promotes models, and `bentoml serve` forecasts with them."""
    done = installed.run("spike-assets", "run")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Promoted as forecaster:" in " ".join(done.stdout.split())

    port = free_port()
    with running_server(
        [installed.commands / "python", "-m", "bentoml", "serve", "bento.service:MilkPriceService"],
        environment={**installed.environment, "BENTOML_PORT": str(port)},
        port=port,
        health_path="/readyz",
        log_file=installed.folder / "service.log",
        folder=installed.folder,
    ) as service:
        forecast = service.client.post("/forecast", json={"horizon": 1})
        assert forecast.is_success, forecast.text
        assert forecast.json()["forecasts"][0]["month"] == "2016-07"
        assert "<title>" in service.client.get("/").text
        assert service.client.get("/docs.json").json()["openapi"]
