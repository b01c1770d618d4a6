"""Locks of services: one holder, named, and never one too few."""

from __future__ import annotations

import fcntl
import os
import random
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

from cockpit.execution import locks
from cockpit.execution.locks import UNKNOWN, Holder, LockTaken, holder, release, take

ADA = Holder("ada", "web-1", "default", "run-1", "Roll back login", 1_700_000_000_000_000, 4711)
BOB = replace(ADA, person="bob", run="run-2", reason="ada lost her connection")


@pytest.fixture
def place(tmp_path: Path) -> Path:
    return tmp_path / "state" / "locks"


def test_a_free_lock_is_taken_and_its_holder_named(place: Path) -> None:
    assert holder(place, "login") is None
    take(place, "login", ADA)
    assert holder(place, "login") == ADA
    assert holder(place, "checkout") is None


def test_a_taken_lock_is_refused_with_its_holder(place: Path) -> None:
    take(place, "login", ADA)
    with pytest.raises(LockTaken, match="held by ada") as refused:
        take(place, "login", BOB)
    assert refused.value.holder == ADA
    assert holder(place, "login") == ADA


def test_whoever_has_it_may_take_it_again(place: Path) -> None:
    take(place, "login", ADA)
    take(place, "login", ADA)
    assert holder(place, "login") == ADA


def test_it_is_taken_over_from_the_one_who_was_seen_only(place: Path) -> None:
    take(place, "login", ADA)
    take(place, "login", BOB, over=ADA)
    assert holder(place, "login") == BOB
    with pytest.raises(LockTaken) as refused:
        take(place, "login", replace(ADA, person="eve"), over=ADA)
    assert refused.value.holder == BOB


def test_taking_over_from_somebody_who_has_left_is_told(place: Path) -> None:
    with pytest.raises(LockTaken, match="nobody") as refused:
        take(place, "login", BOB, over=ADA)
    assert refused.value.holder is None
    assert holder(place, "login") is None


def test_only_ones_own_is_released(place: Path) -> None:
    assert not release(place, "login", ADA)
    take(place, "login", ADA)
    assert not release(place, "login", BOB)
    assert not release(place, "login", replace(ADA, since=ADA.since + 1))
    assert holder(place, "login") == ADA
    assert release(place, "login", ADA)
    assert holder(place, "login") is None
    assert not release(place, "login", ADA)


@pytest.mark.parametrize("name", ["../escape", "/etc/passwd", ".", "..", "a b/c\n", "é", "x" * 200, "\udcff"])
def test_a_name_is_only_a_name(place: Path, name: str) -> None:
    take(place, name, ADA)
    assert holder(place, name) == ADA
    (file,) = place.iterdir()
    assert file.suffix == ".json"
    assert release(place, name, ADA)


def test_what_somebody_typed_is_shown_harmlessly_and_still_their_own(place: Path) -> None:
    typed = replace(ADA, person="ada\x1b[2J", reason="a\u202eb\udcff" + "x" * 100_000)
    take(place, "login", typed)
    seen = holder(place, "login")
    assert seen is not None
    assert "\x1b" not in seen.person
    with pytest.raises(LockTaken):
        take(place, "login", BOB)
    assert release(place, "login", typed)


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b'{"person": "ada"', b"[]", b"null", b"7", b'{"person": "ada"}', b"\xff\xfe", b"[" * 100_000,
     b'{"person": 7, "host": "", "profile": "", "run": "", "runbook": "", "since": 1, "pid": 1, "reason": ""}'],
)  # fmt: skip
def test_a_damaged_or_foreign_file_is_held_by_nobody_knows_whom(place: Path, content: bytes) -> None:
    take(place, "login", ADA)
    (place / "login.json").write_bytes(content)
    assert holder(place, "login") == UNKNOWN
    with pytest.raises(LockTaken, match="unknown"):
        take(place, "login", BOB)
    assert not release(place, "login", ADA)
    take(place, "login", BOB, over=UNKNOWN)
    assert holder(place, "login") == BOB


def test_what_cannot_be_read_is_not_free(place: Path) -> None:
    (place / "login.json").mkdir(parents=True)
    assert holder(place, "login") == UNKNOWN
    with pytest.raises(LockTaken, match="unknown"):
        take(place, "login", ADA)


def test_a_draft_that_a_crash_left_is_no_lock(place: Path) -> None:
    place.mkdir(parents=True)
    (place / ".login.json.new").write_bytes(b"half a rec")
    assert holder(place, "login") is None
    take(place, "login", ADA)
    assert [file.name for file in place.iterdir()] == ["login.json"]


def test_the_file_is_for_its_owner(place: Path) -> None:
    take(place, "login", ADA)
    assert (place / "login.json").stat().st_mode & 0o777 == 0o600
    assert place.stat().st_mode & 0o777 == 0o700


def test_a_process_that_does_not_let_go_is_told(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(locks, "PATIENCE", 0.05)
    place.mkdir(parents=True)
    handle = os.open(place, os.O_RDONLY)
    fcntl.flock(handle, fcntl.LOCK_EX)
    with pytest.raises(TimeoutError, match="does not let go"):
        take(place, "login", ADA)
    os.close(handle)
    take(place, "login", ADA)


RACER = """
import sys
import time
from pathlib import Path
from cockpit.execution.locks import Holder, LockTaken, take
place, person = Path(sys.argv[1]), sys.argv[2]
over = Holder("ada", since=1) if sys.argv[3] == "over" else None
print("ready", flush=True)
sys.stdin.read()
try:
    take(place, "login", Holder(person, since=2), over=over)
    print("won")
except LockTaken as taken:
    print("lost to", taken.holder.person)
"""


@pytest.mark.parametrize("way", ["free", "over"])
def test_of_sixteen_processes_exactly_one_wins(place: Path, way: str) -> None:
    if way == "over":
        take(place, "login", Holder("ada", since=1))
    racers = [
        subprocess.Popen(
            [sys.executable, "-c", RACER, str(place), f"p{number}", way],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )
        for number in range(16)
    ]  # fmt: skip
    for racer in racers:
        assert racer.stdout is not None
        assert racer.stdout.readline() == "ready\n"
    for racer in racers:
        assert racer.stdin is not None
        racer.stdin.close()
        racer.stdin = None
    said = [racer.communicate()[0] for racer in racers]
    winner = holder(place, "login")
    assert winner is not None
    assert said.count("won\n") == 1
    assert said.index("won\n") == int(winner.person.removeprefix("p"))
    assert set(said) == {"won\n", f"lost to {winner.person}\n"}


SWITCHER = """
import sys
import time
from dataclasses import replace
from pathlib import Path
from cockpit.execution.locks import Holder, take
place, one = Path(sys.argv[1]), Holder("ada", reason="x" * 3000)
other = replace(one, person="bob")
take(place, "login", one)
print("switching", flush=True)
while True:
    take(place, "login", other, over=one)
    take(place, "login", one, over=other)
"""


@pytest.mark.parametrize("seed", range(5))
def test_a_kill_in_the_middle_leaves_one_of_the_two_holders(place: Path, seed: int) -> None:
    process = subprocess.Popen([sys.executable, "-c", SWITCHER, str(place)], stdout=subprocess.PIPE)
    with process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"switching\n"
        time.sleep(random.Random(seed).uniform(0, 0.05))
        process.kill()
    left = holder(place, "login")
    assert left is not None
    assert left.person in {"ada", "bob"}
    # Its hold on the directory died with it.
    take(place, "login", BOB, over=left)
    assert holder(place, "login") == BOB
