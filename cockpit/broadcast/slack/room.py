"""What is asked of Slack for those who spoke there: a word to one person alone, a message that was pointed at."""

from __future__ import annotations

from typing import Any

import msgspec

from cockpit.broadcast.sender import Refused
from cockpit.broadcast.slack.errors import Answer
from cockpit.broadcast.slack.mrkdwn import escape
from cockpit.broadcast.slack.web import Web

AT_ONCE = 15
"""Messages asked for at once, at most."""


class Unanswered(Exception):
    """Slack did not tell; its words say why. `lasting` when asking again is no use before somebody mends it."""

    def __init__(self, why: str, lasting: bool) -> None:
        super().__init__(why)
        self.lasting = lasting


class Said(msgspec.Struct, frozen=True):
    """A message in a channel, in Slack's own markup: `author` is the writer's id, `signed` a name that it bears."""

    text: str = ""
    author: str = ""
    signed: str = ""


class Room:
    """One workspace as the bot sees it. What it is told is not clean yet."""

    def __init__(self, web: Web) -> None:
        self._web = web

    async def whisper(self, channel: str, user: str, words: str) -> None:
        """Tell one person in a channel, and nobody else."""
        await self._call("chat.postEphemeral", {"channel": channel, "user": user, "text": escape(words)})

    async def message(self, channel: str, ts: str) -> Said:
        """The message at that address, also one within a thread."""
        bounds = {"oldest": ts, "latest": ts, "inclusive": True, "limit": AT_ONCE}
        found = await self._call("conversations.replies", {"channel": channel, "ts": ts} | bounds)
        listed = found.get("messages")
        for each in listed if isinstance(listed, list) else []:
            if isinstance(each, dict) and each.get("ts") == ts:
                return Said(_word(each, "text"), _word(each, "user"), _word(each, "username"))
        raise Unanswered("the message is not there any more", lasting=True)

    async def link(self, channel: str, ts: str) -> str:
        """The address of a message, for people."""
        return _word(await self._call("chat.getPermalink", {"channel": channel, "message_ts": ts}), "permalink")

    async def name(self, user: str) -> str:
        """What that person wants to be called."""
        found = (await self._call("users.info", {"user": user})).get("user")
        person = found if isinstance(found, dict) else {}
        profile = person.get("profile")
        shown = _word(profile, "display_name") if isinstance(profile, dict) else ""
        return shown or _word(person, "real_name") or _word(person, "name")

    async def _call(self, method: str, args: dict[str, Any]) -> dict[str, Any]:
        answer = await self._web.call(method, args)
        if isinstance(answer, Answer) and answer.done:
            return dict(answer.body or {})
        refused = self._web.refused(answer)
        lasting = isinstance(refused, Refused) and refused.fault not in {"wait", "transport"}
        raise Unanswered(refused.why, lasting)


def _word(said: dict[str, Any], name: str) -> str:
    value = said.get(name)
    return value if isinstance(value, str) else ""
