"""What stands in the place of a text that was told and had to be taken back. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import msgspec

from cockpit.broadcast.message import Card, Direct, Message, Post, Switch
from cockpit.broadcast.sender import unpack

REMOVED = "[removed]"
WORD, START = 4, 40
"""Characters that a text needs to be looked for in what was told, and those that tell it: the rest may be cut."""
_WORDS = (
    "title", "text", "impact", "why", "note", "override", "headline", "know", "doing", "unknown", "words", "what",
    "link", "undo", "tail", "command", "verdict",
)  # fmt: skip


def removed(message: Message | None) -> Message | None:
    """The same kind of message with nothing in it but that it was removed."""
    match message:
        case Card() as card:
            return Card(
                REMOVED, "", "", "", "", "", "", "", "", "", "", severity=card.severity, status=card.status,
                incident=card.incident, revision=card.revision, resolved=card.resolved,
            )  # fmt: skip
        case Post():
            return Post("removed", REMOVED)
        case Switch():
            return Switch(0, "")
        case Direct(person=person):
            return Direct(person, REMOVED)
    return None


def erased(payload: bytes) -> bool:
    """Whether its text was erased after it was queued; a letter that takes back another says so of that one."""
    try:
        letter = unpack(payload)
        return letter.text == REMOVED and not letter.edits
    except msgspec.MsgspecError:
        return False


def relabelled(payload: bytes, outcome: bytes) -> bytes:
    """An erased letter with what an attempt has learned of its delivery, and none of the words of `outcome`."""
    learned = unpack(outcome)
    return msgspec.structs.replace(unpack(payload), plain=learned.plain, repeated=learned.repeated).pack()


def repeated_in(body: Mapping[str, object]) -> Callable[[str, str], bool]:
    """Whether an update, by its id and its text, tells what an event said in its own words: the whole, or a start."""
    own = body.get("update")
    # An update's reason is its sort, any other's is somebody's own words.
    names = (*_WORDS, "reason") if own is None else _WORDS
    words = tuple(_start(said) for name in names if isinstance(said := body.get(name), str) and len(said) >= WORD)
    return lambda update, text: update == own or any(word in _start(text, len(text)) for word in words)


def _start(text: str, length: int = START) -> str:
    return " ".join(text.split())[:length]
