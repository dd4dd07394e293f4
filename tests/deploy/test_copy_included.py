"""The files of the service image."""

import subprocess
import sys

from tests.deploy.conftest import ROOT


def test_copies_the_service_and_none_of_the_rest(deploy, tmp_path):
    """bentofile.yaml says which, as it does for the Bento."""
    subprocess.run(
        [sys.executable, deploy / "service" / "copy_included.py", tmp_path], cwd=ROOT, check=True
    )

    copied = {str(file.relative_to(tmp_path)) for file in tmp_path.rglob("*") if file.is_file()}
    assert {"bentofile.yaml", "bento/service.py", "bento/page/index.html"} <= copied
    assert "spike_assets/registry/model_store.py" in copied
    assert not {name for name in copied if name.startswith(("spike_assets/defs/", "tests/"))}
    assert "spike_assets/definitions.py" not in copied
    assert (tmp_path / "bento/service.py").read_bytes() == (ROOT / "bento/service.py").read_bytes()
