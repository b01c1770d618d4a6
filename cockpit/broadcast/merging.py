"""Which updates that waited together become one, and what that one says. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import msgspec

from cockpit.broadcast.message import LOUD, Message, Post, unprefixed
from cockpit.broadcast.sender import Outgoing
from cockpit.clock import hhmm


def mergeable(letter: Outgoing) -> bool:
    """Whether it may become a line among others: nothing urgent, nothing labelled, and nothing that edits a post."""
    message = letter.message
    return isinstance(message, Post) and message.reason not in LOUD and not (letter.repeated or letter.edits)


def merge(letters: Sequence[Outgoing]) -> Outgoing:
    """One letter in the place of these, the oldest first: all that the latest says, and the headlines of the others."""
    latest = letters[-1]
    if len(letters) == 1 or not isinstance(latest.message, Post):
        return latest
    told = tuple(headline for letter in letters for headline in headlines(letter))
    oldest = letters[0]
    merged = tuple(update for letter in letters for update in (*letter.merged, letter.key.partition(":")[0]))[:-1]
    return rewritten(
        msgspec.structs.replace(latest, since=oldest.since or oldest.at, merged=merged),
        msgspec.structs.replace(latest.message, told=told),
    )


def headlines(letter: Outgoing) -> tuple[str, ...]:
    """The headlines of all updates that it tells of, the oldest first."""
    if not isinstance(letter.message, Post):
        return ()
    return letter.message.told or (letter.message.headline,)


def titled(letter: Outgoing, unreachable: str) -> Outgoing:
    """A letter that tells of several updates with a headline of them all; `unreachable` names who could not be told.

    Updates that only waited for one another need no excuse: the latest leads, and the earlier ones follow it.
    """
    message = letter.message
    if not isinstance(message, Post) or not message.told:
        return letter
    if not unreachable:
        return rewritten(letter, msgspec.structs.replace(message, told=_listed(message.told[:-1])))
    span = f"{hhmm(letter.since)}-{hhmm(letter.at)}"
    words = f"{len(message.told)} updates while {unreachable} was unreachable, {span}"
    return rewritten(letter, msgspec.structs.replace(message, headline=words, told=_listed(message.told)))


def _listed(told: Sequence[str]) -> tuple[str, ...]:
    """The headlines as they stand below one another: without what all begin with, and each once."""
    times = Counter(unprefixed(headline) for headline in told)
    return tuple(f"{headline} ({many} times)" if many > 1 else headline for headline, many in times.items())


def without_last(letter: Outgoing) -> Outgoing | None:
    """What is left of it when its latest update is told no more; None for nothing."""
    message = letter.message
    if not isinstance(message, Post) or len(message.told) < 2:
        return None
    told = message.told[:-1]
    left = Post(
        message.reason, told[-1], next_due=message.next_due, incident=message.incident, title=message.title,
        told=told if len(told) > 1 else (),
    )  # fmt: skip
    return rewritten(letter, left)


def rewritten(letter: Outgoing, message: Message) -> Outgoing:
    """The letter with another message in it, and that in plain text."""
    return msgspec.structs.replace(letter, message=message, text="\n".join(message.lines))
