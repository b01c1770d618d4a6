"""A file in which pipelines leave marks."""

from __future__ import annotations

import asyncio
import fcntl
import json
import os
import signal
from pathlib import Path
from typing import Any

import pytest

from cockpit.changes.source import Tools
from cockpit.changes.watched import LIMIT, WatchedFile
from cockpit.config.sources import FileSource


def mark(name: str, **more: Any) -> str:
    return (
        json.dumps({"id": name, "at": "2025-11-20T11:00:00Z", "kind": "deploy", "what": f"shop {name}", **more}) + "\n"
    )


def put(path: Path, text: str) -> None:
    path.write_text(text)


def replace(path: Path, text: str) -> None:
    beside = path.with_suffix(".new")
    beside.write_text(text)
    beside.replace(path)


def put_unseen(path: Path, text: str) -> None:
    """As if nothing was written: the same inode, size and time."""
    was = path.stat()
    with open(path, "r+") as file:
        file.write(text)
    os.utime(path, ns=(was.st_atime_ns, was.st_mtime_ns))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "marks.jsonl"


@pytest.fixture
def source(tools: Tools) -> WatchedFile:
    return WatchedFile(FileSource(name="marks", type="file", path="marks.jsonl", service="shop"), tools)


async def told(source: WatchedFile) -> list[str]:
    looked = await source.look()
    assert not looked.problems
    return [seen.what for _, seen in looked.changes]


async def test_every_line_is_a_change(source: WatchedFile, path: Path) -> None:
    put(path, mark("a") + "\n" + mark("b", service="web"))
    looked = await source.look()
    assert [(seen.change, seen.service) for _, seen in looked.changes] == [("marks:a", "shop"), ("marks:b", "web")]


async def test_a_torn_last_line_waits_until_it_is_whole(source: WatchedFile, path: Path) -> None:
    put(path, mark("a") + mark("b")[:20])
    assert await told(source) == ["deploy shop a"]
    put(path, mark("a") + mark("b").rstrip())
    assert await told(source) == ["deploy shop a", "deploy shop b"]


async def test_a_line_that_stays_torn_is_told(source: WatchedFile, path: Path) -> None:
    put(path, mark("a") + '{"id": ')
    await source.look()
    looked = await source.look()
    assert looked.problems == ("marks: its end is not whole",) and len(looked.changes) == 1


async def test_a_bad_line_is_told_by_its_number(source: WatchedFile, path: Path) -> None:
    put(path, "\nnonsense\n" + mark("b"))
    looked = await source.look()
    assert len(looked.changes) == 1 and looked.problems[0].startswith("marks: line 2: ")


async def test_another_file_in_its_place_and_a_shorter_one_are_read(source: WatchedFile, path: Path) -> None:
    put(path, mark("a") + mark("b"))
    assert len(await told(source)) == 2
    replace(path, mark("c") + mark("d"))
    assert await told(source) == ["deploy shop c", "deploy shop d"]
    put(path, mark("e"))
    assert await told(source) == ["deploy shop e"]


async def test_an_unchanged_file_is_not_read(source: WatchedFile, path: Path) -> None:
    put(path, mark("a"))
    assert await told(source) == ["deploy shop a"]
    put_unseen(path, mark("z"))
    assert await told(source) == ["deploy shop a"]
    os.utime(path)
    assert await told(source) == ["deploy shop z"]


async def test_the_document_of_a_feed_is_read_and_waits_while_it_is_half_written(
    source: WatchedFile, path: Path
) -> None:
    document = json.dumps({"changes": [json.loads(mark("a"))]}, indent=2)
    put(path, document)
    assert await told(source) == ["deploy shop a"]
    put(path, document[: len(document) // 2])
    assert await told(source) == ["deploy shop a"]


async def test_only_the_end_of_a_long_file_is_read(source: WatchedFile, path: Path) -> None:
    put(path, mark("old", link="x" * 200) * (LIMIT // 250) + mark("new"))
    looked = await source.look()
    assert looked.changes[-1][1].change == "marks:new"
    assert looked.problems == ("marks: longer than 1024 KiB: only its end is read",)


async def test_what_is_no_file_is_told(source: WatchedFile, path: Path) -> None:
    looked = await source.look()
    assert not looked.answered and f"there is no {path}: `touch` it" in looked.problems[0]
    os.mkfifo(path)
    looked = await source.look()
    assert not looked.answered and "not a regular file" in looked.problems[0]


@pytest.mark.parametrize("first", ['{"id": "1", "what": "say "hi""}\n', '{"id":\n', '{"id": ["\n'])
async def test_a_bad_first_line_hides_no_other(source: WatchedFile, path: Path, first: str) -> None:
    put(path, first + mark("2"))
    looked = await source.look()
    assert [seen.what for _, seen in looked.changes] == ["deploy shop 2"]
    assert "line 1" in looked.problems[0]


@pytest.mark.skipif(not hasattr(fcntl, "F_SETLEASE"), reason="leases are of Linux")
async def test_a_disk_that_hangs_takes_one_thread_only(tools: Tools, path: Path) -> None:
    source = WatchedFile(FileSource(name="marks", type="file", path="marks.jsonl", timeout=0.1), tools)
    put(path, mark("1"))
    holder = os.open(path, os.O_RDWR)
    before = signal.signal(signal.SIGIO, signal.SIG_IGN)
    try:
        # Who opens what is leased waits until its holder lets go.
        fcntl.fcntl(holder, fcntl.F_SETLEASE, fcntl.F_WRLCK)
        assert "could not be read within" in (await source.look()).problems[0]
        assert "still hangs" in (await source.look()).problems[0]
    finally:
        os.close(holder)
        signal.signal(signal.SIGIO, before)
    async with asyncio.timeout(10):
        while not (await source.look()).changes:
            pass
