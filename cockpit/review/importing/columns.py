"""The columns of a table or a CSV file, and its rows as entries or actions. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence

from cockpit.review.importing.deeds import made
from cockpit.review.importing.sheet import Row
from cockpit.review.model import Action
from cockpit.review.stated import leading
from cockpit.review.zones import AMBIGUOUS, zone_of

_NAMES = {
    "stamp": ("time", "when", "timestamp", "at", "clock", "t", "minute", "start", "datetime", "date/time", "date time"),
    "day": ("date", "day"),
    "zone": ("zone", "tz", "timezone", "time zone"),
    "text": ("what", "event", "events", "description", "text", "action", "message", "note", "notes", "details",
             "what happened", "activity", "summary", "entry"),
    "actor": ("who", "by", "actor", "user", "author", "person", "name", "from", "sender"),
    "kind": ("kind", "type", "category", "tag"),
    "result": ("result", "outcome", "effect"),
    "evidence": ("evidence", "link", "source", "proof", "ref", "reference", "url"),
}  # fmt: skip
_OF_ACTIONS = {
    "text": ("action", "what", "text", "item", "task", "description", "action item", "todo"),
    "type": ("type", "kind", "category"),
    "owner": ("owner", "who", "assignee", "assigned to", "responsible"),
    "state": ("state", "status", "done"),
    "by": ("by", "decided by"),
    "why": ("why", "reason"),
    "link": ("link", "ticket", "issue", "bug", "url"),
}
_IN_BRACKETS = re.compile(r"^(.*?)\s*[(\[]([^()\[\]]*)[)\]]$")


class Columns:
    """What each column of a table means, by its heading; what means nothing known joins the text."""

    def __init__(self, heads: Sequence[str]) -> None:
        self._heads = [" ".join(head.split()) for head in heads]
        self._roles: list[str] = []
        self._zone = ""
        for head in self._heads:
            role = _role(_plain(head), _NAMES)
            self._roles.append("" if role in self._roles else role)
            inside = _IN_BRACKETS.match(head)
            if role == "stamp" and inside and (zone_of(inside[2]) or inside[2].upper() in AMBIGUOUS):
                self._zone = inside[2]
        if "stamp" not in self._roles and "day" in self._roles:
            self._roles[self._roles.index("day")] = "stamp"

    @property
    def timed(self) -> bool:
        """Whether a column holds times."""
        return "stamp" in self._roles

    @property
    def known(self) -> bool:
        """Whether any heading means something."""
        return any(self._roles)

    def row(self, cells: Sequence[str], line: int) -> Row:
        """One row as an entry."""
        got: dict[str, str] = {}
        spare: list[str] = []
        for index, raw in enumerate(cells):
            cell = raw.strip()
            role = self._roles[index] if index < len(self._roles) else ""
            if role:
                got[role] = cell
            elif cell:
                head = self._heads[index] if index < len(self._heads) else ""
                spare.append(f"{head}: {cell}" if head else cell)
        words = " | ".join(part for part in (got.pop("text", ""), *spare) if part)
        stamp = _nothing(got.pop("stamp", ""))
        known = {name: _nothing(value) for name, value in got.items()}
        return Row(line, stamp, words, **{"zone": self._zone, **known})


def headless(cells: Sequence[str], line: int) -> Row:
    """A row of a table without headings: a time if it begins with one, and text."""
    stamp, rest = leading(cells[0].strip()) if cells else ("", "")
    return Row(line, stamp, " | ".join(part for part in (rest, *(cell.strip() for cell in cells[1:])) if part))


def begins_with_time(cells: Sequence[str]) -> bool:
    """Whether a first row is data already."""
    stamp, rest = leading(cells[0].strip()) if cells else ("", "")
    return bool(stamp) and not rest


def action(heads: Sequence[str], cells: Sequence[str], number: int) -> Action:
    """One row of a table of actions."""
    got: dict[str, str] = {}
    spare: list[str] = []
    for index, cell in enumerate(cells):
        head = heads[index] if index < len(heads) else ""
        role = _role(_plain(head), _OF_ACTIONS)
        if role and role not in got:
            got[role] = _nothing(cell.strip())
        elif cell.strip():
            spare.append(f"{head}: {cell.strip()}" if head else cell.strip())
    return made(number, " | ".join(part for part in (got.pop("text", ""), *spare) if part), got)


def _role(head: str, names: dict[str, tuple[str, ...]]) -> str:
    return next((role for role, known in names.items() if head in known), "")


def _plain(head: str) -> str:
    match = _IN_BRACKETS.match(head)
    return " ".join((match[1] if match else head).lower().strip("*_ ").split())


def _nothing(cell: str) -> str:
    return "" if cell.lower() in {"n/a", "-", "–", "—"} else cell
