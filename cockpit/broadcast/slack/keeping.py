"""The word in Slack's own keeping, which it says when the cockpit falls silent: wound up, replaced, taken back."""

from __future__ import annotations

import logging
from html import unescape
from typing import Any

from cockpit.broadcast.sender import Absent, Ambiguous, Finding, Outcome, Refused, Sent, Unsearchable
from cockpit.broadcast.slack.errors import Answer
from cockpit.broadcast.slack.web import Web
from cockpit.broadcast.slack.wire import Wire

log = logging.getLogger(__name__)
IRREVOCABLE = 60
"""Seconds before its time in which Slack no longer gives a message back."""
AROUND = 60
"""Seconds before and after its time in which a scheduled message is looked for."""
NEAR = 15
"""Seconds by which Slack's clock may seem another one at the next call: an answer tells it, however long that took."""
PAGES = 20


class Keeping:
    """Schedules messages. A new one is there before the old one goes, so that there is never none."""

    def __init__(self, web: Web) -> None:
        self._web = web
        # What was in doubt, by text and time on our clock: it may still arrive after it was sent again.
        self._doubted: set[tuple[str, int]] = set()

    async def schedule(self, asked: Wire) -> Outcome:
        """Hand the message over, and take back the one it replaces; Sent without address when its time is too near.

        Whoever sends it is not silent, and so near its time nobody could take it back.
        """
        at = await self._at(asked)
        if at - self._web.now < IRREVOCABLE:
            return await self._nothing_kept(asked)
        said = await self._web.call(asked.method, {**asked.args, "post_at": at})
        if isinstance(said, Answer) and said.error == "time_in_past":
            return await self._nothing_kept(asked)
        if not isinstance(said, Answer) or not said.done:
            return self._web.refused(said)
        kept = (said.body or {}).get("scheduled_message_id")
        if not isinstance(kept, str):
            return Ambiguous("Slack said yes, but not what it keeps the message as")
        return await self._without_old(asked, kept)

    async def take_back(self, asked: Wire) -> Outcome:
        """Take back the message if one is known, and late doubles; what Slack has posted meanwhile is gone too."""
        if kept := asked.args.get("scheduled_message_id"):
            not_gone = await self._gone(asked.args["channel"], kept)
            if not_gone is not None:
                return not_gone
        left = await self._swept(asked, "")
        if isinstance(left, Refused) and left.fault not in {"transport", "wait"}:
            # What is kept can never be listed: the end does not wait for what is hardly ever there.
            return Sent()
        return Sent() if left is None else left

    async def find(self, asked: Wire) -> Finding:
        """The message of that text and about that time, after its doubles and the one it replaces have gone."""
        at = await self._at(asked)
        self._doubted.add((_shown(asked.args["text"]), asked.args["post_at"]))
        kept = await self._kept(asked, at)
        if not isinstance(kept, list):
            return kept
        for double in kept[1:]:
            if (not_gone := await self._gone(asked.args["channel"], double)) is not None:
                return Ambiguous(not_gone.why)
        if kept:
            return await self._without_old(asked, kept[0])
        if at - self._web.now < IRREVOCABLE:
            return await self._nothing_kept(asked)
        return Absent()

    async def _at(self, asked: Wire) -> int:
        """When that is on Slack's clock, in seconds since the epoch; on ours as long as Slack does not tell its own."""
        if self._web.ahead is None:
            await self._web.call("auth.test", {})
        at: int = asked.args["post_at"]
        return at - round(self._web.ahead or 0.0)

    async def _nothing_kept(self, asked: Wire) -> Sent | Ambiguous:
        return await self._without_old(asked, "")

    async def _without_old(self, asked: Wire, kept: str) -> Sent | Ambiguous:
        if asked.replaces and asked.replaces != kept:
            not_gone = await self._gone(asked.args["channel"], asked.replaces)
            if not_gone is not None:
                return Ambiguous(f"Slack may still keep the word before this one: {not_gone.why}")
        if (left := await self._swept(asked, kept)) is not None:
            log.info("whether Slack keeps a double is not known: %s", left.why)
        return Sent(kept)

    async def _swept(self, asked: Wire, wanted: str) -> Refused | Ambiguous | None:
        """Take back what was once in doubt and is not wanted, wherever it came from: it may have arrived late."""
        ahead = round(self._web.ahead or 0.0)
        self._doubted = {(text, at) for text, at in self._doubted if at - ahead + NEAR > self._web.now}
        channel = asked.args.get("channel", "")
        listed = await self._listed({"channel": channel}) if self._doubted and channel else []
        if not isinstance(listed, list):
            return listed
        for each in listed:
            kept, text = str(each.get("id", "")), _shown(str(each.get("text", "")))
            ours = any(text == said and _near(each.get("post_at"), at - ahead) for said, at in self._doubted)
            if ours and kept != wanted and (not_gone := await self._gone(channel, kept)) is not None:
                return not_gone
        return None

    async def _gone(self, channel: str, kept: str) -> Refused | Ambiguous | None:
        """Take one message back: None when it is no longer kept, and else why that is not known."""
        args = {"channel": channel, "scheduled_message_id": kept}
        said = await self._web.call("chat.deleteScheduledMessage", args)
        if isinstance(said, Answer) and (said.done or said.error == "invalid_scheduled_message_id"):
            return None
        return self._web.refused(said)

    async def _kept(self, asked: Wire, at: int) -> list[str] | Ambiguous | Unsearchable:
        """The ids of the messages of that text and about that time, the first scheduled first."""
        listed = await self._listed({"channel": asked.args["channel"], "oldest": at - AROUND, "latest": at + AROUND})
        if not isinstance(listed, list):
            known = isinstance(listed, Refused) and listed.fault == "channel"
            return Unsearchable(listed.why) if known else Ambiguous(listed.why)
        text = _shown(asked.args["text"])
        found = [
            (str(each.get("date_created", "")), str(each.get("id", "")))
            for each in listed
            if _near(each.get("post_at"), at) and _shown(str(each.get("text", ""))) == text
        ]
        return [kept for _, kept in sorted(found)]

    async def _listed(self, place: dict[str, Any]) -> list[dict[str, Any]] | Refused | Ambiguous:
        """What is kept there, or why that is not known."""
        args = {**place, "limit": 100}
        found: list[dict[str, Any]] = []
        for _ in range(PAGES):
            said = await self._web.call("chat.scheduledMessages.list", args)
            if not isinstance(said, Answer) or not said.done:
                return self._web.refused(said)
            found += said.listed("scheduled_messages")
            if not (cursor := said.next_cursor):
                return found
            args["cursor"] = cursor
        return Ambiguous("Slack keeps more messages than can be looked through")


def _near(post_at: object, at: int) -> bool:
    """Whether that is about the time; Slack may give it as a text."""
    try:
        return abs(int(str(post_at)) - at) <= NEAR
    except ValueError:
        return False


def _shown(text: str) -> str:
    """The text as readers see it: Slack may give back entities or the characters themselves."""
    return unescape(text)
