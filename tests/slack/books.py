"""What a test asks a fake Slack for afterwards: what it received, and what was really committed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

import msgspec

from tests.slack.workspace import CHANNEL, Message, Scheduled, Workspace


class Call(msgspec.Struct):
    """One request as it came, and how it ended.

    `outcome` is `ok`, one of Slack's codes, or empty while nobody knows; `fault` is what went wrong on the way.
    """

    method: str
    token: str
    at: int
    args: dict[str, Any] = {}
    raw: bytes = b""
    fault: str = ""
    outcome: str = ""


class Books(msgspec.Struct):
    """The workspace as it stands, and every call in the order it came."""

    space: Workspace
    calls: list[Call] = []

    def called(self, method: str) -> list[Call]:
        """The calls of one method."""
        return [call for call in self.calls if call.method == method]

    def methods(self) -> list[str]:
        """What was called, in order."""
        return [call.method for call in self.calls]

    def everything(self, channel: str = CHANNEL) -> list[Message]:
        """What stands in a channel, with its threads, in the order of posting."""
        return [each for each in self.space.messages if each.channel == channel and not each.deleted]

    def top(self, channel: str = CHANNEL) -> list[Message]:
        """What stands in a channel outside of threads."""
        return [each for each in self.everything(channel) if not each.thread_ts]

    def thread(self, root: str, channel: str = CHANNEL) -> list[Message]:
        """The replies to one message."""
        return [each for each in self.everything(channel) if each.thread_ts == root]

    def texts(self, channel: str = CHANNEL) -> list[str]:
        """The words that stand in a channel, with its threads."""
        return [each.text for each in self.everything(channel)]

    def keys(self, channel: str = CHANNEL) -> list[str]:
        """What the messages of a channel were called when they were posted, in order; deleted ones too."""
        return [each.key for each in self.space.messages if each.channel == channel and each.key]

    def twice(self, channel: str = CHANNEL) -> dict[str, int]:
        """The keys that were posted more than once, and how often."""
        return {key: number for key, number in Counter(self.keys(channel)).items() if number > 1}

    def strays(self, channel: str = CHANNEL) -> list[Message]:
        """What was meant for a thread and stands outside of it."""
        return [each for each in self.everything(channel) if each.asked_thread and not each.thread_ts]

    def pins(self, channel: str = CHANNEL) -> Sequence[str]:
        """What is pinned in a channel."""
        return self.space.channels[channel].pins

    def waiting(self, channel: str = CHANNEL) -> list[Scheduled]:
        """What is scheduled for a channel and has not come."""
        found = [each for each in self.space.scheduled if each.message.channel == channel]
        return [each for each in found if each.state == "waiting"]
