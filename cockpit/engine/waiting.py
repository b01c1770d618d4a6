"""Which updates nobody was told yet: they can still be replaced. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable

import msgspec

from cockpit.broadcast.message import Post
from cockpit.broadcast.sender import unpack
from cockpit.incident.fold import State
from cockpit.journal.store import StoredLetter
from cockpit.protocol.views import WaitingView
from cockpit.text import SafeText

SHOWN = 10
"""Updates shown, the newest ones: after a long outage many wait, and each look reads them."""

_SEVERITY = re.compile(r"^(?:DRILL - )?SEV\d: ")
"""What the headline of a post begins with."""


def waiting(queue: Iterable[StoredLetter], state: State, now: int) -> tuple[WaitingView, ...]:
    """The updates in the thread that no destination was told, oldest first.

    One that is being sent somewhere, or may be there, is not among them.
    """
    threads = [each for each in queue if each.letter.kind == "thread" and each.stream == state.stream]
    begun = {each.letter.update for each in threads if each.state != "pending"} | set(state.telling.told)
    first = {each.letter.update: each for each in reversed(threads) if each.letter.update not in begun}
    newest = sorted(first.values(), key=lambda each: each.id)[-SHOWN:]
    return tuple(view for each in newest if (view := _view(each, state.telling.held_until, now)) is not None)


def _view(letter: StoredLetter, held_until: int, now: int) -> WaitingView | None:
    try:
        message = unpack(letter.letter.payload).message
    except msgspec.MsgspecError:
        # It was erased.
        return None
    if not isinstance(message, Post):
        return None
    at = max(letter.not_before, held_until)
    return WaitingView(
        update=letter.letter.update,
        headline=SafeText(message.headline, 300).line,
        automatic=message.reason != "update",
        at=at if at > now else 0,
        know=SafeText(_know(message)),
        doing=SafeText(message.doing),
        unknown=SafeText(message.unknown),
    )


def _know(message: Post) -> str:
    """Its headline with what is known: a person's update has no other headline than its words."""
    headline = _SEVERITY.sub("", message.headline)
    if message.know:
        return f"{headline.rstrip('.')}. {message.know}" if message.reason != "update" else message.know
    # What a person's update says under another heading is its headline too.
    return "" if headline in {message.doing, message.unknown} else headline
