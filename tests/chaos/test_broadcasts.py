"""A storm of faults between the cockpit and Slack, and kills at every transition of a letter."""

from __future__ import annotations

import asyncio
import os
import random
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import msgspec
import pytest

from cockpit.broadcast.message import LOUD, REPEATED
from cockpit.incident.broadcasts import UpdatePosted, UpdateUndelivered
from cockpit.incident.event import Event
from tests.chaos.broadcasting import BLOWS, Blow, Teller
from tests.chaos.harness import sound
from tests.slack import faults
from tests.slack.faults import Rule
from tests.slack.server import FakeSlack
from tests.slack.storm import LOOKS, WRITES, storm
from tests.slack.workspace import FULL, WRITE_ONLY, Message, Rules

SEED = int(os.environ.get("COCKPIT_CHAOS_SEED", "1"))
POSTS = int(os.environ.get("COCKPIT_CHAOS_POSTS", "1000"))
POSTS_EACH = 50
AT_ONCE = 20
WORD = re.compile(r"w\d{4}x[0-9a-f]{6}")
TOKENS = {"FAKE_SLACK_FULL": FULL, "FAKE_SLACK_WRITE_ONLY": WRITE_ONLY}
FAR = (*WRITES, faults.late(11.0), faults.hidden(10), faults.reset(hidden=10), faults.truncated(hidden=8))
"""With what arrives a second after its sender gave up, and what history does not show for ten seconds."""


@dataclass
class Tally:
    """What came of it all."""

    posts: int = 0
    messages: int = 0
    merged: int = 0
    repeated: int = 0
    shown: int = 0
    """Updates that nobody can know the fate of, and that the engineer is shown."""
    calls: int = 0
    kills: Counter[str] = field(default_factory=Counter)
    faults: Counter[str] = field(default_factory=Counter)

    def __add__(self, other: Tally) -> Tally:
        pairs = zip(vars(self).items(), vars(other).values(), strict=True)
        return Tally(**{name: mine + theirs for (name, mine), theirs in pairs})

    def __str__(self) -> str:
        killed = ", ".join(f"{count} x {blow}" for blow, count in sorted(self.kills.items()))
        return (
            f"posts={self.posts} messages={self.messages} merged={self.merged} repeated={self.repeated} "
            f"shown={self.shown} calls={self.calls} faults={self.faults.total()} kills={self.kills.total()} ({killed})"
        )


@pytest.fixture(autouse=True)
def tokens(monkeypatch: pytest.MonkeyPatch) -> None:
    """What an engine finds in its environment."""
    for name, value in TOKENS.items():
        monkeypatch.setenv(name, value)


@pytest.mark.chaos
@pytest.mark.timeout(0)
@pytest.mark.parametrize("token", TOKENS)
async def test_a_storm_loses_nothing_and_tells_nothing_twice(token: str, tmp_path: Path) -> None:
    worlds = -(-POSTS // POSTS_EACH)
    print(f"\n{token}: {worlds} incidents, seeds {SEED}-{SEED + worlds - 1}; again with COCKPIT_CHAOS_SEED={SEED}")
    at_once = asyncio.Semaphore(AT_ONCE)

    async def one(seed: int) -> Tally:
        async with at_once:
            blows = [BLOWS[(seed * 6 + number) % len(BLOWS)] for number in range(6)]
            rules = storm(0.25, FAR, LOOKS)
            return await sweep(seed, POSTS_EACH, blows, token, tmp_path / str(seed), rules, late_arrival=12.0)

    async with asyncio.TaskGroup() as tasks:
        running = [tasks.create_task(one(seed), name=f"seed {seed}") for seed in range(SEED, SEED + worlds)]
    total = sum((each.result() for each in running), Tally())
    assert total.posts >= POSTS
    print(f"{token}: {total} lost=0 {'twice=0 in order' if token == 'FAKE_SLACK_FULL' else 'every repeat labelled'}")


async def sweep(
    seed: int, posts: int, blows: Sequence[Blow], token: str, root: Path, rules: list[Rule], late_arrival: float
) -> Tally:
    """One incident told through a storm, and what stands in the channel in the end."""
    chance = random.Random(seed)
    async with FakeSlack(rules=Rules(post_every=chance.choice([0.0, 0.5])), seed=seed) as slack:
        slack.weather.rules = rules
        teller = Teller.of(root, slack, token, chance, late_arrival)
        try:
            await teller.tell(posts, blows)
            await sound(teller.world)
            events = await teller.events()
        finally:
            await teller.close()
        return judged(slack, events, teller.kills, token)


def judged(slack: FakeSlack, events: Sequence[Event], kills: Counter[str], token: str) -> Tally:
    """Everything that must hold whatever happened."""
    posted = [event.body for event in events if isinstance(event.body, UpdatePosted)]
    told = [message for message in slack.books.everything() if message.asked_thread]
    by_word = {word: [each for each in told if word in words(each)] for post in posted for word in of(post)}
    lost = {event.body.update: event.body.why for event in events if isinstance(event.body, UpdateUndelivered)
            if event.body.final}  # fmt: skip
    if token == "FAKE_SLACK_FULL":
        assert not lost, lost
        assert not slack.books.twice()
        once(slack, posted, by_word)
        in_order(posted, told)
    else:
        labelled(posted, by_word, lost)
    assert not slack.books.strays()
    assert not slack.books.waiting(), "the dead man's switch outlives the incident"
    return Tally(
        len(posted), len(told), sum(max(0, len(found(each)) - 1) for each in told),
        sum(REPEATED in text(each) for each in told), len(lost), len(slack.books.calls), kills,
        Counter(call.fault for call in slack.books.calls if call.fault),
    )  # fmt: skip


def once(slack: FakeSlack, posted: Sequence[UpdatePosted], by_word: dict[str, list[Message]]) -> None:
    """Every update is told once, below one card that is true."""
    wrong = {word: len(messages) for word, messages in by_word.items() if len(messages) != 1}
    assert not wrong, wrong
    (card,) = slack.books.top()
    assert f"update {len(posted)}," in text(card), text(card)


def in_order(posted: Sequence[UpdatePosted], told: Sequence[Message]) -> None:
    """What was said first stands first; what became one message has its place among the others."""
    place = {word: number for number, post in enumerate(posted) for word in of(post)}
    places = [sorted(place[word] for word in found(message)) for message in told if found(message)]
    assert places == sorted(places)
    assert [each for run in places for each in run] == sorted(each for run in places for each in run)


def labelled(posted: Sequence[UpdatePosted], by_word: dict[str, list[Message]], lost: dict[str, str]) -> None:
    """Nothing is lost in silence, what is loud is told, and of what stands twice all but one say so."""
    for post in posted:
        for word in of(post):
            messages = by_word[word]
            assert messages or post.update in lost, f"{word} was lost in silence"
            assert messages or post.reason not in LOUD, f"{word} was loud, and is not told"
            assert sum(REPEATED not in text(each) for each in messages) <= 1, f"{word} stands twice without a label"


def of(post: UpdatePosted) -> list[str]:
    """The words by which an update is known: those of a person's own."""
    return WORD.findall(post.headline)[:1]


def text(message: Message) -> str:
    """All that a message shows."""
    return f"{message.text} {msgspec.json.encode(message.blocks).decode()}"


def words(message: Message) -> set[str]:
    """The words of all updates that a message tells of."""
    return set(WORD.findall(text(message)))


def found(message: Message) -> list[str]:
    """The same, in the order they stand."""
    return list(dict.fromkeys(WORD.findall(text(message))))


async def test_a_kill_at_a_letters_turn_neither_loses_nor_doubles_it(tmp_path: Path) -> None:
    blows = [Blow("is answered", "chat.postMessage"), Blow("is lost", "chat.postMessage")]
    tally = await sweep(SEED, 8, blows, "FAKE_SLACK_FULL", tmp_path, [], late_arrival=0.5)
    assert tally.kills.total() == 2
