"""What readers are told, before any chat's own form: four kinds of message. All text is clean, moments microseconds."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from cockpit.clock import hhmm

LOUD = frozenset({"opened", "severity_up", "needed", "resolved"})
"""Reasons of posts that are never merged with others, and are sent again where nobody can know whether they arrived."""
SHOWN_TO_ALL = frozenset({"severity", "severity_up", "status", "needed", "resolved"})
"""Reasons of posts that a chat shows in the channel beside the thread."""


Part = tuple[str, str]
"""A heading, empty where there is none, and what stands under it."""


def _said(*parts: Part) -> tuple[Part, ...]:
    return tuple(part for part in parts if part[1])


def _lines(parts: tuple[Part, ...]) -> tuple[str, ...]:
    return tuple(f"{heading} {text}" if heading else text for heading, text in parts)


class Card(msgspec.Struct, frozen=True, tag="card"):
    """The one message that is kept true. Every part is empty when there is nothing to say.

    `needed` are the people asked for, by name; `eta` is an estimate of `eta_by`, 0 for none; `revision` counts the
    updates told.
    """

    headline: str
    act: str
    impact: str
    measured: str
    unaffected: str
    know: str
    doing: str
    unknown: str
    people: str
    due: str
    footer: str
    severity: str = ""
    status: str = ""
    lead: str = ""
    on_it: str = ""
    released: str = ""
    needed: tuple[str, ...] = ()
    started: int = 0
    next_due: int = 0
    as_of: int = 0
    estimate: str = ""
    incident: str = ""
    revision: int = 0
    resolved: bool = False

    @property
    def parts(self) -> tuple[Part, ...]:
        """What there is to say, each under its heading."""
        return _said(
            ("", self.headline),
            ("Do you need to act?", self.act),
            ("Impact:", self.impact),
            ("Measured:", self.measured),
            ("Not affected:", self.unaffected),
            ("Know:", self.know),
            ("Doing:", self.doing),
            ("Don't know yet:", self.unknown),
            ("Estimate:", self.estimate),
            ("", self.people),
            ("", self.due),
            ("", self.footer),
        )

    @property
    def lines(self) -> tuple[str, ...]:
        """The card in plain text, one part a line."""
        return _lines(self.parts)


class Post(msgspec.Struct, frozen=True, tag="post"):
    """One update for the thread below the card; `told` are the headlines of the updates it takes the place of.

    `notice` is what it says of its own delivery: that it comes late, or may be repeated.
    """

    reason: str
    headline: str
    know: str = ""
    doing: str = ""
    unknown: str = ""
    next_due: int = 0
    estimate: str = ""
    needed: tuple[str, ...] = ()
    told: tuple[str, ...] = ()
    notice: str = ""

    @property
    def parts(self) -> tuple[Part, ...]:
        """What there is to say, each under its heading; `-` is that of one of several."""
        return _said(
            ("", self.headline),
            *(("-", headline) for headline in self.told),
            ("Know:", self.know),
            ("Doing:", self.doing),
            ("Don't know yet:", self.unknown),
            ("Estimate:", self.estimate),
            ("", f"Next update by {hhmm(self.next_due)} UTC." if self.next_due else ""),
            ("", f"({self.notice})" if self.notice else ""),
        )

    @property
    def lines(self) -> tuple[str, ...]:
        """The update in plain text, one part a line."""
        return _lines(self.parts)


class Switch(msgspec.Struct, frozen=True, tag="switch"):
    """What the chat itself is to say at `at` unless it is told otherwise before; `at` 0 takes it back."""

    at: int
    text: str

    @property
    def lines(self) -> tuple[str, ...]:
        return (self.text,)


class Direct(msgspec.Struct, frozen=True, tag="direct"):
    """A word for one person alone."""

    person: str
    text: str

    @property
    def lines(self) -> tuple[str, ...]:
        return (self.text,)


Message = Card | Post | Switch | Direct


def redacted(message: Message, redact: Callable[[str], str]) -> Message:
    """The message without the secrets in any of its texts."""

    def clean(value: object) -> object:
        if isinstance(value, tuple):
            return tuple(clean(each) for each in value)
        return redact(value) if isinstance(value, str) else value

    return msgspec.structs.replace(
        message, **{name: clean(getattr(message, name)) for name in message.__struct_fields__}
    )
