"""Looks for a letter in the channel: its key rides in the message's metadata."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from cockpit.broadcast.sender import Absent, Ambiguous, Finding, Outgoing, Refused, Sent, Unsearchable
from cockpit.broadcast.slack.errors import Answer, for_one_alone
from cockpit.broadcast.slack.web import Web
from cockpit.broadcast.slack.wire import Wire, address, key_of
from cockpit.clock import SECOND

MARGIN = 300.0
"""Seconds before the letter's time that are looked through too: clocks differ, and are put right."""
PAGE, PAGES = 15, 200
"""Messages that Slack gives an app at once, and how many times as many are looked through."""


class Looking:
    """Reads the channel's history, the newest first, from where it was interrupted."""

    def __init__(self, web: Web) -> None:
        self._web = web
        self._interrupted: dict[str, str] = {}

    async def find(self, letter: Outgoing, asked: Wire) -> Finding:
        """Where the letter is; Unsearchable when this app can never read the channel."""
        if self._web.ahead is None:
            # The letter's time is on our clock: without Slack's own, we might look only where it cannot be.
            await self._web.call("auth.test", {})
        channel = asked.args["channel"]
        if asked.person:
            opened = await self.conversation(asked.person)
            if isinstance(opened, Refused) and opened.final:
                return Unsearchable(opened.why)
            if not isinstance(opened, str):
                return Ambiguous(opened.why)
            channel = opened
        if root := asked.args.get("thread_ts"):
            found = await self._read("conversations.replies", {"channel": channel, "ts": root}, letter)
            if found is not None:
                return found
        # Replies are not in the history, unless their card is gone.
        found = await self._read("conversations.history", {"channel": channel}, letter)
        return Ambiguous("Slack finds no history of the channel") if found is None else found

    async def conversation(self, person: str) -> str | Refused | Ambiguous:
        """The channel for one person alone; without the scope for it, the person's id stands for it."""
        said = await self._web.call("conversations.open", {"users": person})
        if isinstance(said, Answer) and said.error == "missing_scope":
            return person
        if not isinstance(said, Answer) or not said.done:
            refused = self._web.refused(said)
            return for_one_alone(refused) if isinstance(refused, Refused) else refused
        channel = (said.body or {}).get("channel")
        found = channel.get("id") if isinstance(channel, dict) else None
        return found if isinstance(found, str) else person

    async def _read(self, method: str, place: dict[str, Any], letter: Outgoing) -> Finding | None:
        """What is found there; None when the thread itself is gone."""
        args = {**place, "oldest": f"{self._oldest(letter):.6f}", "inclusive": True, "limit": PAGE}
        args["include_all_metadata"] = True
        mark = f"{method} {letter.key}"
        cursor = self._interrupted.pop(mark, "")
        for _ in range(PAGES):
            said = await self._web.call(method, {**args, "cursor": cursor} if cursor else args)
            if not isinstance(said, Answer) or not said.done:
                if cursor and not (isinstance(said, Answer) and said.error == "invalid_cursor"):
                    # Where only one page a minute is given, beginning anew would never come to the end.
                    self._interrupted[mark] = cursor
                return self._unread(said)
            if ts := _ts_of(letter.key, said.listed("messages")):
                return Sent(address(place["channel"], ts))
            if not (cursor := said.next_cursor):
                return Absent()
        return Ambiguous("there are more messages than can be looked through")

    def _unread(self, said: Answer | Refused | Ambiguous) -> Ambiguous | Unsearchable | None:
        refused = self._web.refused(said)
        match refused:
            case Refused(fault="gone" | "closed"):
                return None
            case Refused(why=why, fault="channel"):
                return Unsearchable(why)
            case Refused(why=why) if isinstance(said, Answer) and said.error == "missing_scope":
                return Unsearchable(why)
        return Ambiguous(refused.why, refused.wait if isinstance(refused, Refused) else 0.0)

    def _oldest(self, letter: Outgoing) -> float:
        """Seconds since the epoch, on Slack's clock, before which the letter cannot have arrived."""
        written = letter.at / SECOND - max(0.0, self._web.ahead or 0.0)
        return max(0.0, min(written, self._web.now) - MARGIN)


def _ts_of(key: str, messages: Sequence[Mapping[str, Any]]) -> str:
    return next((str(each.get("ts", "")) for each in messages if key_of(each) == key), "")
