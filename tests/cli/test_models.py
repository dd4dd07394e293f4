"""The commands `spike-assets models …`: what they print, what they change, how they fail."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from spike_assets.cli.main import main
from spike_assets.registry.model_store import ModelStore
from spike_assets.registry.trained_model import KIND_OF, Kind
from tests.support.bento_case import described_bento
from tests.support.disks import filled, read_only, small_disk
from tests.support.tiny_store import (
    DATA_VERSIONS,
    PAIR,
    TinyForecaster,
    another_patch_release,
    flip_a_byte,
    folder_of,
    pretend_written_with,
    promoted_pair,
    registered,
    registered_pair,
    tags_in,
)

COMMAND = Path(sys.executable).parent / "spike-assets"


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModelStore:
    monkeypatch.setenv("BENTOML_HOME", str(tmp_path / "bentoml"))
    monkeypatch.setenv("BENTOML_DO_NOT_TRACK", "True")
    monkeypatch.setitem(KIND_OF, "forecaster", Kind("forecaster", TinyForecaster.from_bytes))
    return ModelStore()


def models(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["models", *arguments], prog_name="spike-assets")


def printed(*arguments: str) -> str:
    done = models(*arguments)
    assert done.exit_code == 0, done.output
    return done.stdout


def refused(*arguments: str) -> str:
    """Run a command that has to fail with one line; give it."""
    done = models(*arguments)
    assert (done.exit_code, done.stdout) == (1, "")
    (line,) = done.stderr.splitlines()
    assert line.startswith("Error: ")
    return line


def row_of(tag: str, table: str) -> str:
    (row,) = [line for line in table.splitlines() if tag in line]
    return re.sub(r" {2,}", " | ", row.strip())


def test_list_has_a_row_for_each_version(store: ModelStore) -> None:
    """Its kind, scores, and since when and why it is promoted; damaged ones say so."""
    tag = registered(store, "model1", synthetic=True)
    bad, old = registered(store, "model2"), registered(store, "model2")
    forecaster = store.register(TinyForecaster(0.5), data_versions=DATA_VERSIONS, synthetic=False)
    store.promote({"model1": tag, "forecaster": forecaster}, reason="[run] :smile: 7")
    flip_a_byte(folder_of(store, bad))

    table = printed("list")

    time = r"\d{4}-\d\d-\d\d \d\d:\d\d"
    assert re.fullmatch(
        rf"{tag} \| {time} \| SYNTHETIC \| 2014-01 to 2014-12 \| r2 0\.75, rmse 2\.5, mae 1\.5"
        rf" \| {time}: \[run\] :smile: 7",
        row_of(tag, table),
    )
    assert row_of(old, table).endswith("files | 2014-01 to 2014-12 | r2 0.75, rmse 2.5, mae 1.5")
    assert "1995-01 to 2021-02 | rmse 6.25, coverage_80 0.8125 |" in row_of(forecaster, table)
    assert "damaged: it is not the file that was registered" in row_of(bad, table)


def test_version_of_other_libraries_is_listed_with_what_that_means(store: ModelStore) -> None:
    """Another patch release is named beside the scores, another minor release in their place."""
    patch, minor = registered(store, "model1"), registered(store, "model2")
    other = another_patch_release("scikit-learn")
    pretend_written_with(folder_of(store, patch), library="scikit-learn", other=other)
    pretend_written_with(folder_of(store, minor), library="scikit-learn", other="0.1.2")

    table = printed("list")

    assert f"mae 1.5; was written with scikit-learn {other} (" in row_of(patch, table)
    assert "can't be served: it was written with scikit-learn 0.1.2" in row_of(minor, table)
    assert "run `make run` to train and promote again" in row_of(minor, table)
    assert "can't be served: it was written with" in printed("show", minor)
    listed = json.loads(printed("list", "--json"))
    assert [bool(one["mismatch"]) for one in listed] == [False, True]
    assert printed("compare", patch, minor)


def test_promoted_version_of_another_patch_release_is_served_with_a_warning(
    store: ModelStore,
) -> None:
    """The warning goes to standard error, beside the tags on standard output."""
    tag = registered(store, "model1")
    other = another_patch_release("scikit-learn")
    pretend_written_with(folder_of(store, tag), library="scikit-learn", other=other)

    done = models("promote", tag)

    assert done.stdout == f"{tag} is promoted\n"
    assert done.stderr.startswith(f"warning: {tag} was written with scikit-learn {other} (")


def test_list_of_an_empty_store_says_how_to_fill_it(store: ModelStore) -> None:
    """Looking is no error, and writes nothing."""
    assert printed("list") == "no model is registered; run `make run` to train and register them\n"
    assert printed("list", "--json") == "[]\n"
    assert not store.home.exists()


def test_list_as_json_is_for_programs(store: ModelStore) -> None:
    """The scores in full, and null for what is not known or not so."""
    served, damaged = registered(store, "model1"), registered(store, "model2")
    store.promote({"model1": served}, reason="run 7")
    (folder_of(store, damaged) / "model.yaml").unlink()

    first, second = json.loads(printed("list", "--json"))

    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+\+00:00", first.pop("created"))
    assert re.fullmatch(r"\d{4}-.*\+00:00", first["served_since"].pop("at"))
    assert first == {
        "tag": served,
        "kind": "regressor",
        "synthetic": False,
        "months": {"first": "2014-01", "last": "2014-12", "count": 12},
        "metrics": dict(store.version(served).metrics),
        "damage": None,
        "mismatch": None,
        "library_difference": None,
        "served_since": {"action": "promote", "reason": "run 7"},
    }
    assert second["damage"].startswith("can't be read")
    assert (second["tag"], second["metrics"], second["served_since"]) == (damaged, None, None)


def test_show_tells_everything_that_was_recorded(store: ModelStore) -> None:
    """Each recorded value in full, where the picture is, and every time it came into service."""
    tag = registered(store, "model1", picture=b"\x89PNG")
    store.promote({"model1": tag}, reason="first")
    promoted_pair(store, "other")
    store.rollback(reason="worse")

    lines = [line.split(maxsplit=1) for line in printed("show", tag).splitlines()]

    assert lines[0] == [tag]
    facts = dict(line for line in lines[1:] if line[0] not in ("promote", "rollback"))
    assert facts["kind"] == "regressor"
    assert facts["picture"] == str(folder_of(store, tag) / "backtest.png")
    assert re.fullmatch(r"since \d{4}-\d\d-\d\d \d\d:\d\d: worse", facts["promoted"])
    assert facts["metrics/holdout/rmse_clp_per_litre"] == "2.5"
    assert facts["data_versions/raw_milk_price"] == "a" * 64
    assert facts["selected_columns"] == "Maule, PIB, num"
    record = store.load(tag).metadata
    assert facts["code_version"] == record["code_version"]
    assert {name.partition("/")[0] for name in facts} >= set(record)
    assert [line[1].partition(": ")[2] for line in lines if line[0] in ("promote", "rollback")] == [
        "first",
        "worse",
    ]


def test_show_as_json_has_the_record(store: ModelStore) -> None:
    """The record as it was, and the facts that are known besides."""
    tag = registered(store, "model2")

    shown = json.loads(printed("show", tag, "--json"))

    assert shown["record"] == store.load(tag).metadata
    assert (shown["picture"], shown["promotions"], shown["served_since"]) == (None, [], None)
    assert shown["folder"] == str(folder_of(store, tag))


def test_show_of_a_damaged_version_says_what_is_wrong(store: ModelStore) -> None:
    """Without a traceback, and with the folder to look at."""
    tag = registered(store, "model2")
    (folder_of(store, tag) / "model.yaml").write_bytes(b"\xff")

    shown = printed("show", tag)

    assert "damaged: it can't be read: " in shown
    assert str(folder_of(store, tag)) in shown


def test_compare_marks_what_differs(store: ModelStore) -> None:
    """Scores, data and code side by side, same ones unmarked."""
    first, second = (registered_pair(store, stamp)["model1"] for stamp in ("before", "after"))

    rows = {
        fields[-3]: fields
        for line in printed("compare", first, second).splitlines()[3:]
        if len(fields := line.split()) >= 3
    }

    assert rows["data_versions/raw_milk_price"] == [
        "≠",
        "data_versions/raw_milk_price",
        "before",
        "after",
    ]
    assert rows["metrics/holdout/r2"] == ["metrics/holdout/r2", "0.75", "0.75"]
    assert rows["code_version"][0] == "code_version"


def test_compare_of_different_kinds_as_json(store: ModelStore) -> None:
    """A fact that only one of them has differs too."""
    tag = registered(store, "model1")
    other = store.register(TinyForecaster(0.5), data_versions=DATA_VERSIONS, synthetic=False)

    rows = {row["field"]: row for row in json.loads(printed("compare", tag, other, "--json"))}

    assert rows["metrics/coverage_80"] == {
        "field": "metrics/coverage_80",
        tag: None,
        other: 0.8125,
        "differs": True,
    }
    assert rows["metrics/holdout/r2"][tag] == 0.75
    assert rows["synthetic"]["differs"] is False


def test_promote_switches_all_tags_with_one_line_of_history(store: ModelStore) -> None:
    """The promoted tags are printed, one a line, and the reason is kept."""
    tags = registered_pair(store, "a")

    assert printed("promote", *tags.values(), "--reason", "better") == "".join(
        f"{tag} is promoted\n" for tag in tags.values()
    )

    assert store.promoted() == tags
    assert [(line.action, line.reason) for line in store.promotions()] == [("promote", "better")]


def test_rollback_prints_what_is_served_again(store: ModelStore) -> None:
    """Without a reason, the history says that somebody did it."""
    first = promoted_pair(store, "a")
    promoted_pair(store, "b")

    assert printed("rollback") == "".join(f"{tag} is promoted\n" for tag in first.values())

    assert store.promoted() == first
    assert (store.promotions()[-1].action, store.promotions()[-1].reason) == (
        "rollback",
        "by hand",
    )


def test_promotion_that_a_bento_does_not_follow_says_so(store: ModelStore) -> None:
    """On standard error, of a Bento with other models; one with these needs no word."""
    first, second = promoted_pair(store, "a"), registered_pair(store, "b")
    described_bento(store.home, first)

    promoted, rolled_back = models("promote", *second.values()), models("rollback")

    assert promoted.stdout == "".join(f"{tag} is promoted\n" for tag in second.values())
    assert promoted.stderr == (
        "A Bento serves the models that it was built with, so spike-assets:abc stays as it is; "
        "`bentoml build` makes one of the promoted models\n"
    )
    assert rolled_back.stdout == "".join(f"{tag} is promoted\n" for tag in first.values())
    assert rolled_back.stderr == ""


def test_prune_prints_what_it_removed(store: ModelStore) -> None:
    """For scripts: nothing but tags."""
    old, new = registered_pair(store, "a"), registered_pair(store, "b")

    assert printed("prune", "--keep", "1").split() == list(old.values())

    assert tags_in(store) == set(new.values())
    assert printed("prune", "--keep", "1") == ""


@pytest.mark.parametrize("keep", [(), ("--keep", "0"), ("--keep", "some")])
def test_prune_wants_to_know_how_many_stay(store: ModelStore, keep: tuple[str, ...]) -> None:
    """A usage error, and nothing is removed."""
    registered_pair(store, "a")

    assert models("prune", *keep).exit_code == 2

    assert len(tags_in(store)) == 2


@pytest.mark.parametrize("command", ["show", "compare", "promote"])
@pytest.mark.parametrize(
    "inexact", ["model1", "model1:nothere", "model1:latest", "model9:x", "x:", ":", "..:x", " "]
)
def test_unknown_tag_is_an_error_of_one_line(store: ModelStore, command: str, inexact: str) -> None:
    """It names the tag; a good tag beside it is not promoted either."""
    tags = promoted_pair(store, "a")
    good = registered_pair(store, "b")["model2"]
    others = {"show": (), "compare": (good,), "promote": (good,)}[command]

    assert inexact in refused(command, *others, inexact)

    assert store.promoted() == tags


def test_name_that_is_given_twice_is_an_error(store: ModelStore) -> None:
    """One version of each name is served."""
    tags = [registered(store, "model1") for _ in range(2)]

    assert "name each once" in refused("promote", *tags)

    assert store.promoted() == {}


def test_damaged_version_is_neither_compared_nor_promoted(store: ModelStore) -> None:
    """Each says which it is, and why."""
    good, bad = registered(store, "model1"), registered(store, "model1")
    flip_a_byte(folder_of(store, bad))

    for command in (("promote", bad), ("compare", good, bad)):
        assert f"{bad} is not the file that was registered" in refused(*command)

    assert store.promoted() == {}


def test_rollback_with_nothing_before_is_an_error_of_one_line(store: ModelStore) -> None:
    """It names the history."""
    promoted_pair(store, "a")

    assert f"nothing to roll back to: {store.promotions_file}" in refused("rollback")


@pytest.mark.parametrize("command", [("list",), ("rollback",), ("prune", "--keep", "1")])
def test_damaged_history_is_an_error_of_one_line(
    store: ModelStore, command: tuple[str, ...]
) -> None:
    """With the file, the line, and what to do."""
    promoted_pair(store, "a")
    store.promotions_file.write_bytes(b"[]\n")

    assert f"{store.promotions_file} is damaged in line 1" in refused(*command)

    assert len(tags_in(store)) == 2


def test_read_only_store_is_looked_at_and_not_changed(store: ModelStore) -> None:
    """Looking works as ever; writing names the folder and the reason."""
    first, second = promoted_pair(store, "a"), promoted_pair(store, "b")

    with read_only(store.home) as reason:
        for look in (
            ("list",),
            ("show", first["model1"]),
            ("compare", first["model1"], second["model1"]),
        ):
            assert first["model1"] in printed(*look)
        for change in (("promote", first["model1"]), ("rollback",), ("prune", "--keep", "1")):
            assert f"{store.home} can't be written: {reason}" in refused(*change)

    assert store.promoted() == second


def test_full_disk_is_an_error_of_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With room again, the same command goes through."""
    with small_disk(tmp_path, kilobytes=1000):
        monkeypatch.setenv("BENTOML_HOME", str(tmp_path))
        store = ModelStore()
        tags = registered_pair(store, "a")
        with filled(tmp_path):
            assert f"{tmp_path} can't be written: No space left on device" in refused(
                "promote", *tags.values()
            )
        assert store.promoted() == {}
        printed("promote", *tags.values())
        assert store.promoted() == tags


def test_installed_command_promotes_and_lists(store: ModelStore) -> None:
    """As people type it, into a pipe."""
    tags = registered_pair(store, "a")

    for arguments in (["promote", *tags.values()], ["list"]):
        done = subprocess.run(
            [COMMAND, "models", *arguments],
            env=os.environ | {"BENTOML_HOME": str(store.home)},
            capture_output=True,
            text=True,
            timeout=60,
            check=True,
        )

    assert [row_of(tags[name], done.stdout).endswith(": by hand") for name in PAIR] == [True, True]
    assert done.stderr == ""
