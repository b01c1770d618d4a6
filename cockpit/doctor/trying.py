"""What is assumed of the real Slack, tried in a channel of one's choice; what was posted is taken away again."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from cockpit.broadcast.sender import Ambiguous, Refused
from cockpit.broadcast.slack.errors import Answer
from cockpit.broadcast.slack.web import Web
from cockpit.clock import Clock
from cockpit.text import SafeText

TEXT = "A test of the cockpit's doctor. It goes away by itself."
PAUSE = 1.1
"""Seconds between two calls that post: Slack takes about one a second in a channel."""
PATIENCE = 2
"""How often one call is made again when Slack asks for patience."""
WORDS = 200
Verdict = Literal["as expected", "otherwise", "not tried"]
VERDICTS: tuple[Verdict, ...] = ("otherwise", "not tried", "as expected")


@dataclass(frozen=True, slots=True)
class Row:
    """One assumption, what is expected if it holds, and what was seen."""

    assumption: str
    expected: str
    seen: str
    verdict: Verdict


@dataclass
class Bench:
    """The channel that is tried in. What was put there is known, and cleared away; `doubtful` counts what may be."""

    web: Web
    channel: str
    clock: Clock
    doubtful: int = 0
    posted: list[str] = field(default_factory=list)
    scheduled: list[str] = field(default_factory=list)

    async def call(self, method: str, /, **args: Any) -> Answer | Refused | Ambiguous:
        """What Slack says; its wish for patience is granted twice."""
        said = await self.web.call(method, args)
        for _ in range(PATIENCE):
            refused = None if isinstance(said, Answer) and said.done else self.web.refused(said)
            if not isinstance(refused, Refused) or refused.fault != "wait":
                break
            await self.clock.sleep(refused.wait)
            said = await self.web.call(method, args)
        return said

    async def post(self, text: str, **args: Any) -> Answer | Refused | Ambiguous:
        """Post a message that says what it is."""
        await self.clock.sleep(PAUSE)
        said = await self.call("chat.postMessage", channel=self.channel, text=text, **args)
        self.doubtful += isinstance(said, Ambiguous)
        if ts := word(said, "ts"):
            self.posted.append(ts)
        return said

    async def schedule(self, text: str, after: float, **args: Any) -> Answer | Refused | Ambiguous:
        """Schedule a message so many seconds from now on Slack's clock."""
        at = int(self.web.now + after)
        said = await self.call("chat.scheduleMessage", channel=self.channel, text=text, post_at=at, **args)
        self.doubtful += isinstance(said, Ambiguous)
        if kept := word(said, "scheduled_message_id"):
            self.scheduled.append(kept)
        return said

    async def messages(self, method: str = "conversations.history", **args: Any) -> list[dict[str, Any]] | str:
        """The newest messages, or in words why they cannot be read."""
        said = await self.call(method, channel=self.channel, limit=15, include_all_metadata=True, **args)
        return said.listed("messages") if isinstance(said, Answer) and said.done else told(said)

    async def clear(self) -> tuple[str, ...]:
        """Take away what is there; what could not be taken away, in words."""
        left = [f"{self.doubtful} of which nobody knows: look into the channel"] if self.doubtful else []
        for kept in self.scheduled:
            said = await self.call("chat.deleteScheduledMessage", channel=self.channel, scheduled_message_id=kept)
            if code(said) not in {"ok", "invalid_scheduled_message_id"}:
                left.append(f"scheduled message {kept}: {told(said)}")
        for ts in reversed(self.posted):
            said = await self.call("chat.delete", channel=self.channel, ts=ts)
            if code(said) not in {"ok", "message_not_found"}:
                left.append(f"message {ts}: {told(said)}")
        self.scheduled.clear()
        self.posted.clear()
        return tuple(left)


Trial = Callable[[Bench], AsyncIterator[Row]]


def code(said: Answer | Refused | Ambiguous) -> str:
    """`ok`, Slack's own code, or what else became of a call."""
    if isinstance(said, Answer):
        return "ok" if said.done else said.error or "no answer"
    return "nobody knows" if isinstance(said, Ambiguous) else "refused"


def told(said: Answer | Refused | Ambiguous) -> str:
    """The same with the reason where there was no answer of Slack's own."""
    return code(said) if isinstance(said, Answer) else said.why


def word(said: Answer | Refused | Ambiguous, name: str) -> str:
    """A text out of an answer, empty when there is none."""
    found = (said.body or {}).get(name) if isinstance(said, Answer) and said.done else None
    return found if isinstance(found, str) else ""


def row(assumption: str, expected: str, seen: str, *also: str) -> Row:
    """What was seen beside what was expected; `also` are other words for the same."""
    fits = seen in (expected, *also)
    return Row(assumption, expected, SafeText(seen, WORDS).line, "as expected" if fits else "otherwise")


def untried(assumption: str, expected: str, why: str) -> Row:
    """An assumption that could not be tried."""
    return Row(assumption, expected, SafeText(why, WORDS).line, "not tried")


async def tried(bench: Bench, trials: Sequence[Trial]) -> AsyncGenerator[Row, None]:
    """Each assumption as it is tried; at the end the channel is cleared, however it ends."""
    try:
        for trial in trials:
            async for each in trial(bench):
                yield each
    finally:
        left = await bench.clear()
    yield row("what was posted for this is taken away again", "nothing left", "; ".join(left) or "nothing left")


def summary(rows: Sequence[Row]) -> str:
    """How many there are of each verdict."""
    counted = Counter(each.verdict for each in rows)
    return ", ".join(f"{counted[verdict]} {verdict}" for verdict in VERDICTS)


def line(each: Row) -> str:
    """One assumption with what was expected and seen."""
    shape = {"as expected": "[+]", "otherwise": "[x]", "not tried": "[-]"}[each.verdict]
    return f"{shape} {each.verdict:<11} {each.assumption}\n    expected: {each.expected}\n    seen:     {each.seen}"


def thread_of(said: Answer | Refused | Ambiguous) -> str:
    """The parent of the message that an answer tells of, empty for none."""
    message = (said.body or {}).get("message") if isinstance(said, Answer) else None
    return str(message.get("thread_ts", "")) if isinstance(message, Mapping) else ""
