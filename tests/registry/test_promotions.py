"""The history of promotions: what its lines say, how it grows, and what a damaged one does."""

import json
import logging
import re
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from spike_assets.registry.errors import ModelStoreError, PromotionsDamagedError
from spike_assets.registry.promotions import (
    Promotion,
    PromotionLog,
    promotions_of,
    served_since,
    undo_stack,
)

LINE = (
    b'{"at":"2026-11-23T08:00:00+00:00","action":"promote","reason":"run 1",'
    b'"promoted":{"model1":"model1:a"}}\n'
)


@pytest.fixture
def history(tmp_path: Path) -> PromotionLog:
    return PromotionLog(tmp_path / "promotions.jsonl")


def line(version: str, action: str = "promote") -> Promotion:
    """Make a line on which `model1` is served from a version."""
    return Promotion(
        at=datetime(2026, 11, 23, tzinfo=UTC),
        action=action,
        reason=f"{action} {version}",
        promoted={"model1": f"model1:{version}"},
    )


def steps(words: str) -> list[Promotion]:
    """Make a history of words like `a b <a`: promote a, promote b, roll back to a."""
    return [
        line(word.removeprefix("<"), "rollback" if word.startswith("<") else "promote")
        for word in words.split()
    ]


def test_history_that_was_never_written_is_empty(history: PromotionLog) -> None:
    """Looking makes no file."""
    assert history.read() == []
    assert not history.file.exists()


def test_added_line_says_when_what_and_why(history: PromotionLog) -> None:
    """A JSON object a line, the time in UTC to the second, names in order."""
    before = datetime.now(UTC).replace(microsecond=0)
    history.add("promote", reason="run 1", promoted={"model2": "model2:b", "model1": "model1:a"})

    content = history.file.read_text()
    assert content.endswith("\n")
    (written,) = map(json.loads, content.splitlines())
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00", written["at"])
    assert before <= datetime.fromisoformat(written.pop("at")) <= datetime.now(UTC)
    assert written == {
        "action": "promote",
        "reason": "run 1",
        "promoted": {"model1": "model1:a", "model2": "model2:b"},
    }
    assert list(written["promoted"]) == ["model1", "model2"]


def test_time_of_another_zone_is_written_in_utc() -> None:
    """Whoever writes lines, they can be compared by eye."""
    santiago = timezone(timedelta(hours=-3))
    said = line("a").model_copy(update={"at": datetime(2026, 11, 23, 5, tzinfo=santiago)})

    assert said.model_dump(mode="json")["at"] == "2026-11-23T08:00:00+00:00"


@pytest.mark.parametrize("reason", ["", 'a\nb "c" \u2028 \x00 ñ', "x" * 10_000])
def test_any_reason_stays_on_its_line(history: PromotionLog, reason: str) -> None:
    """Line ends and quotes of people are read back as they were."""
    history.add("promote", reason=reason, promoted={"model1": "model1:a"})
    history.add("rollback", reason="next", promoted={"model1": "model1:b"})

    assert [said.reason for said in history.read()] == [reason, "next"]


def test_earlier_lines_stay_to_the_byte(history: PromotionLog) -> None:
    """Also what somebody else's tool wrote in another order, with fields that are not known."""
    foreign = (
        b'{ "reason": "", "note": 1, "promoted": {"model1": "model1:b"}, "action": "rollback", '
        b'"at": "2026-11-23T05:00:00-03:00" }'
    )
    history.file.write_bytes(LINE + foreign)  # by an editor that ends no last line

    history.add("promote", reason="", promoted={"model1": "model1:c"})

    assert history.file.read_bytes().startswith(LINE + foreign + b"\n")
    assert [said.promoted["model1"] for said in history.read()] == [
        "model1:a",
        "model1:b",
        "model1:c",
    ]


DAMAGES = {
    "empty": (b"", 1),
    "line-end-only": (b"\n", 1),
    "cut": (LINE + LINE[:50], 2),
    "cut-in-the-first": (LINE[:-2], 1),
    "empty-line": (LINE + b"\n" + LINE, 2),
    "no-text": (LINE + b"\xff\xfe\n", 2),
    "no-object": (b"null\n", 1),
    "list": (b"[]\n", 1),
    "zeros": (LINE + bytes(100), 2),
    "other-action": (LINE.replace(b'"promote"', b'"demote"'), 1),
    "no-zone": (LINE.replace(b"+00:00", b""), 1),
    "no-time": (LINE.replace(b"2026-11-23T08:00:00+00:00", b"today"), 1),
    "no-reason": (LINE.replace(b'"run 1"', b"null"), 1),
    "nothing-promoted": (LINE.replace(b'{"model1":"model1:a"}', b"{}"), 1),
    "tag-no-text": (LINE.replace(b'"model1:a"', b"3"), 1),
    "of-the-old-alias-file": (b'{"model1": "model1:a"}\n', 1),
}


@pytest.mark.parametrize(("content", "number"), DAMAGES.values(), ids=DAMAGES)
def test_damaged_history_names_file_line_and_cure(
    history: PromotionLog, content: bytes, number: int
) -> None:
    """Nobody guesses what is served, and what is to be done is in the message."""
    history.file.write_bytes(content)

    with pytest.raises(PromotionsDamagedError, match="make run") as raised:
        history.read()

    assert str(raised.value).startswith(f"{history.file} is damaged in line {number} (")
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize(("content", "number"), DAMAGES.values(), ids=DAMAGES)
def test_adding_to_a_damaged_history_keeps_it_aside_and_starts_anew(
    history: PromotionLog, caplog: pytest.LogCaptureFixture, content: bytes, number: int
) -> None:
    """The damaged file is named in a warning, byte for byte what it was."""
    history.file.write_bytes(content)

    with caplog.at_level(logging.WARNING):
        history.add("promote", reason="mended", promoted={"model1": "model1:b"})

    assert [said.reason for said in history.read()] == ["mended"]
    (kept,) = (path for path in history.file.parent.iterdir() if path != history.file)
    assert kept.read_bytes() == content
    assert re.fullmatch(r"promotions\.damaged-[0-9a-f]{8}\.jsonl", kept.name)
    assert f"damaged in line {number}" in caplog.text
    assert str(kept) in caplog.text


def test_second_damage_does_not_replace_what_was_kept_of_the_first(
    history: PromotionLog,
) -> None:
    """Each damaged file has a name of its own."""
    for content in (b"first", b"second"):
        history.file.write_bytes(content)
        history.add("promote", reason="", promoted={"model1": "model1:b"})

    kept = {path.read_bytes() for path in history.file.parent.glob("promotions.damaged-*")}
    assert kept == {b"first", b"second"}


def test_history_that_cannot_be_read_is_left_alone(history: PromotionLog) -> None:
    """A file that is not seen to be damaged is not replaced."""
    history.file.mkdir()

    for look in (history.read, lambda: history.add("promote", reason="", promoted={"a": "a:b"})):
        with pytest.raises(ModelStoreError, match=r"promotions\.jsonl can't be read: Is a dir"):
            look()

    assert history.file.is_dir()


@pytest.mark.parametrize(
    ("words", "stack"),
    [
        ("", ""),
        ("a", "a"),
        ("a b c", "a b c"),
        ("a b <a", "a"),
        ("a b c <b <a", "a"),
        ("a b <a c", "a c"),
        ("a b c <b d", "a b d"),
        ("a b c <b d <b <a", "a"),
        ("a b b b", "a b"),
        ("a b <a a", "a"),
        ("a b a", "a b a"),
        ("<a b", "a b"),  # nothing that is written here: a history that lost its beginning
    ],
)
def test_undo_stack_of_a_history(words: str, stack: str) -> None:
    """Promoting pushes, rolling back pops, and promoting what is served is no step."""
    assert [said.promoted["model1"] for said in undo_stack(steps(words))] == [
        f"model1:{version}" for version in stack.split()
    ]


@pytest.mark.parametrize(
    ("words", "found", "is_served"),
    [
        ("", "", False),
        ("b", "", False),
        ("a", "promote", True),
        ("a a", "promote", True),
        ("a b", "promote", False),
        ("b a b <a", "promote rollback", True),
        ("a b a", "promote promote", True),
    ],
)
def test_promotions_of_a_tag(words: str, found: str, *, is_served: bool) -> None:
    """Each time that it came into service, and the last of these while it is served."""
    came = promotions_of("model1:a", steps(words))

    assert [said.action for said in came] == found.split()
    assert served_since("model1:a", steps(words)) == (came[-1] if is_served else None)
