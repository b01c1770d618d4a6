"""Letters in a real file: each once, whatever crashed before."""

from __future__ import annotations

import asyncio
import json
import os
from pathlib import Path

import pytest

from cockpit.broadcast.sender import Absent, Outgoing, Refused, Sent, unpack
from cockpit.broadcast.senders.file import FileSender


def letter(key: str, text: str = "hello") -> Outgoing:
    return Outgoing(key, "thread", 1, "INC-1", text)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "updates.jsonl"


@pytest.fixture
def sender(path: Path) -> FileSender:
    return FileSender("file", path)


def lines(path: Path) -> list[bytes]:
    return path.read_bytes().splitlines()


def keys(path: Path) -> list[str]:
    return [json.loads(line)["key"] for line in lines(path)]


async def test_a_letter_is_one_line_that_only_its_owner_reads(sender: FileSender, path: Path) -> None:
    assert await sender.send(letter("a", "two\nlines").pack()) == Sent()
    assert json.loads(lines(path)[0]) == {
        "key": "a", "kind": "thread", "at": 1, "incident": "INC-1", "text": "two\nlines",
    }  # fmt: skip
    assert os.stat(path).st_mode & 0o777 == 0o600


async def test_a_letter_sent_again_is_there_once(sender: FileSender, path: Path) -> None:
    for key in ("a", "b", "a", "b"):
        assert await sender.send(letter(key).pack()) == Sent()
    assert keys(path) == ["a", "b"]


async def test_it_is_found_after_a_crash_between_write_and_commit(sender: FileSender, path: Path) -> None:
    assert await sender.find(letter("a"), b"") == Absent(certain=True)
    await sender.send(letter("a").pack())
    later = FileSender("file", path)
    assert await later.find(letter("a"), b"") == Sent()
    assert await later.find(letter("b"), b"") == Absent(certain=True)


@pytest.mark.parametrize("kept", range(1, len(letter("b").pack()) + 1))
async def test_a_torn_line_is_mended_wherever_it_tore(sender: FileSender, path: Path, kept: int) -> None:
    await sender.send(letter("a").pack())
    with path.open("ab") as file:
        file.write(letter("b").pack()[:kept])
    later = FileSender("file", path)
    assert await later.find(letter("b"), b"") == Absent(certain=True)
    assert await later.send(letter("b").pack()) == Sent()
    assert keys(path) == ["a", "b"]


def test_an_unfinished_line_of_somebody_else_is_kept(sender: FileSender, path: Path) -> None:
    path.write_bytes(b"notes\nno newline")
    assert asyncio.run(sender.send(letter("a").pack())) == Sent()
    assert lines(path)[:2] == [b"notes", b"no newline"]
    assert asyncio.run(sender.find(letter("a"), b"")) == Sent()


async def test_many_at_once_do_not_mix(sender: FileSender, path: Path) -> None:
    names = [f"k{number}" for number in range(30)]
    results = await asyncio.gather(*(sender.send(letter(name, "x" * 20_000).pack()) for name in names))
    assert set(results) == {Sent()}
    assert sorted(keys(path)) == sorted(names)


async def test_only_the_tail_is_read(sender: FileSender, path: Path) -> None:
    await sender.send(letter("old").pack())
    await sender.send(letter("big", "x" * (2 << 20)).pack())
    await sender.send(letter("new").pack())
    assert await sender.find(letter("new"), b"") == Sent()
    assert await sender.find(letter("old"), b"") == Absent(certain=True)


async def test_a_place_that_cannot_be_written_refuses_for_now(tmp_path: Path) -> None:
    result = await FileSender("file", tmp_path / "none" / "updates.jsonl").send(letter("a").pack())
    assert isinstance(result, Refused) and not result.final
    assert result.why == f"{tmp_path}/none/updates.jsonl: No such file or directory"


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="only Linux has a device that is always full")
async def test_a_full_disk_refuses_until_there_is_room(sender: FileSender, path: Path) -> None:
    os.symlink("/dev/full", path)
    assert isinstance(await sender.send(letter("a").pack()), Refused)
    os.unlink(path)
    assert await sender.send(letter("a").pack()) == Sent()
    assert keys(path) == ["a"]


def test_a_payload_comes_back() -> None:
    assert unpack(letter("a", "<!channel> \u202e").pack()) == letter("a", "<!channel> \u202e")
