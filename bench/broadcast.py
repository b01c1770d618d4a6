"""From a change of state to the request at Slack, and what readers get after an outage of six hours.

Slack is the strict fake of the tests, over real HTTP on loopback, in this process; the engine is a process of its own.
"""

from __future__ import annotations

import asyncio
import os
import re
import time
from collections.abc import Callable
from functools import partial
from typing import Any

from slack_sdk.web.async_client import AsyncWebClient

from bench.engine import configured
from bench.proc import percentile
from cockpit.clock import SystemClock
from cockpit.protocol.client import Client
from cockpit.protocol.commands import AnyCommand, Declare, Need, Note, SetSeverity
from cockpit.protocol.messages import Rows
from tests.slack.server import FakeSlack
from tests.slack.workspace import CHANNEL, FULL

ROUNDS = 200
OUTAGE = 6 * 3600
"""Seconds of the incident, which pass at this speed:"""
SPEED = 600.0
CADENCE = 1200
"""Seconds between two updates of the incident."""
MERGED = re.compile(r"[0-9]+(?= updates while)")
QUIET = 0.1
"""Real seconds without a call after which the engine has told all it had to tell."""


def destination(slack: FakeSlack) -> dict[str, Any]:
    """A config whose only destination is that Slack."""
    os.environ["BENCH_SLACK_TOKEN"] = FULL
    chat = {"kind": "slack", "channel": CHANNEL, "token": {"env": "BENCH_SLACK_TOKEN"}, "api": slack.api}
    return {"broadcast": {"destinations": [chat], "floor": "0s"}}


async def until(condition: Callable[[], bool], within: float = 60.0) -> None:
    """Wait until it is so."""
    async with asyncio.timeout(within):
        while not condition():  # noqa: ASYNC110
            await asyncio.sleep(0.002)


async def quiet(slack: FakeSlack) -> None:
    """Wait until no more calls come."""
    seen = -1
    while seen != len(slack.books.calls):
        seen = len(slack.books.calls)
        await asyncio.sleep(QUIET)


async def do(client: Client, command: AnyCommand) -> None:
    answer = await client.do(command)
    assert answer.ok, answer


async def latencies() -> None:
    """Print how long news take, beside a bare call of Slack's own client to the same server in the same run."""
    card, post, bare = list[float](), list[float](), list[float]()
    async with FakeSlack() as slack, configured(destination(slack)) as client:
        looking = asyncio.get_running_loop().create_task(_read(client, []))  # noqa: TID251
        sdk = AsyncWebClient(token=FULL, base_url=slack.api, retry_handlers=[])
        await do(client, Declare(title="Logins failing", severity="SEV2"))
        await until(lambda: bool(slack.books.called("chat.postMessage")))
        await quiet(slack)
        for number in range(ROUNDS):
            seen = len(slack.books.calls)
            began = SystemClock().now()
            await do(client, SetSeverity(severity="SEV1" if number % 2 == 0 else "SEV2"))

            await until(partial(_told, slack, seen))
            card.append((_first(slack, seen, "chat.update") - began) / 1e3)
            post.append((_first(slack, seen, "chat.postMessage") - began) / 1e3)
            await quiet(slack)
            began = SystemClock().now()
            await sdk.chat_postMessage(channel=CHANNEL, text="a bare call")
            bare.append((slack.books.calls[-1].at - began) / 1e3)
        looking.cancel()
    for name, values in (("slack_sdk alone", bare), ("the card's edit", card), ("the post in the thread", post)):
        print(f"{name:24} p50 {percentile(values, 50):6.1f} ms, p99 {percentile(values, 99):6.1f} ms")
    print("budget: change of state -> request, p99 <= 250 ms")


def _told(slack: FakeSlack, seen: int) -> bool:
    return bool(_first(slack, seen, "chat.update") and _first(slack, seen, "chat.postMessage"))


def _first(slack: FakeSlack, seen: int, method: str) -> int:
    """When that was first called after so many calls; 0 when it was not."""
    return next((call.at for call in slack.books.calls[seen:] if call.method == method), 0)


async def outage() -> None:
    """Print what is told once Slack is back after hours in which updates came due all the time."""
    updates: list[str] = []
    async with FakeSlack() as slack:
        settings = destination(slack)
        settings["broadcast"]["cadence"] = {"SEV2": f"{CADENCE}s"}
        async with configured(settings, SPEED) as client:
            looking = asyncio.get_running_loop().create_task(_read(client, updates))  # noqa: TID251
            await do(client, Declare(title="Logins failing", severity="SEV2"))
            await until(lambda: bool(slack.books.called("chat.postMessage")))
            await quiet(slack)
            before = len(slack.books.everything())
            await slack.down()
            await asyncio.sleep(OUTAGE / SPEED / 2)
            await do(client, Need(person="bo", reason="network"))
            await do(client, Note(text="half the time is over"))
            await asyncio.sleep(OUTAGE / SPEED / 2)
            await slack.up()
            back, due = time.monotonic(), len(updates) - 1
            await until(lambda: len(slack.books.everything()) > before, 120)
            first = time.monotonic() - back
            # What cannot be told any more is told by nothing here: it ends in a TimeoutError.
            await until(lambda: _updates_told(slack, before) >= due, 120)
            last = time.monotonic() - back
            looking.cancel()
        posts = slack.books.everything()[before:]
        lost, twice = max(0, due - _updates_told(slack, before)), len(slack.books.twice())
    print(f"{due} updates in {OUTAGE // 3600} h; {len(posts)} posts tell of them and of what came due since")
    print(
        f"lost={lost} twice={twice}; the first came {first:.1f} real seconds after Slack was back, the last {last:.1f}"
    )
    for message in posts:
        print(f"  {message.text[:110]}")


def _updates_told(slack: FakeSlack, before: int) -> int:
    """How many updates the posts after so many tell of; those that are merged say of how many."""
    merged = [MERGED.match(post.text) for post in slack.books.everything()[before:]]
    return sum(int(found[0]) if found else 1 for found in merged)


async def _read(client: Client, updates: list[str]) -> None:
    """Take what the engine sends; the headlines of updates are kept."""
    async for message in client.messages():
        if isinstance(message, Rows):
            updates += [str(row.text) for row in message.rows if row.text.startswith("posted:")]


async def _both() -> None:
    await latencies()
    await outage()


def main() -> None:
    """Print the figures."""
    asyncio.run(_both())


if __name__ == "__main__":
    main()
