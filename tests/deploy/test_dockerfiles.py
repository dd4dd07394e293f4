"""The rules of the images."""

import re
import tomllib
from pathlib import Path

import pytest
import yaml

from tests.deploy.conftest import ROOT

DOCKERFILES = sorted((ROOT / "deploy").glob("*/Dockerfile"))

every_image = pytest.mark.parametrize("file", DOCKERFILES, ids=lambda file: file.parent.name)


def _final_stage(file: Path) -> str:
    return re.split(r"^FROM ", file.read_text(), flags=re.MULTILINE)[-1]


@every_image
def test_base_images_are_pinned_to_a_release(file):
    """Another release of the base is a change in this repository."""
    stages = {"libraries"}
    for image in re.findall(r"^FROM (\S+)", file.read_text(), flags=re.MULTILINE):
        assert image in stages or re.fullmatch(r"[a-z]+:\d+(\.\d+)?(-slim)?", image)


@every_image
def test_image_runs_as_an_ordinary_user(file):
    """Whoever runs it without the compose file, too."""
    assert re.search(r"^USER (spike|postgres|10001:10001)$", _final_stage(file), re.MULTILINE)


@every_image
def test_image_says_what_it_is_and_how_it_does(file):
    """OCI labels, and a check that any engine runs."""
    stage = _final_stage(file)

    assert "org.opencontainers.image.title=" in stage
    assert "org.opencontainers.image.description=" in stage
    assert "HEALTHCHECK" in stage


@pytest.mark.parametrize("name", ["pipeline", "service"])
def test_libraries_are_locked_and_come_first(name):
    """By hash, in a stage that a change of code does not touch, with nothing to build them left."""
    text = (ROOT / "deploy" / name / "Dockerfile").read_text()
    locked = {"pipeline": "pipeline.txt", "service": "serve.txt"}[name]

    first, code, final = re.split(r"^FROM .*\n", text, flags=re.MULTILINE)[1:]
    assert "--require-hashes" in first
    assert f"COPY requirements/{locked} ." in first
    assert "spike_assets" not in first
    assert "spike_assets" in code
    assert "pip" not in final.replace("pipeline", "")


def test_service_image_has_no_dagster():
    """It installs the same as the Bento."""
    locked = (ROOT / "requirements" / "serve.txt").read_text()

    assert "dagster" not in locked
    assert (
        "serve.txt"
        in yaml.safe_load((ROOT / "bentofile.yaml").read_text())["python"]["requirements_txt"]
    )


def test_build_context_is_what_images_are_made_of():
    """Neither data, nor models, nor the repository's history get into a build."""
    lines = (ROOT / ".dockerignore").read_text().splitlines()

    assert "*" in lines
    copied = {
        source.split("/")[0]
        for file in DOCKERFILES
        for sources in re.findall(r"^COPY (?!--from)(.+) \S+$", file.read_text(), re.MULTILINE)
        for source in sources.split()
    }
    let_in = {line[1:].split("/")[0] for line in lines if line.startswith("!")}
    assert copied == let_in


def test_package_needs_nothing_that_is_not_in_the_build_context():
    """The readme and the licence of the project's metadata are in the build context."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    included = (ROOT / ".dockerignore").read_text().splitlines()

    for name in (project["readme"], *project["license-files"]):
        assert f"!{name}" in included
