"""Bentos: reading those in a store, and builds that fail; `tests/defs/test_bento.py` builds one."""

from pathlib import Path

import pytest

from spike_assets.registry.bentos import build_bento, built_bentos, find_bento
from spike_assets.registry.errors import BentoBuildError, ModelStoreError
from tests.support.bento_case import described_bento

TAGS = {"model1": "model1:aaa", "model2": "model2:bbb"}


def test_bento_says_what_it_was_built_of(tmp_path: Path) -> None:
    """Tags by name, and whether any of them learnt from the sample."""
    described_bento(tmp_path, TAGS)

    bento = find_bento(tmp_path, "spike-assets:abc")

    assert (bento.tag, bento.models, bento.synthetic) == ("spike-assets:abc", TAGS, True)


def test_size_of_a_bento_is_that_of_its_files_and_models(tmp_path: Path) -> None:
    """Whatever else the store holds."""
    folder = described_bento(tmp_path, TAGS)
    own = (folder / "bento.yaml").stat().st_size
    for model, n_bytes in (("model1/aaa", 10), ("model2/bbb", 100), ("model2/ccc", 1000)):
        (tmp_path / "models" / model).mkdir(parents=True)
        (tmp_path / "models" / model / "payload.skops").write_bytes(bytes(n_bytes))

    assert find_bento(tmp_path, "spike-assets:abc").size_bytes() == own + 110


def test_half_bentos_are_passed_over(tmp_path: Path) -> None:
    """A build that was cut off, and a description that was."""
    described_bento(tmp_path, TAGS, version="whole")
    (tmp_path / "bentos" / "spike-assets" / "half").mkdir()
    cut_off = described_bento(tmp_path, TAGS, version="cut") / "bento.yaml"
    cut_off.write_text(cut_off.read_text()[:20])
    (tmp_path / "bentos" / "spike-assets" / "latest").write_text("whole")

    assert [bento.tag for bento in built_bentos(tmp_path)] == ["spike-assets:whole"]


def test_store_without_bentos_has_none(tmp_path: Path) -> None:
    """Nor is a folder made for them."""
    assert list(built_bentos(tmp_path)) == []
    assert list(tmp_path.iterdir()) == []


def test_bento_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    """It names the tag and the folder."""
    with pytest.raises(ModelStoreError, match=f"^spike-assets:abc can't be read from {tmp_path}"):
        find_bento(tmp_path, "spike-assets:abc")


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
