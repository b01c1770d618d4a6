"""Which updates nobody was told yet: they can still be replaced. Pure."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from cockpit.broadcast.message import Post, unprefixed
from cockpit.broadcast.sender import unpack
from cockpit.incident.broadcasts import UpdatePosted
from cockpit.incident.fold import State
from cockpit.incident.telling import Telling
from cockpit.journal.store import StoredLetter
from cockpit.protocol.views import WaitingView
from cockpit.text import SafeText

SHOWN = 10
"""Updates shown, the newest ones: after a long outage many wait, and each look reads them."""


def waiting(queue: Iterable[StoredLetter], state: State, now: int) -> tuple[WaitingView, ...]:
    """The updates in the thread that no destination was told, oldest first.

    One that is being sent somewhere, or may be there, is not among them.
    """
    threads = [each for each in queue if each.letter.kind == "thread" and each.stream == state.stream]
    begun = {each.letter.update for each in threads if each.state != "pending"} | set(state.telling.told)
    first = {each.letter.update: each for each in reversed(threads) if each.letter.update not in begun}
    newest = sorted(first.values(), key=lambda each: each.id)[-SHOWN:]
    return tuple(view for each in newest if (view := _view(each, state.telling, now)) is not None)


def _view(letter: StoredLetter, telling: Telling, now: int) -> WaitingView | None:
    try:
        message = unpack(letter.letter.payload).message
    except msgspec.MsgspecError:
        # It was erased.
        return None
    if not isinstance(message, Post):
        return None
    at, latest = max(letter.not_before, telling.held_until), telling.latest
    view = WaitingView(
        update=letter.letter.update,
        headline=SafeText(message.headline, 300).line,
        automatic=message.reason != "update",
        at=at if at > now else 0,
        know=SafeText(_know(message)),
        doing=SafeText(message.doing),
        unknown=SafeText(message.unknown),
    )
    # The message says more than was written, such as who looks into what: sent again, that would be there twice.
    return view if latest is None or latest.update != view.update else _as_written(view, latest)


def _as_written(view: WaitingView, update: UpdatePosted) -> WaitingView:
    know = f"{update.headline.rstrip('.')}. {update.know}" if update.automatic else update.know
    written = {"know": SafeText(know.strip()), "doing": SafeText(update.doing), "unknown": SafeText(update.unknown)}
    return msgspec.structs.replace(view, **written, eta=update.eta)


def _know(message: Post) -> str:
    """Its headline with what is known: a person's update has no other headline than its words."""
    headline = unprefixed(message.headline)
    if message.know:
        return f"{headline.rstrip('.')}. {message.know}" if message.reason != "update" else message.know
    # What a person's update says under another heading is its headline too.
    return "" if headline in {message.doing, message.unknown} else headline
