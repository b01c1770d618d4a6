"""The word in Slack's own keeping, which it says when the cockpit falls silent: wound up, replaced, taken back."""

from __future__ import annotations

from html import unescape

from cockpit.broadcast.sender import Absent, Ambiguous, Finding, Outcome, Refused, Sent, Unsearchable
from cockpit.broadcast.slack.errors import Answer
from cockpit.broadcast.slack.web import Web
from cockpit.broadcast.slack.wire import Wire

IRREVOCABLE = 60
"""Seconds before its time in which Slack no longer gives a message back."""
AROUND = 60
"""Seconds before and after its time in which a scheduled message is looked for."""
PAGES = 20


class Keeping:
    """Schedules messages. A new one is there before the old one goes, so that there is never none."""

    def __init__(self, web: Web) -> None:
        self._web = web

    async def schedule(self, asked: Wire) -> Outcome:
        """Hand the message over, and take back the one it replaces; Sent without address when its time is too near.

        Whoever sends it is not silent, and so near its time nobody could take it back.
        """
        if asked.args["post_at"] - self._web.now < IRREVOCABLE:
            return await self._nothing_kept(asked)
        said = await self._web.call(asked.method, asked.args)
        if isinstance(said, Answer) and said.error == "time_in_past":
            return await self._nothing_kept(asked)
        if not isinstance(said, Answer) or not said.done:
            return self._web.refused(said)
        kept = (said.body or {}).get("scheduled_message_id")
        if not isinstance(kept, str):
            return Ambiguous("Slack said yes, but not what it keeps the message as")
        return await self._without_old(asked, kept)

    async def take_back(self, asked: Wire) -> Outcome:
        """Take back the message; one that Slack has posted meanwhile, or is about to, is gone too."""
        gone = await self._gone(asked.args["channel"], asked.args["scheduled_message_id"])
        return Sent() if gone is None else gone

    async def find(self, asked: Wire) -> Finding:
        """The message of that text and time, after its doubles and the one it replaces have gone."""
        kept = await self._kept(asked)
        if not isinstance(kept, list):
            return kept
        for double in kept[1:]:
            if (not_gone := await self._gone(asked.args["channel"], double)) is not None:
                return Ambiguous(not_gone.why)
        if kept:
            return await self._without_old(asked, kept[0])
        if asked.args["post_at"] - self._web.now < IRREVOCABLE:
            return await self._nothing_kept(asked)
        return Absent()

    async def _nothing_kept(self, asked: Wire) -> Sent | Ambiguous:
        return await self._without_old(asked, "")

    async def _without_old(self, asked: Wire, kept: str) -> Sent | Ambiguous:
        if asked.replaces and asked.replaces != kept:
            not_gone = await self._gone(asked.args["channel"], asked.replaces)
            if not_gone is not None:
                return Ambiguous(f"Slack may still keep the word before this one: {not_gone.why}")
        return Sent(kept)

    async def _gone(self, channel: str, kept: str) -> Refused | Ambiguous | None:
        """Take one message back: None when it is no longer kept, and else why that is not known."""
        args = {"channel": channel, "scheduled_message_id": kept}
        said = await self._web.call("chat.deleteScheduledMessage", args)
        if isinstance(said, Answer) and (said.done or said.error == "invalid_scheduled_message_id"):
            return None
        return self._web.refused(said)

    async def _kept(self, asked: Wire) -> list[str] | Ambiguous | Unsearchable:
        """The ids of the messages of that text and time, the first scheduled first."""
        at, text = asked.args["post_at"], _shown(asked.args["text"])
        args = {"channel": asked.args["channel"], "oldest": at - AROUND, "latest": at + AROUND, "limit": 100}
        found: list[tuple[str, str]] = []
        for _ in range(PAGES):
            said = await self._web.call("chat.scheduledMessages.list", args)
            if not isinstance(said, Answer) or not said.done:
                refused = self._web.refused(said)
                known = isinstance(refused, Refused) and refused.fault == "channel"
                return Unsearchable(refused.why) if known else Ambiguous(refused.why)
            for each in said.listed("scheduled_messages"):
                if str(each.get("post_at")) == str(at) and _shown(str(each.get("text", ""))) == text:
                    found.append((str(each.get("date_created", "")), str(each.get("id", ""))))
            if not (cursor := said.next_cursor):
                return [kept for _, kept in sorted(found)]
            args["cursor"] = cursor
        return Ambiguous("Slack keeps more messages than can be looked through")


def _shown(text: str) -> str:
    """The text as readers see it: Slack may give back entities or the characters themselves."""
    return unescape(text)
