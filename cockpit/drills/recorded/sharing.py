"""A derived drill for other people's eyes: who, where and what is secret, under names of no meaning. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from cockpit.drills.model import Scenario
from cockpit.drills.recorded.derive import Derived
from cockpit.drills.recorded.ofruns import COCKPIT
from cockpit.incident.attendance import HelpOffered, PersonNeeded, PersonReleased, PresenceDeclared, RoleTaken
from cockpit.incident.event import Event
from cockpit.incident.vocabulary import ChangeSeen

_ENDINGS = (
    "com|net|org|io|dev|app|cloud|co|eu|de|fr|uk|nl|se|ch|us|internal|intern|local|localdomain|corp|lan|svc|example|"
    "ai|tech|biz|jp|cn|br|au|nz|ca|mx|es|pl|pt|dk|fi|ie|cz|gr|kr|sg|il|gov|edu|consul|arpa"
)
"""What the name of a host ends with; other words with dots are steps, files and keys."""
_HEX = "[0-9A-Fa-f]{1,4}"
_KINDS: tuple[tuple[str, str, str], ...] = (
    ("url", r"\b(?i:[a-z][a-z0-9+.-]*)://[^\s'\"<>\\)\]]+", "https://url-{}.example"),
    ("secret", r"\b(?:xox[a-z]-|gh[a-z]_|glpat-|AKIA|sk-|ey[JK])[\w.-]{8,}", "secret-{}"),
    ("secret", r"(?<=Bearer )[^\s'\"]{3,}", "secret-{}"),
    (
        "secret",
        r"(?P<before>(?i:(?:password|passwd|passphrase|pwd|secret|token|api[_-]?key)['\"]?[ \t]*[=:][ \t]*['\"]?"
        r"|--[\w-]*(?:password|secret|token|key)[ \t]+))"
        r"(?!(?:true|false|null)\b)[^\s'\"{}\[\],<>$*]{3,}",
        "secret-{}",
    ),
    ("address", r"\b[\w.+-]+@[\w-]+(?:\.[\w-]+)*\b", "address-{}@mail.example"),
    ("account", r"\barn:[\w:/.*-]+", "account-{}"),
    ("path", r"\b[A-Za-z]:\\[^\s'\"]+", "/path/{}"),
    ("path", r"(?<![\w./-])(?:(?:\.{1,2})?(?:/[\w.@+-]+){2,}|~[\w-]*(?:/[\w.@+-]+)+)/?", "/path/{}"),
    ("secret", r"\b(?=[\w+/]*[0-9])(?=[\w+/]*[A-Za-z])[\w+/]{32,}={0,2}", "secret-{}"),
    ("ip", r"\b(?:\d{1,3}\.){3}\d{1,3}\b", "192.0.2.{}"),
    (
        "ip",
        rf"(?<![\w:])(?:(?:{_HEX}:){{4,7}}{_HEX}|(?:{_HEX}(?::{_HEX})*)?::{_HEX}(?::{_HEX})*)(?![\w:])",
        "192.0.2.{}",
    ),
    ("host", rf"\b(?i:(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+(?:{_ENDINGS}))\b", "host-{}.example"),
    ("host", r"\b[a-z][a-z0-9-]*(?=:\d{3,5}\b)", "host-{}"),
    ("phone", r"(?<!\w)\+\d[\d ()/-]{7,}\d", "phone-{}"),
)
"""What is replaced and by what; the first that fits a place has it. The number says which of its kind it was."""
_OTHERS = "|".join(f"(?P<k{number}>{pattern})" for number, (_, pattern, _) in enumerate(_KINDS))


_WORDS = frozenset({"id", "kind", "fact", "source", "do", "role", "severity", "status", "path", "service", "runbook"})
"""Fields whose words are the format's own, or name what the runbook refers to."""


def shared(derived: Derived, events: Sequence[Event]) -> Derived:
    """The same drill without names, addresses, paths and secrets; the same word always becomes the same other word."""
    replace = replacing(people(events))
    told = _each(derived.scenario.model_dump(mode="json", by_alias=True), replace)
    scenario = Scenario.model_validate_json(json.dumps(told))
    return Derived(scenario, {name: replace(source) for name, source in derived.runbooks.items()})


def _each(node: Any, replace: Callable[[str], str]) -> Any:
    """The document with every text replaced, but for words that the format itself knows."""
    match node:
        case dict():
            return {key: value if key in _WORDS else _each(value, replace) for key, value in node.items()}
        case list():
            return [_each(value, replace) for value in node]
        case str():
            return replace(node)
    return node


def people(events: Iterable[Event]) -> tuple[str, ...]:
    """Everybody who is named as such, the longest name first so that none is cut by another."""
    named: set[str] = set()
    for event in events:
        named.add(event.actor)
        match event.body:
            case RoleTaken(person=person, previous=previous):
                named |= {person, previous}
            case PersonNeeded(person=person) | PersonReleased(person=person) | HelpOffered(person=person):
                named.add(person)
            case PresenceDeclared(person=person):
                named.add(person)
            case ChangeSeen(who=who):
                named.add(who)
    return tuple(sorted(named - {"", COCKPIT}, key=lambda name: (-len(name), name)))


def replacing(names: Sequence[str]) -> Callable[[str], str]:
    """Puts other words in the place of these names, in any spelling, and of whatever names a place or is secret."""
    known: dict[tuple[str, str], str] = {}
    counts: dict[str, int] = {}

    def other(kind: str, form: str, text: str) -> str:
        if (kind, text) not in known:
            counts[kind] = counts.get(kind, 0) + 1
            known[kind, text] = form.format(counts[kind])
        return known[kind, text]

    for name in sorted(names):
        other("person", "person-{}", name)

    def swapped(found: re.Match[str]) -> str:
        group = str(found.lastgroup)
        if group == "person":
            return other("person", "person-{}", by_spelling[_spelling(found[0])])
        kind, _, form = _KINDS[int(group[1:])]
        before = found["before"] or ""
        return before + other(kind, form, found[0].removeprefix(before))

    by_spelling = {_spelling(name): name for name in names}
    spelled = "|".join("[ ._-]?".join(re.escape(part) for part in re.split("[ ._-]", name)) for name in names)
    # All in one pass, so that what was put in its place is not taken for a name once more.
    every = re.compile(_OTHERS + (rf"|(?P<person>(?i:(?<![\w-])(?:{spelled})(?![\w-])))" if names else ""))
    return lambda text: every.sub(swapped, text)


def _spelling(name: str) -> str:
    """The same for every way in which people write a name."""
    return re.sub("[ ._-]", "", name).casefold()
