"""A channel of Slack: a card kept true, a thread below it, a word in Slack's own keeping, words for one person."""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Mapping
from typing import Any

import msgspec

from cockpit.broadcast.message import Message
from cockpit.broadcast.sender import Absent, Ambiguous, Finding, Kind, Outcome, Outgoing, Refused, Sent, Thread
from cockpit.broadcast.slack import blocks, mrkdwn
from cockpit.broadcast.slack.errors import Answer, for_one_alone
from cockpit.broadcast.slack.keeping import Keeping
from cockpit.broadcast.slack.looking import Looking
from cockpit.broadcast.slack.web import DEADLINE, Web
from cockpit.broadcast.slack.wire import Wire, address, compose, read
from cockpit.clock import Clock, SystemClock
from cockpit.config.broadcasting import SlackDestination

log = logging.getLogger(__name__)
ALL: frozenset[Kind] = frozenset({"card", "thread", "switch", "direct"})
PLAIN = 3500
"""Characters of a message that is text alone."""
LOOKING = 60.0
"""Real seconds in which a letter is looked for; each call has less."""


class SlackSender:
    """Carries letters to one channel. A summons goes to the person alone, by a message and not an ephemeral one.

    An ephemeral message is seen only by who is there, wakes no phone, and can never be looked for.
    """

    def __init__(
        self, config: SlackDestination, token: str, people: Mapping[str, str] = {}, *,
        environ: Mapping[str, str] | None = None, clock: Clock | None = None, deadline: float = DEADLINE,
    ) -> None:  # fmt: skip
        self.name = config.name
        self.takes: frozenset[Kind] = ALL if config.switch else ALL - {"switch"}
        self.threaded = True
        self._config = config
        self._people = people
        web = Web(token, config.api, os.environ if environ is None else environ, clock or SystemClock(), deadline)
        self._web = web
        self._keeping = Keeping(web)
        self._looking = Looking(web)

    def wire(self, letter: Outgoing, thread: Thread) -> bytes:
        """The method and its arguments, with blocks."""
        return self._composed(letter, thread, self._content(letter.message, letter.text)).pack()

    def minimal(self, letter: Outgoing, thread: Thread) -> bytes:
        """The same with text alone: an edit takes the blocks away."""
        content = _plain(letter.text) if letter.message is None else blocks.minimal(letter.message)
        return self._composed(letter, thread, content).pack()

    async def send(self, wire: bytes) -> Outcome:
        """Make the call, and those that belong to it."""
        try:
            asked = read(wire)
        except msgspec.MsgspecError:
            return Refused("what was to be sent cannot be read", final=True, fault="payload")
        match asked.method:
            case "" if asked.refused:
                return Refused(asked.refused, final=True, fault="payload")
            case "":
                return await self._nothing(asked)
            case "chat.update":
                return await self._edit(asked)
            case "chat.scheduleMessage":
                return await self._keeping.schedule(asked)
            case "chat.deleteScheduledMessage":
                return await self._keeping.take_back(asked)
        return await self._post(asked)

    async def find(self, letter: Outgoing, wire: bytes) -> Finding:
        """Look for the letter by its key, or for the scheduled message by its text and time.

        What may be asked of Slack twice is Absent without a look: it is sent again.
        """
        try:
            asked = read(wire)
            async with asyncio.timeout(LOOKING):
                return await self._found(letter, asked)
        except msgspec.MsgspecError:
            return Absent(certain=True)
        except TimeoutError:
            return Ambiguous(f"could not be looked for within {LOOKING:.0f} s")

    async def _found(self, letter: Outgoing, asked: Wire) -> Finding:
        if asked.method == "chat.scheduleMessage":
            return await self._keeping.find(asked)
        if asked.method != "chat.postMessage":
            return Absent(certain=True)
        found = await self._looking.find(letter, asked)
        if isinstance(found, Sent) and asked.pin:
            await self._pin(*found.where.split("/"))
        return found

    def _content(self, message: Message | None, text: str) -> Mapping[str, Any]:
        if message is None:
            return _plain(text)
        return blocks.payload(message, self._people, listening=self._config.app_token is not None)

    def _composed(self, letter: Outgoing, thread: Thread, content: Mapping[str, Any]) -> Wire:
        return compose(letter, thread, self._config.channel, self._people, content, pin=self._config.pin)

    async def _nothing(self, asked: Wire) -> Outcome:
        """With nothing to take back: Slack is asked all the same, for who hears `Sent` takes it to be there."""
        said = await self._web.call("auth.test", {})
        if not isinstance(said, Answer) or not said.done:
            return self._web.refused(said)
        return await self._keeping.take_back(asked)

    async def _edit(self, asked: Wire) -> Outcome:
        said = await self._web.call(asked.method, asked.args)
        if isinstance(said, Answer) and said.done:
            return Sent(address(asked.args["channel"], asked.args["ts"]))
        return self._web.refused(said)

    async def _post(self, asked: Wire) -> Outcome:
        args = asked.args
        if asked.person:
            opened = await self._looking.conversation(asked.person)
            if not isinstance(opened, str):
                # Nothing was posted, whatever became of this.
                return opened if isinstance(opened, Refused) else Refused(opened.why)
            args = {**args, "channel": opened}
        said = await self._web.call(asked.method, args)
        if not isinstance(said, Answer) or not said.done:
            refused = self._web.refused(said)
            return for_one_alone(refused) if asked.person and isinstance(refused, Refused) else refused
        body = said.body or {}
        channel, ts = body.get("channel"), body.get("ts")
        if not isinstance(channel, str) or not isinstance(ts, str):
            return Ambiguous("Slack said yes, but not where the message is")
        if (root := args.get("thread_ts")) and _thread_of(body) != root:
            return await self._stray(channel, ts)
        if asked.pin:
            await self._pin(channel, ts)
        return Sent(address(channel, ts))

    async def _stray(self, channel: str, ts: str) -> Outcome:
        """A reply whose card is gone stands in the channel by itself: it goes, and comes again below a new card."""
        said = await self._web.call("chat.delete", {"channel": channel, "ts": ts})
        if isinstance(said, Answer) and (said.done or said.error == "message_not_found"):
            return Refused("the card is gone from the channel", fault="gone")
        if isinstance(said, Ambiguous):
            return said
        # It cannot be taken away, and must not be told twice: the next edit learns that the card is gone.
        return Sent(address(channel, ts))

    async def _pin(self, channel: str, ts: str) -> None:
        said = await self._web.call("pins.add", {"channel": channel, "timestamp": ts})
        if not isinstance(said, Answer) or not (said.done or said.error == "already_pinned"):
            log.info("%s: the card could not be pinned: %s", self.name, self._web.refused(said).why)


def _plain(text: str) -> Mapping[str, Any]:
    return {"text": mrkdwn.cut(mrkdwn.escape(text), PLAIN) or "-"}


def _thread_of(body: Mapping[str, Any]) -> str:
    message = body.get("message")
    return str(message.get("thread_ts", "")) if isinstance(message, dict) else ""
