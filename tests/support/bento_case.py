"""Building a Bento as its users do, by BentoML's own command."""

import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import yaml

BIN = Path(sys.executable).parent
ROOT = Path(__file__).parents[2]

NO_NETWORK = {f"{kind}_proxy": "http://127.0.0.1:9" for kind in ("http", "https", "all")}
"""Puts every address but loopback out of reach."""


def bentoml_build(environment: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    """Run `bentoml build` at the root of the repository, without a network."""
    return subprocess.run(
        [BIN / "bentoml", "build", "--output", "tag"],
        cwd=ROOT,
        env={**environment, **NO_NETWORK},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def built_tag(environment: Mapping[str, str]) -> str:
    """Build a Bento, and give its tag."""
    done = bentoml_build(environment)
    assert done.returncode == 0, done.stdout + done.stderr
    return re.search(r"__tag__:(\S+)", done.stdout)[1]


def described_bento(home: Path, tags: Mapping[str, str], *, version: str = "abc") -> Path:
    """Write the description of a Bento, as BentoML does, and give its folder."""
    folder = home / "bentos" / "spike-assets" / version
    folder.mkdir(parents=True)
    description = {
        "name": "spike-assets",
        "version": version,
        "labels": {"project": "spike-assets", "data": "synthetic"},
        "services": [{"name": "spike-assets", "models": [{"tag": tag} for tag in tags.values()]}],
    }
    (folder / "bento.yaml").write_text(yaml.safe_dump(description))
    return folder
