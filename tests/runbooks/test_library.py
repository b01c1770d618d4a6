"""Which runbooks there are, and which may run."""

from __future__ import annotations

import hashlib
import os
import stat
from pathlib import Path

import pytest

from cockpit.runbooks.library import bundled_directory, library, read_entry
from cockpit.runbooks.trust import diff, trust, trusted

OWN = "version: 1\nid: {id}\ntitle: Own\nsteps: [{{id: a, title: A, manual: look}}]\n"


def test_bundled_and_own_runbooks_are_found_and_nothing_is_raised(tmp_path: Path) -> None:
    (tmp_path / "own.yaml").write_text(OWN.format(id="own"))
    (tmp_path / "twin.yml").write_text(OWN.format(id="own"))
    (tmp_path / "broken.yaml").write_text("steps: [")
    (tmp_path / "bytes.yaml").write_bytes(b"\xff")
    (tmp_path / "readme.md").write_text("no runbook")
    (tmp_path / "dangling.yaml").symlink_to("nowhere")
    entries = {Path(entry.path).name: entry for entry in library([tmp_path, tmp_path / "missing"])}
    assert "readme.md" not in entries
    assert entries["login-flag.yaml"].bundled and entries["login-flag.yaml"].runbook is not None
    assert entries["own.yaml"].runbook is not None
    for name, words in (
        ("twin.yml", "is the id of"),
        ("broken.yaml", ":1:9: is not YAML"),
        ("bytes.yaml", "is not UTF-8"),
        ("dangling.yaml", "no such file"),
        ("missing", "no such file"),
    ):
        assert entries[name].runbook is None
        assert words in str(entries[name].problems[0])


def test_an_own_runbook_takes_the_place_of_a_bundled_one(tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_text(OWN.format(id="login-flag"))
    named = [entry for entry in library([tmp_path]) if entry.runbook and entry.runbook.id == "login-flag"]
    assert [(entry.bundled, Path(entry.path).name) for entry in named] == [(False, "mine.yaml")]


def test_bundled_runbooks_whose_probes_are_there_come_before_the_others(tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_text(OWN.format(id="mine"))
    probes = ("login-synthetic", "auth-healthz", "checkout-healthz")
    own, first, *others = (entry.runbook.id for entry in library([tmp_path], probes) if entry.runbook)
    assert (own, first) == ("mine", "login-flag") and others == sorted(others) and others


def test_every_bundled_runbook_is_without_any_problem() -> None:
    directory = bundled_directory()
    assert directory is not None
    found = {path.stem: read_entry(path).problems for path in directory.glob("*.yaml")}
    assert found == dict.fromkeys(found, ()) and len(found) == 13


def test_the_digest_is_that_of_the_bytes_that_were_read(tmp_path: Path) -> None:
    file = tmp_path / "own.yaml"
    file.write_bytes(OWN.format(id="own").replace("\n", "\r\n").encode())
    assert read_entry(file).digest == hashlib.sha256(file.read_bytes()).hexdigest()


def test_trust_is_for_these_bytes_at_this_path(tmp_path: Path) -> None:
    store, file, copy = tmp_path / "home" / "trusted.json", tmp_path / "own.yaml", tmp_path / "copy.yaml"
    file.write_text(OWN.format(id="own"))
    copy.write_text(OWN.format(id="own"))
    assert not trusted(store, read_entry(file))
    trust(store, read_entry(file))
    assert trusted(store, read_entry(file))
    assert not trusted(store, read_entry(copy))
    file.write_text(OWN.format(id="own") + "# changed\n")
    assert not trusted(store, read_entry(file))
    trust(store, read_entry(file))
    trust(store, read_entry(copy))
    assert trusted(store, read_entry(file)) and trusted(store, read_entry(copy))
    assert stat.S_IMODE(os.stat(store).st_mode) == 0o600
    assert sorted(os.listdir(store.parent)) == ["trusted.json", "trusted.json.texts"]


def test_what_is_different_from_the_trusted_text_is_shown_also_in_what_it_includes(tmp_path: Path) -> None:
    store, file, part = tmp_path / "home" / "trusted.json", tmp_path / "own.yaml", tmp_path / "part.yaml"
    text = OWN.format(id="own").replace("manual: look", "include: part.yaml")
    file.write_text(text)
    part.write_text(OWN.format(id="part"))
    assert diff(store, read_entry(file)) == ()
    first = read_entry(file)
    trust(store, first)
    assert diff(store, first) == () and trusted(store, first)
    copies = store.parent / "trusted.json.texts"
    assert stat.S_IMODE(os.stat(copies).st_mode) == 0o700
    assert [stat.S_IMODE(os.stat(copy).st_mode) for copy in copies.iterdir()] == [0o600]
    part.write_text(OWN.format(id="part").replace("look", "leap"))
    changed = read_entry(file)
    assert not trusted(store, changed)
    assert diff(store, changed) == (
        "--- part.yaml (trusted)", "+++ part.yaml (now)", "@@ -1,5 +1,5 @@", " version: 1", " id: part", " title: Own",
        "-steps: [{id: a, title: A, manual: look}]", "+steps: [{id: a, title: A, manual: leap}]", " ",
    )  # fmt: skip
    trust(store, changed)
    assert len(list(copies.iterdir())) == 1 and diff(store, changed) == ()
    for copy in copies.iterdir():
        copy.write_text("{")
    file.write_text(text + "# more\n")
    assert diff(store, read_entry(file)) == ()


def test_the_digest_covers_every_byte_and_name_that_is_included(tmp_path: Path) -> None:
    file = tmp_path / "own.yaml"
    seen = set()
    for name, part in (("part.yaml", "a"), ("part.yaml", "b"), ("other.yaml", "a")):
        (tmp_path / name).write_text(OWN.format(id=part))
        file.write_text(OWN.format(id="own").replace("manual: look", f"include: ./{name}"))
        entry = read_entry(file)
        assert [each.name for each in entry.included] == [name] and entry.runbook is not None, entry.problems
        seen.add(entry.digest)
    assert len(seen) == 3


def test_a_link_out_of_the_directory_is_not_included(tmp_path: Path) -> None:
    (tmp_path / "below").mkdir()
    (tmp_path / "outside.yaml").write_text(OWN.format(id="outside"))
    (tmp_path / "below" / "link.yaml").symlink_to(tmp_path / "outside.yaml")
    file = tmp_path / "below" / "own.yaml"
    file.write_text(OWN.format(id="own").replace("manual: look", "include: link.yaml"))
    entry = read_entry(file)
    assert entry.runbook is None
    assert "leads out of the runbook's directory" in str(entry.problems[0]) and entry.problems[0].line == 4


def test_bundled_runbooks_are_trusted(tmp_path: Path) -> None:
    bundled = next(entry for entry in library([]) if entry.bundled)
    assert trusted(tmp_path / "none.json", bundled)


@pytest.mark.parametrize("damage", ["", "[1]", "{", "null"])
def test_a_damaged_store_trusts_nothing_and_can_be_written_again(tmp_path: Path, damage: str) -> None:
    store, file = tmp_path / "trusted.json", tmp_path / "own.yaml"
    file.write_text(OWN.format(id="own"))
    store.write_text(damage)
    assert not trusted(store, read_entry(file))
    trust(store, read_entry(file))
    assert trusted(store, read_entry(file))


def test_a_store_that_others_may_write_trusts_nothing(tmp_path: Path) -> None:
    store, file = tmp_path / "trusted.json", tmp_path / "own.yaml"
    file.write_text(OWN.format(id="own"))
    trust(store, read_entry(file))
    store.chmod(0o666)
    assert not trusted(store, read_entry(file))


def test_an_unreadable_file_is_never_trusted(tmp_path: Path) -> None:
    store, file = tmp_path / "trusted.json", tmp_path / "own.yaml"
    trust(store, read_entry(file))
    assert not trusted(store, read_entry(file))


def test_a_config_may_leave_bundled_ones_out() -> None:
    assert [entry.runbook.id for entry in library([], only=["sql-push"]) if entry.runbook] == ["sql-push"]
    assert library([], only=[]) == ()
