"""A derived drill for other people's eyes: who, where and what is secret, under names of no meaning. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterable, Sequence
from typing import Any

from cockpit.config import yaml
from cockpit.drills.dumping import as_yaml
from cockpit.drills.model.scenario import Scenario
from cockpit.drills.recorded.derive import Derived
from cockpit.drills.recorded.ofruns import COCKPIT
from cockpit.incident.attendance import HelpOffered, PersonNeeded, PersonReleased, PresenceDeclared, RoleTaken, TimerSet
from cockpit.incident.broadcasts import UpdatePosted
from cockpit.incident.event import Event
from cockpit.incident.vocabulary import AlertSeen, ChangeSeen

_ENDINGS = (
    "com|net|org|io|dev|app|cloud|co|eu|de|fr|uk|nl|se|ch|us|internal|intern|local|localdomain|corp|lan|svc|example|"
    "ai|tech|biz|jp|cn|br|au|nz|ca|mx|es|pl|pt|dk|fi|ie|cz|gr|kr|sg|il|gov|edu|consul|arpa"
)
"""What the name of a host ends with; other words with dots are steps, files and keys."""
_HEX = "[0-9A-Fa-f]{1,4}"
_KINDS: tuple[tuple[str, str, str], ...] = (
    ("url", r"\b(?i:[a-z][a-z0-9+.-]*)://[^\s'\"<>\\)\]]+", "https://url-{}.example"),
    ("secret", r"\b(?:xox[a-z]-|gh[a-z]_|glpat-|AKIA|sk-|ey[JK])[\w.-]{8,}", "secret-{}"),
    ("secret", r"(?:(?<=Bearer )|(?<=Basic ))[^\s'\"]{3,}", "secret-{}"),
    (
        "secret",
        r"(?P<before>(?i:(?:password|passwd|passphrase|pwd|secret|token|api[_-]?key|authorization|cookie)['\"]?"
        r"[ \t]*[=:][ \t]*['\"]?"
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


_NAMED = re.compile(
    r"(?i:authorization|cookie|--?[\w-]*(?:password|passphrase|secret|token|key)"
    r"|[\w-]*(?:password|passwd|passphrase|secret|token|api[_-]?key)[:=])[:=]?"
)
"""A word of a command after which a secret comes as a word of its own."""


def shared(derived: Derived, events: Sequence[Event]) -> Derived:
    """The same drill without names, addresses, paths and secrets; the same word always becomes the same other word."""
    replace = Replacer(people(events), _own_words(derived.scenario))
    told = _each(derived.scenario.model_dump(mode="json", by_alias=True), replace)
    scenario = Scenario.model_validate_json(json.dumps(told))
    return Derived(scenario, {name: _book(source, name, replace) for name, source in derived.runbooks.items()})


def _book(source: str, name: str, replace: Replacer) -> str:
    """A runbook word by word as the scenario is, so that its commands are the scenario's; without any comments."""
    told = _each(yaml.load(source, name).data, replace)
    for param in (told.get("params") or {}).values():
        # What was replaced does not look like this any more.
        param.pop("pattern", None)
    return as_yaml(told)


def _own_words(scenario: Scenario) -> frozenset[str]:
    """What the drill calls its parts by, whoever else is called so."""
    probes = (probe.name for service in scenario.services for probe in service.probes)
    return frozenset({*scenario.tools, *(service.name for service in scenario.services), *probes})


def _each(node: Any, replace: Replacer) -> Any:
    """The document with every text replaced, but for words that the format itself knows."""
    match node:
        case dict():
            return {key: value if key in _WORDS else _each(value, replace) for key, value in node.items()}
        case list():
            return [_word(value, before, replace) for before, value in zip(["", *node], node, strict=False)]
        case str():
            return replace(node)
    return node


def _word(value: Any, before: Any, replace: Replacer) -> Any:
    if isinstance(value, str) and isinstance(before, str) and _NAMED.fullmatch(before):
        return replace.secret(value)
    return _each(value, replace)


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
            case PresenceDeclared(person=person) | UpdatePosted(eta_by=person):
                named.add(person)
            case ChangeSeen(who=who) | AlertSeen(who=who) | TimerSet(who=who):
                named.add(who)
    return tuple(sorted(named - {"", COCKPIT}, key=lambda name: (-len(name), name)))


class Replacer:
    """Puts other words in the place of these names, in any spelling, and of whatever names a place or is secret.

    The same word always becomes the same other word.
    """

    def __init__(self, names: Sequence[str], kept: Collection[str] = ()) -> None:
        """A part of a name is replaced as the whole is, such as a first name, but for the words that are `kept`."""
        self._known: dict[tuple[str, str], str] = {}
        self._counts: dict[str, int] = {}
        parts = {part: name for name in names for part in re.split("[ ._]", name) if _names(part) and part not in kept}
        self._by_spelling = {_spelling(part): name for part, name in parts.items()}
        self._by_spelling |= {_spelling(name): name for name in names}
        every_name = [*names, *sorted(parts, key=len, reverse=True)]
        spelled = "|".join("[ ._-]?".join(re.escape(part) for part in re.split("[ ._-]", name)) for name in every_name)
        # All in one pass, so that what was put in its place is not taken for a name once more.
        every = _OTHERS + (rf"|(?P<person>(?i:(?<![\w-])(?:{spelled})(?![\w-])))" if names else "")
        self._every = re.compile(every)
        for name in sorted(names):
            self._other("person", "person-{}", name)

    def __call__(self, text: str) -> str:
        return self._every.sub(self._swapped, text)

    def secret(self, word: str) -> str:
        """A word that is known for a secret as a whole, but where it only names one."""
        return word if re.fullmatch(r"\$\w+|<[^<>]+>", word) else self._other("secret", "secret-{}", word)

    def _swapped(self, found: re.Match[str]) -> str:
        group = str(found.lastgroup)
        if group == "person":
            return self._other("person", "person-{}", self._by_spelling[_spelling(found[0])])
        kind, _, form = _KINDS[int(group[1:])]
        before = found["before"] or ""
        return before + self._other(kind, form, found[0].removeprefix(before))

    def _other(self, kind: str, form: str, text: str) -> str:
        if (kind, text) not in self._known:
            self._counts[kind] = self._counts.get(kind, 0) + 1
            self._known[kind, text] = form.format(self._counts[kind])
        return self._known[kind, text]


def _names(part: str) -> bool:
    """Whether it may be a first or last name, and is no number or initial."""
    return len(part) > 2 and part.isalpha()


def _spelling(name: str) -> str:
    """The same for every way in which people write a name."""
    return re.sub("[ ._-]", "", name).casefold()
