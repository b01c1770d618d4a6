"""A derived drill for other people's eyes: who, where and what is secret, under names of no meaning. Pure."""

from __future__ import annotations

import json
import os.path
import re
import unicodedata
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from pydantic import ValidationError

from cockpit.config import yaml
from cockpit.drills.dumping import as_yaml
from cockpit.drills.model.scenario import Scenario
from cockpit.drills.recorded.derive import Derived
from cockpit.drills.recorded.naming import name as named
from cockpit.drills.recorded.naming import shortened, word
from cockpit.drills.recorded.ofruns import COCKPIT
from cockpit.drills.recorded.readings import lanes
from cockpit.drills.recorded.telling import LONGEST
from cockpit.drills.recorded.unplayable import Unplayable
from cockpit.drills.rules.case import runbooks
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
    (
        "secret",
        r"\b(?:xox[a-z]-|gh[a-z]_|glpat-|A[KS]IA|AIza|sk-|[rs]k_(?:live|test)_|hv[bs]\.|npm_|pypi-|ya29\.|ey[JK])[\w.-]{8,}",
        "secret-{}",
    ),
    ("secret", r"(?:(?<=Bearer )|(?<=Basic ))[^\s'\"]{3,}", "secret-{}"),
    (
        "secret",
        r"(?P<before>(?i:(?:password|passwd|passphrase|pwd|secret|token|(?:api|access|private|signing)[_-]?key|authorization|cookie)['\"]?"
        r"[ \t]*(?::=|[=:])[ \t]*['\"]?"
        r"(?:(?:bearer|basic|token|apikey|digest)[ \t]+)?"
        r"|--[\w-]*(?:password|secret|token|key)[ \t]+|bearer[ \t]+))"
        r"(?:(?<=\")(?![$<{\[])[^\"\n]{3,}(?=\")|(?<=')(?![$<{\[])[^'\n]{3,}(?=')"
        r"|(?!(?:true|false|null)\b)[^\s'\"{}\[\],<>$*]{3,})",
        "secret-{}",
    ),
    ("address", r"\b[\w.+-]+@[\w-]+(?:\.[\w-]+)*\b", "address-{}@mail.example"),
    ("account", r"\barn:[\w:/.*-]+", "account-{}"),
    ("path", r"(?:\b[A-Za-z]:\\|\\\\[\w.-]+\\)[^\s'\"]+", "/path/{}"),
    ("path", r"(?<![\w./-])(?:(?:\.{1,2})?(?:/[\w.@+-]+){2,}|~[\w-]*(?:/[\w.@+-]+)+)/?", "/path/{}"),
    ("secret", r"\b(?=[\w+/]*[0-9])(?=[\w+/]*[A-Za-z])[\w+/]{32,}={0,2}", "secret-{}"),
    ("ip", r"\b(?:\d{1,3}\.){3}\d{1,3}\b", "192.0.2.{}"),
    (
        "ip",
        rf"(?<![\w:])(?:(?:{_HEX}:){{4,7}}{_HEX}|(?:{_HEX}(?::{_HEX})*)?::{_HEX}(?::{_HEX})*)(?![\w:])",
        "192.0.2.{}",
    ),
    ("host", rf"\b(?i:(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+(?:{_ENDINGS}))\b", "host-{}.example"),
    ("host", r"\b(?i:[a-z](?:[a-z0-9._-]*[a-z0-9])?)(?=:\d{2,5}\b)", "host-{}"),
    ("host", r"\b(?:ip|ec2)-\d{1,3}(?:-\d{1,3}){3}\b", "host-{}"),
    ("phone", r"(?<!\w)\+\d[\d ()/-]{7,}\d", "phone-{}"),
)
"""What is replaced and by what; the first that fits a place has it. The number says which of its kind it was."""
_OTHERS = "|".join(f"(?P<k{number}>{pattern})" for number, (_, pattern, _) in enumerate(_KINDS))


_WORDS = frozenset(
    {
        "id", "kind", "fact", "source", "do", "role", "severity", "status", "path", "service", "runbook", "resolved",
        "step", "attempt", "offered", "option", "skip", "goto", "output", "chosen", "param", "include",
        "t0", "type", "method", "effect", "confirm", "section", "on_failure", "presence",
    }
)  # fmt: skip
"""Fields whose words are the format's own, or name what the runbook refers to."""


_NAMED = re.compile(
    r"(?i:authorization|cookie|--?[\w-]*(?:password|passphrase|secret|token|key)"
    r"|[\w-]*(?:password|passwd|passphrase|secret|token|api[_-]?key)[:=])[:=]?"
)
"""A word of a command after which a secret comes as a word of its own."""


def shared(derived: Derived, events: Sequence[Event]) -> Derived:
    """The same drill without names, addresses, paths and secrets; the same word always becomes the same other word.

    Unplayable where what is left is no scenario any more.
    """
    own = _own_words(derived.scenario)
    called = {_spelling(each) for each in own}
    replace = Replacer([name for name in people(events) if _spelling(name) not in called], own)
    told = _each(derived.scenario.model_dump(mode="json", by_alias=True), replace)
    for number, change in enumerate(told["changes"], 1):
        # Made of whatever it was called by, such as a branch of somebody's.
        change["id"] = f"change-{number}"
    renamed = _renamed(
        {*derived.scenario.tools, *(each for lane in lanes(events) for each in (lane.service, lane.probe))}, replace
    )
    files = _files(derived)
    try:
        scenario = Scenario.model_validate_json(_under(json.dumps(told, ensure_ascii=False), renamed))
    except ValidationError as error:
        places = (".".join(map(str, one["loc"])) for one in error.errors())
        raise Unplayable([f"{place}: somebody is called as what stands there" for place in places]) from error
    books = {files[name]: _book(source, name, files, replace) for name, source in derived.runbooks.items()}
    return Derived(scenario, {name: _under(text, renamed) for name, text in books.items()})


def _renamed(words: Iterable[str], replace: Replacer) -> Mapping[str, str]:
    """What parts of the drill are called by where that names a place, as in keys, with what to call them instead."""
    odd = {each: replace(each) for each in words if replace(each) != each}
    return {
        form: word(new) if form == word(old) else named(new) for old, new in odd.items() for form in (old, word(old))
    }


def _under(text: str, renamed: Mapping[str, str]) -> str:
    """The document with those parts under their other names."""
    if not renamed:
        return text
    every = "|".join(map(re.escape, sorted(renamed, key=len, reverse=True)))
    return re.sub(
        rf"(?<![\w.-])(?:{every})(?![\w-])|(?<=\.)(?:{every})(?![\w.-])", lambda found: renamed[found[0]], text
    )


def _files(derived: Derived) -> Mapping[str, str]:
    """Under what names the runbooks are: those that others include get numbers, whatever directory they were in."""
    started = {f"{name}.yaml" for name in runbooks(derived.scenario)}
    parts = sorted(derived.runbooks.keys() - started)
    return {name: name for name in derived.runbooks} | {name: f"part-{at}.yaml" for at, name in enumerate(parts, 1)}


def _book(source: str, name: str, files: Mapping[str, str], replace: Replacer) -> str:
    """A runbook word by word as the scenario is, so that its commands are the scenario's; without any comments."""
    told = _each(yaml.load(source, name).data, replace)
    told["id"] = told["id"] if files[name] == name else files[name].removesuffix(".yaml")
    for step in told["steps"]:
        if "include" in step:
            inner = os.path.normpath(os.path.join(os.path.dirname(name), step["include"]))
            step["include"] = f"./{files[inner]}"
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
            new = replace(node)
            # What was short enough for its place must still be.
            return shortened(new, LONGEST) if len(node) <= LONGEST else new
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
        names = [one for one in (unicodedata.normalize("NFC", name) for name in names) if re.search(r"[^\W_]", one)]
        parts = {part: name for name in names for part in re.split("[ ._]", name) if _names(part) and part not in kept}
        self._by_spelling = {_spelling(part): name for part, name in parts.items()}
        self._by_spelling |= {_spelling(name): name for name in names}
        every_name = sorted({*names, *parts, *(each.casefold() for each in (*names, *parts))}, key=_longest)
        spelled = "|".join(map(_pattern, every_name))
        # All in one pass, so that what was put in its place is not taken for a name once more.
        every = _OTHERS + (rf"|(?P<person>(?i:{spelled}))" if names else "")
        self._every = re.compile(every)
        for name in sorted(names):
            self._other("person", "person-{}", name)

    def __call__(self, text: str) -> str:
        return self._every.sub(self._swapped, unicodedata.normalize("NFC", text))

    def secret(self, word: str) -> str:
        """A word that is known for a secret as a whole, but where it only names one."""
        return word if re.fullmatch(r"\$\w+|<[^<>]+>", word) else self._other("secret", "secret-{}", word)

    def _swapped(self, found: re.Match[str]) -> str:
        group = str(found.lastgroup)
        if group == "person":
            return self._other("person", "person-{}", self._by_spelling.get(_spelling(found[0]), found[0]))
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


def _longest(name: str) -> tuple[int, str]:
    return -len(name), name


def _pattern(name: str) -> str:
    """The name as a word of its own, in any spelling; where words are not parted by spaces it may stand anywhere."""
    spelled = "[ ._-]?".join(map(re.escape, re.split("[ ._-]", name)))
    return rf"{_edge(name[0], '<')}{spelled}{_edge(name[-1], '')}"


def _edge(letter: str, side: str) -> str:
    return "" if letter.isalpha() and letter.upper() == letter.lower() else rf"(?{side}![\w-])"


def _spelling(name: str) -> str:
    """The same for every way in which people write a name."""
    # A search without regard to case takes these two for an i, and only these are folded otherwise.
    return re.sub("[ ._-]", "", name).replace("İ", "i").replace("ı", "i").casefold()
