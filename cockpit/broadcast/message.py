"""What readers are told, before any chat's own form: four kinds of message. All text is clean, moments microseconds."""

from __future__ import annotations

import re
from collections.abc import Callable

import msgspec

from cockpit.clock import hhmm

LOUD = frozenset({"opened", "severity_up", "needed", "escalation", "resolved"})
"""Reasons of posts that are never merged with others, and are sent again where nobody can know whether they arrived."""
SHOWN_TO_ALL = frozenset({"severity", "severity_up", "status", "needed", "escalation", "resolved"})
"""Reasons of posts that a chat shows in the channel beside the thread."""

_PREFIX = re.compile(r"^(?:DRILL - )?SEV\d: ")
REPEATED = "may be repeated"
"""What a message says of itself when it was sent again without anybody knowing whether it had arrived."""


class Link(msgspec.Struct, frozen=True):
    """Where readers find more."""

    label: str
    url: str


def unprefixed(headline: str) -> str:
    """A post's headline without the severity that it begins with."""
    return _PREFIX.sub("", headline)


class Section(msgspec.Struct, frozen=True):
    """A piece of a message: `name` says which, the heading ends with its own mark and may be empty."""

    name: str
    heading: str
    text: str


Part = tuple[str, str]
"""A heading, empty where there is none, and what stands under it."""


def _said(*parts: Part) -> tuple[Part, ...]:
    return tuple(part for part in parts if part[1])


def _lines(parts: tuple[Part, ...]) -> tuple[str, ...]:
    return tuple(f"{heading} {text}" if heading else text for heading, text in parts)


def _parts(sections: tuple[Section, ...]) -> tuple[Part, ...]:
    return tuple((section.heading, section.text) for section in sections)


CARD_SECTIONS = {
    "act": "Do you need to act?", "impact": "Impact:", "measured": "Measured:", "unaffected": "Not affected:",
    "people": "", "know": "Know:", "doing": "Doing:", "unknown": "Don't know yet:", "estimate": "Estimate:", "due": "",
}  # fmt: skip
"""The sections of a card below its headline with their headings, in the order readers need them."""
POST_SECTIONS = {
    "know": "Know:", "doing": "Doing:", "unknown": "Don't know yet:", "estimate": "Estimate:", "due": "", "thanks": "",
}  # fmt: skip
"""The same of an update in the thread."""


class Card(msgspec.Struct, frozen=True, tag="card"):
    """The one message that is kept true. Every part is empty when there is nothing to say.

    `needed` are the people asked for, by name; `estimate` is labelled with its owner; `revision` counts the updates
    told. `moments` are those the texts name. `own` are a team's sections in place of those of the code.
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
    title: str = ""
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
    moments: tuple[int, ...] = ()
    links: tuple[Link, ...] = ()
    own: tuple[Section, ...] = ()

    @property
    def sections(self) -> tuple[Section, ...]:
        """What stands between the headline and the footer, without what is empty."""
        named = CARD_SECTIONS.items()
        sections = self.own or tuple(Section(name, heading, getattr(self, name)) for name, heading in named)
        return tuple(section for section in sections if section.text)

    @property
    def parts(self) -> tuple[Part, ...]:
        """What there is to say, each under its heading."""
        links = ((f"{link.label}:", link.url) for link in self.links)
        return _said(("", self.headline), *_parts(self.sections), *links, ("", self.footer))

    @property
    def lines(self) -> tuple[str, ...]:
        """The card in plain text, one part a line."""
        return _lines(self.parts)


class Post(msgspec.Struct, frozen=True, tag="post"):
    """One update for the thread below the card; `told` are the headlines of the updates it takes the place of.

    `needed` are the people whom it calls, by name. `notice` is what it says of its own delivery: that it comes late,
    or may be repeated. `moments` and `own` are as those of the card.
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
    thanks: str = ""
    incident: str = ""
    title: str = ""
    severity: str = ""
    moments: tuple[int, ...] = ()
    own: tuple[Section, ...] = ()

    @property
    def due(self) -> str:
        """The promise of the next word."""
        return f"Next update by {hhmm(self.next_due)} UTC." if self.next_due else ""

    @property
    def sections(self) -> tuple[Section, ...]:
        """What stands below the headline, without what is empty."""
        named = POST_SECTIONS.items()
        sections = self.own or tuple(Section(name, heading, getattr(self, name)) for name, heading in named)
        # The promise may have been made anew since: it is never taken from a team's sections as they were.
        renewed = (msgspec.structs.replace(each, text=self.due) if each.name == "due" else each for each in sections)
        return tuple(section for section in renewed if section.text)

    @property
    def parts(self) -> tuple[Part, ...]:
        """What there is to say, each under its heading; `-` is that of one of several."""
        told = (("-", headline) for headline in self.told)
        notice = f"({self.notice})" if self.notice else ""
        return _said(("", self.headline), *told, *_parts(self.sections), ("", notice))

    @property
    def lines(self) -> tuple[str, ...]:
        """The update in plain text, one part a line."""
        return _lines(self.parts)


class Switch(msgspec.Struct, frozen=True, tag="switch"):
    """What the chat itself is to say at `at` unless it is told otherwise before; `at` 0 takes it back.

    `ask` is who is to be asked then, by name.
    """

    at: int
    text: str
    ask: str = ""

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
        if isinstance(value, msgspec.Struct):
            return msgspec.structs.replace(value, **{name: clean(getattr(value, name)) for name in names(value)})
        return redact(value) if isinstance(value, str) else value

    def names(struct: msgspec.Struct) -> tuple[str, ...]:
        return struct.__struct_fields__

    return msgspec.structs.replace(message, **{name: clean(getattr(message, name)) for name in names(message)})
