"""The envelope of an event, and how its body travels to and from bytes."""

from __future__ import annotations

from typing import Any, ClassVar

import msgspec


class Body(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What happened. A subclass is one kind of event; its fields only ever gain defaults within a version."""

    kind: ClassVar[str] = ""
    version: ClassVar[int] = 1


class Unknown(msgspec.Struct, frozen=True):
    """An event of a kind or version this program does not know yet: kept, and shown as it is."""

    kind: str
    raw: bytes


class Erased(msgspec.Struct, frozen=True):
    """An event whose body was erased after the fact, because it held what nobody should read."""

    kind: str


AnyBody = Body | Unknown | Erased

WATCH = "watch"
"""The stream of everything seen while no incident is open."""


class Event(msgspec.Struct, frozen=True):
    """One fact of a stream. `seq` is gapless from 1; times are microseconds since the epoch, UTC."""

    stream: str
    seq: int
    occurred_at: int
    recorded_at: int
    actor: str
    host: str
    body: AnyBody


class Draft(msgspec.Struct, frozen=True):
    """An event before the journal has given it its place. `occurred_at` of 0 means: when it is recorded."""

    body: Body
    actor: str
    occurred_at: int = 0


def encode(body: AnyBody) -> bytes:
    """The bytes the journal stores and hashes; an unknown body gives back the bytes it came from."""
    if isinstance(body, Unknown):
        return body.raw
    if isinstance(body, Erased):
        raise ValueError("an erased body has no bytes")
    fields: dict[str, Any] = {"v": body.version}
    fields.update(msgspec.to_builtins(body, enc_hook=str))
    return msgspec.json.encode(fields)


def kind_of(body: AnyBody) -> str:
    """The name of what happened, as stored."""
    return body.kind
