"""What a letter says of its own delivery, and what of it is no longer true when it goes. Pure."""

from __future__ import annotations

from msgspec.structs import replace

from cockpit.broadcast.merging import rewritten
from cockpit.broadcast.message import REPEATED, Card, Direct, Post, Switch
from cockpit.broadcast.sender import Outgoing
from cockpit.clock import SECOND, hhmm, span

LATE = 120.0
"""Seconds after which a letter says that it comes late."""
_PAUSE = 60
"""Seconds ahead that a chat needs to keep a message for later."""


def late_seconds(written_at: int, now: int) -> float:
    """Seconds from writing to delivery, 0 while that is soon enough not to be mentioned."""
    waited = (now - written_at) / SECOND
    return waited if waited > LATE else 0.0


def late_words(written_at: int, now: int) -> str:
    """What a late letter says of itself, such as `delivered 12 min late, written 10:02 UTC`; empty when in time."""
    late = late_seconds(written_at, now)
    return f"delivered {_roughly(late)} late, written {hhmm(written_at)} UTC" if late else ""


def as_of(letter: Outgoing, now: int, due: int) -> Outgoing:
    """The letter as it is to be said at `now`, when the next update is promised for `due`, 0 for no promise."""
    promise = due if due > now else 0
    match letter.message:
        case Post() as post:
            next_due = post.next_due if post.next_due > now else promise if post.next_due else 0
            moments = post.moments if next_due in (0, post.next_due) else (*post.moments, next_due)
            notice = _notice(letter, now)
            return rewritten(letter, replace(post, next_due=next_due, notice=notice, moments=moments))
        case Card() as card:
            if card.next_due and card.next_due <= now and not card.resolved:
                card = _redue(card, promise)
            footer = f"{card.footer} ({REPEATED})" if letter.repeated else card.footer
            return rewritten(letter, replace(card, footer=footer))
        case Direct() as direct:
            notices = f" ({notice})" if (notice := _notice(letter, now)) else ""
            return rewritten(letter, replace(direct, text=f"{direct.text}{notices}"))
        case Switch(at=at) if at and at < now + _PAUSE * SECOND:
            # The moment has come and gone: what was kept for it is taken back.
            return rewritten(letter, Switch(0, ""))
    return letter


def _notice(letter: Outgoing, now: int) -> str:
    # What tells of several updates says itself from when to when they are.
    late = "" if letter.since else late_words(letter.at, now)
    return ", ".join(words for words in (REPEATED if letter.repeated else "", late) if words)


def _redue(card: Card, promise: int) -> Card:
    past = f"The next update was due at {hhmm(card.next_due)} UTC."
    words = f"Next update by {hhmm(promise)} UTC." if promise else past
    own = tuple(replace(section, text=words) if section.text == card.due else section for section in card.own)
    return replace(card, due=words, next_due=promise, own=own, moments=(*card.moments, promise or card.next_due))


def _roughly(seconds: float) -> str:
    return f"{int(seconds // 60)} min" if seconds < 3600 else span(seconds)
