"""What somebody in Slack asks for, out of an envelope of Socket Mode. Pure; all text is clean, moments microseconds."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Any, Literal

import msgspec

from cockpit.clock import SECOND
from cockpit.text import SafeText

Button = Literal["help", "away", "follow"]
PUSHPIN = "pushpin"
NAME = 40
"""Characters kept of a person's name."""

_BUTTONS: dict[str, Button] = {"cockpit.help": "help", "cockpit.away": "away", "cockpit.follow": "follow"}


class Pressed(msgspec.Struct, frozen=True):
    """Somebody pressed a button on the card of `incident`; `at` is 0 when Slack does not say when."""

    user: str
    name: SafeText
    channel: str
    incident: SafeText
    button: Button
    at: int = 0


class Pinned(msgspec.Struct, frozen=True):
    """Somebody put a pushpin on the message `ts`, which `author` wrote, empty where Slack does not say who did."""

    user: str
    channel: str
    ts: str
    author: str = ""

    @property
    def place(self) -> str:
        """The message's address, the same whoever puts how many pushpins on it."""
        return f"{self.channel}:{self.ts}"


class Commanded(msgspec.Struct, frozen=True):
    """Somebody typed `/cockpit` and these words."""

    user: str
    channel: str
    words: SafeText


Asked = Pressed | Pinned | Commanded

_User = Annotated[str, msgspec.Meta(pattern=r"^[UW][A-Z0-9]{2,20}$")]
_Channel = Annotated[str, msgspec.Meta(pattern=r"^[CGD][A-Z0-9]{2,20}$")]
_Ts = Annotated[str, msgspec.Meta(pattern=r"^[0-9]{1,12}\.[0-9]{1,6}$")]


class _Person(msgspec.Struct):
    id: _User
    username: str = ""
    name: str = ""


class _Place(msgspec.Struct):
    id: _Channel


class _Action(msgspec.Struct):
    action_id: str = ""
    value: str = ""
    action_ts: str = ""


class _Actions(msgspec.Struct):
    type: Literal["block_actions"]
    user: _Person
    channel: _Place
    actions: list[_Action]


class _Item(msgspec.Struct):
    type: Literal["message"]
    channel: _Channel
    ts: _Ts


class _Reaction(msgspec.Struct):
    type: Literal["reaction_added"]
    user: _User
    reaction: str
    item: _Item
    item_user: str = ""


class _Event(msgspec.Struct):
    event: _Reaction


class _Slash(msgspec.Struct):
    command: Literal["/cockpit"]
    user_id: _User
    channel_id: _Channel
    text: str = ""


def read(kind: str, payload: Any) -> Asked | None:
    """What the envelope's payload asks for; None for all that is not for the cockpit, or in no shape it knows."""
    try:
        match kind:
            case "interactive":
                return _pressed(msgspec.convert(payload, _Actions))
            case "events_api":
                return _pinned(msgspec.convert(payload, _Event).event)
            case "slash_commands":
                slash = msgspec.convert(payload, _Slash)
                return Commanded(slash.user_id, slash.channel_id, SafeText(slash.text.strip(), 80).line)
    except msgspec.ValidationError:
        return None
    return None


def _pressed(given: _Actions) -> Pressed | None:
    for action in given.actions:
        if (button := _BUTTONS.get(action.action_id)) is not None:
            name = SafeText(given.user.username or given.user.name, NAME).line
            incident = SafeText(action.value, 60).line
            return Pressed(given.user.id, name, given.channel.id, incident, button, moment_of(action.action_ts))
    return None


def _pinned(given: _Reaction) -> Pinned | None:
    if given.reaction != PUSHPIN:
        return None
    return Pinned(given.user, given.item.channel, given.item.ts, given.item_user)


def moment_of(ts: str) -> int:
    """A moment of Slack's, such as `1763635620.000100`, in microseconds; 0 when it is none."""
    seconds, _, rest = ts.partition(".")
    if not re.fullmatch(r"[0-9]{1,12}", seconds) or not re.fullmatch(r"[0-9]{0,6}", rest):
        return 0
    return int(seconds) * SECOND + int(rest.ljust(6, "0"))


_MARK = re.compile(r"<([^<>|]*)(?:\|([^<>]*))?>")
_ENTITIES = (("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&"))


def plain(text: str, people: Mapping[str, str]) -> SafeText:
    """A message's text without Slack's marks and entities; `people` are names by user id."""

    def said(match: re.Match[str]) -> str:
        mark, label = match.group(1), match.group(2) or ""
        match mark[:1]:
            case "@":
                return "@" + (people.get(mark[1:]) or label or mark[1:])
            case "#":
                return "#" + (label or mark[1:])
            case "!":
                return label or "@" + mark[1:].partition("^")[0]
        return f"{label} ({mark})" if label and label != mark else mark

    shown = _MARK.sub(said, text)
    for entity, char in _ENTITIES:
        shown = shown.replace(entity, char)
    return SafeText(shown)
