"""Documents: every link of the Markdown files leads somewhere, and every make target is there."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
DOCUMENTS = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"), *ROOT.glob(".github/*.md")])

_CODE_BLOCK = re.compile(r"^```.*?^```", re.DOTALL | re.MULTILINE)
_LINK = re.compile(r"\]\(([^)\s]+)\)")
_HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)


def prose(document: Path) -> str:
    """Return a document without its code blocks."""
    return _CODE_BLOCK.sub("", document.read_text(encoding="utf-8"))


def anchors(document: Path) -> set[str]:
    """Return the anchors that GitHub gives the headings of a document."""
    headings = (re.sub(r"[^\w\- ]", "", text.lower()) for text in _HEADING.findall(prose(document)))
    return {heading.replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_lead_to_files_and_headings(document: Path) -> None:
    for link in _LINK.findall(prose(document)):
        if link.startswith(("http://", "https://")):
            continue
        name, _, anchor = link.partition("#")
        target = (document.parent / name).resolve() if name else document
        assert target.exists(), link
        assert not anchor or anchor in anchors(target), link


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_make_targets_are_in_the_makefile(document: Path) -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z.][a-z/.-]*):", makefile, re.MULTILINE))
    text = document.read_text(encoding="utf-8")

    assert set(re.findall(r"(?:`|\$ )make ([a-z.][a-z/.-]*)", text)) <= targets


def test_index_names_every_document() -> None:
    linked = set(_LINK.findall(prose(ROOT / "docs/README.md")))

    assert {path.name for path in ROOT.glob("docs/*.md")} - {"README.md"} <= linked


def test_settings_of_the_code_are_documented() -> None:
    """A variable that the pipeline or the service reads is in the table of operations.md."""
    sources = [path for name in ("spike_assets", "bento") for path in (ROOT / name).rglob("*.py")]
    read = {
        name
        for path in sources
        for name in re.findall(r"\bSPIKE_[A-Z_]+\b", path.read_text(encoding="utf-8"))
    }
    table = (ROOT / "docs/operations.md").read_text(encoding="utf-8")

    assert read
    assert read <= set(re.findall(r"`(SPIKE_[A-Z_]+)`", table))
