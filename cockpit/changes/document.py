"""The feed's document: what pipelines and scripts write, over HTTP, into a file or on standard output.

    {"changes": [{"id": "4711", "at": "2026-11-20T10:47:00Z", "kind": "config", "what": "features.login"}]}

`at` may be microseconds since the epoch too; `service`, `who`, `reviewed`, `link` and `undo` are welcome. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import datetime

import msgspec

from cockpit.changes.reading import UNREADABLE, line, microseconds, oldest_first, whole
from cockpit.changes.source import WORDS
from cockpit.clock import SECOND
from cockpit.incident.vocabulary import ChangeSeen
from cockpit.text import SafeText

Found = tuple[tuple[tuple[int, ChangeSeen], ...], tuple[SafeText, ...]]
"""Changes, oldest first, and problems."""


class Document(msgspec.Struct):
    """The envelope; the entries are read one by one."""

    changes: list[msgspec.Raw]


class _Entry(msgspec.Struct):
    id: str | int
    at: datetime | int
    what: str
    kind: str = ""
    service: str | None = None
    who: str | None = None
    reviewed: bool | None = None
    link: str | None = None
    undo: str | None = None


def read(body: bytes, source: str, service: str | None) -> Found:
    """The changes of a document; Unanswered when it is none. `service` is for entries that name none."""
    return read_entries(numbered(whole(body, Document, "a list of changes").changes), source, service)


def numbered(raws: Iterable[msgspec.Raw]) -> Iterator[tuple[str, msgspec.Raw]]:
    """The entries with what each is called in a problem."""
    return ((f"entry {number}", raw) for number, raw in enumerate(raws, 1))


def read_entries(entries: Iterable[tuple[str, bytes | msgspec.Raw]], source: str, service: str | None) -> Found:
    """The changes of these entries, each given with what it is called in a problem; a bad one spoils no other."""
    found: list[tuple[int, ChangeSeen]] = []
    problems: list[SafeText] = []
    for called, raw in entries:
        try:
            found.append(_seen(msgspec.json.decode(raw, type=_Entry), source, service))
        except UNREADABLE as error:
            problems.append(SafeText(f"{called}: {error}", WORDS))
    return oldest_first(found), tuple(problems)


def _seen(entry: _Entry, source: str, service: str | None) -> tuple[int, ChangeSeen]:
    return _moment(entry.at), ChangeSeen(
        change=f"{source}:{line(str(entry.id))}",
        source=source,
        what=line(f"{entry.kind} {_numbered(entry)}"),
        service=line(entry.service or service),
        who=line(entry.who),
        reviewed=entry.reviewed,
        link=line(entry.link),
        undo=line(entry.undo),
    )


def _numbered(entry: _Entry) -> str:
    """What was changed, with the number people know it by unless that is in it already."""
    label = str(entry.id)
    said = re.search(rf"(?<!\d){re.escape(label)}(?!\d)", entry.what)
    return entry.what if said or not label.isdecimal() else f"#{label} {entry.what}"


def _moment(at: datetime | int) -> int:
    if isinstance(at, datetime):
        return microseconds(at)
    # Anything else is seconds or milliseconds by mistake, and would land in 1970.
    if not _MICROSECONDS[0] <= at < _MICROSECONDS[1]:
        raise ValueError("at must be RFC 3339 or microseconds since the epoch")
    return at


_MICROSECONDS = (10**9 * SECOND, 10**10 * SECOND)
