"""The published word on the freeze, and its bytes. Pure, and standard library only: pipelines read it too."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from cockpit.moments import SECOND, iso

VERSION = 1
LIMIT = 64 * 1024
"""Bytes: what is longer is no document of ours."""

State = Literal["open", "frozen"]


class NotADocument(ValueError):
    """The bytes are not a published freeze; the text says why."""


@dataclass(frozen=True)
class Override:
    """One change that is let through, and why."""

    what: str
    reason: str


@dataclass(frozen=True)
class Document:
    """What everybody is asked to do. Times are microseconds since the epoch, UTC; `until` is 0 for until lifted.

    `serial` is when the last word on the freeze was said, so that of two documents the later word is known.
    An open one has no scope; `reason` and `by` are then of whoever lifted the freeze.
    """

    profile: str
    state: State
    scope: tuple[str, ...]
    reason: str
    by: str
    until: int
    serial: int
    published_at: int
    valid_until: int
    overrides: tuple[Override, ...] = ()


def fields(document: Document) -> dict[str, Any]:
    """The document as JSON knows it, without a signature; moments are RFC 3339 in whole seconds, UTC."""
    return {
        "version": VERSION,
        "profile": document.profile,
        "state": document.state,
        "scope": list(document.scope),
        "reason": document.reason,
        "by": document.by,
        # A freeze ends no earlier than it was told to.
        "until": iso(document.until + SECOND - 1) if document.until else None,
        "serial": document.serial,
        "published_at": iso(document.published_at),
        "valid_until": iso(document.valid_until),
        "overrides": [{"what": each.what, "reason": each.reason} for each in document.overrides],
    }


def canonical(raw: dict[str, Any]) -> bytes:
    """The one way to write it: keys sorted, no white space, ASCII only."""
    return json.dumps(raw, sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False).encode("ascii")


def parse(data: bytes) -> dict[str, Any]:
    """The JSON object in these bytes; NotADocument when there is none, or a key is there twice."""
    if len(data) > LIMIT:
        raise NotADocument(f"it is longer than {LIMIT // 1024} KiB")
    try:
        raw = json.loads(data.decode("utf-8"), object_pairs_hook=_once, parse_constant=_never, parse_float=_never)
    except NotADocument:
        raise
    except (ValueError, RecursionError):
        raise NotADocument("it is not JSON") from None
    if not isinstance(raw, dict):
        raise NotADocument("it is not a JSON object")
    return raw


def read(raw: dict[str, Any]) -> Document:
    """The document in a parsed object; fields of a later program are passed over. NotADocument when it is none."""
    version = _of(raw, "version", int)
    if version != VERSION:
        raise NotADocument(f"it is of version {version}, and this program reads {VERSION}: use a newer cockpit")
    state = _of(raw, "state", str)
    if state not in ("open", "frozen"):
        raise NotADocument("its state is neither open nor frozen")
    scope = _of(raw, "scope", list)
    if not all(isinstance(word, str) for word in scope) or (state == "frozen") != bool(scope):
        raise NotADocument("its scope does not fit its state")
    document = Document(
        profile=_of(raw, "profile", str),
        state="frozen" if state == "frozen" else "open",
        scope=tuple(scope),
        reason=_of(raw, "reason", str),
        by=_of(raw, "by", str),
        until=0 if raw.get("until", "") is None else _moment(raw, "until"),
        serial=_of(raw, "serial", int),
        published_at=_moment(raw, "published_at"),
        valid_until=_moment(raw, "valid_until"),
        overrides=tuple(_override(each) for each in _of(raw, "overrides", list)),
    )
    if document.valid_until <= document.published_at:
        raise NotADocument("it ends before it begins")
    return document


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise NotADocument("a key is there twice")
    return found


def _never(constant: str) -> Any:
    raise NotADocument(f"{constant[:20]} has no place in it")


def _of(raw: dict[str, Any], name: str, kind: type) -> Any:
    value = raw.get(name)
    if type(value) is not kind:
        raise NotADocument(f"its {name} is missing or is something else")
    return value


def _override(raw: Any) -> Override:
    if not isinstance(raw, dict):
        raise NotADocument("one of its overrides is something else")
    return Override(_of(raw, "what", str), _of(raw, "reason", str))


def _moment(raw: dict[str, Any], name: str) -> int:
    text = _of(raw, name, str)
    try:
        found = datetime.strptime(text, "%Y-%m-%dT%H:%M:%S%z")
    except ValueError:
        raise NotADocument(f"its {name} is not a moment such as 2026-11-20T22:00:00Z") from None
    return int(found.timestamp()) * SECOND
