"""What is said of a Bento that can't be built; `tests/defs/test_bento.py` builds one."""

from pathlib import Path

import pytest

from spike_assets.registry.bento_build import BentoBuildError, build_bento


def test_without_the_sources_of_the_service_nothing_is_built(tmp_path: Path) -> None:
    """The package alone, as it is installed elsewhere, does not hold them."""
    with pytest.raises(BentoBuildError, match=f"^{tmp_path} holds no bentofile.yaml"):
        build_bento(tmp_path / "bentoml", sources=tmp_path)

    assert list(tmp_path.iterdir()) == []


def test_fault_that_bentoml_does_not_explain_is_told_by_its_last_line(tmp_path: Path) -> None:
    """And by how it ended."""
    (tmp_path / "bentofile.yaml").write_text("service: [")

    with pytest.raises(BentoBuildError, match=r"^bentoml build ended with 1: .*bentofile\.yaml"):
        build_bento(tmp_path / "bentoml", sources=tmp_path)
