"""The timeline as plain lines, for pipes, logs and dumb terminals."""

from __future__ import annotations

import asyncio
import json
import os
import stat
import sys
from collections.abc import Callable

import msgspec

from cockpit.clock import hhmmss
from cockpit.protocol.client import Client
from cockpit.protocol.messages import Answer, Goodbye, Rows
from cockpit.protocol.views import Row

KIND_WIDTH = 8


def line(row: Row) -> str:
    """One row on one line: time in UTC, kind, words, and who."""
    who = f"  ({row.actor})" if row.actor and row.actor != "cockpit" and row.actor not in row.text else ""
    return f"{hhmmss(row.at)}  {row.kind:<{KIND_WIDTH}}  {row.text.line}{who}"


def json_line(stream: str, row: Row) -> str:
    """One row as a JSON object: the event itself beside its words."""
    event = msgspec.json.decode(row.data)
    return json.dumps({"stream": stream, "seq": row.seq, "text": row.text, "event": event}, ensure_ascii=False)


def answer_text(answer: Answer, *, as_json: bool) -> str:
    """What came of a command."""
    if not as_json:
        return answer.text
    fields = {"ok": answer.ok, "text": answer.text, "refusal": answer.refusal}
    return json.dumps(fields | {"stream": answer.stream, "seq": answer.seq}, ensure_ascii=False)


async def follow(client: Client, *, as_json: bool) -> str:
    """Print every row as it comes, until the engine goes; what it said on leaving, in words.

    BrokenPipeError as soon as nobody reads what is printed.
    """
    unread = _unread(client.hang_up)
    stream = ""
    async for message in client.messages():
        if isinstance(message, Goodbye):
            return message.text
        if not isinstance(message, Rows):
            continue
        if message.stream != stream and not as_json and stream:
            print(f"-- {message.stream}", flush=True)
        stream = message.stream
        for row in message.rows:
            print(json_line(stream, row) if as_json else line(row), flush=True)
    if unread.is_set():
        raise BrokenPipeError
    return "the engine went away"


def _unread(leave: Callable[[], None]) -> asyncio.Event:
    """Set, and `leave` called, once nobody reads our output. Only a pipe tells, and without a write to it."""
    loop, out, unread = asyncio.get_running_loop(), sys.stdout.fileno(), asyncio.Event()

    def gone() -> None:
        loop.remove_reader(out)
        unread.set()
        leave()

    if stat.S_ISFIFO(os.fstat(out).st_mode):
        loop.add_reader(out, gone)
    return unread
