"""The texts of the analyst's page: both languages say everything, and nothing lies about."""

import json
import re
from pathlib import Path

import pytest

from spike_assets.models.forecaster import SOURCES

PAGE = Path(__file__).parents[2] / "bento" / "page"
LANGUAGES = ("es", "en")


def texts(language):
    return json.loads((PAGE / "texts" / f"{language}.json").read_text())


def sources():
    return [PAGE / "index.html", *sorted((PAGE / "scripts").glob("*.js"))]


def test_languages_have_the_same_texts():
    """With the same values to be filled in."""
    spanish, english = (
        {key: set(re.findall(r"\{\w+\}", text)) for key, text in texts(language).items()}
        for language in LANGUAGES
    )
    assert spanish == english
    assert list(texts("es")) == list(texts("en"))


def test_every_text_is_used():
    """A key stands in the page as it is, or as a template with parts to be filled in."""
    code = "".join(path.read_text() for path in sources())
    templates = [
        re.sub(r"\\\$\\\{.*?\\\}", r"[^.]+", re.escape(template))
        for template in re.findall(r"`([a-z_]+\.[^`\n]+)`", code)
    ]
    unused = [
        key
        for key in texts("en")
        if f'"{key}"' not in code and not any(re.fullmatch(one, key) for one in templates)
    ]
    assert not unused


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_driver_is_told_both_ways(language):
    """Whatever a forecast's change comes from, there are words for it, up and down."""
    wanted = {f"drivers.{source}.{way}" for source in SOURCES for way in ("up", "down")}
    assert wanted <= set(texts(language))
