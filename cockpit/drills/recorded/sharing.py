"""A derived drill for other people's eyes: who, where and what is secret, under names of no meaning. Pure."""

from __future__ import annotations

import json
import os.path
import re
from collections.abc import Iterable, Mapping, Sequence
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
from cockpit.drills.recorded.replacing import Replacer, spelling
from cockpit.drills.recorded.telling import LONGEST
from cockpit.drills.recorded.unplayable import Unplayable
from cockpit.drills.rules.case import runbooks
from cockpit.incident.attendance import HelpOffered, PersonNeeded, PersonReleased, PresenceDeclared, RoleTaken, TimerSet
from cockpit.incident.broadcasts import UpdatePosted
from cockpit.incident.event import Event
from cockpit.incident.vocabulary import AlertSeen, ChangeSeen

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
    called = {spelling(each) for each in own}
    replace = Replacer([name for name in people(events) if spelling(name) not in called], own)
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
            return {key: _field(key, value, replace) for key, value in node.items()}
        case list():
            return [_word(value, before, replace) for before, value in zip(["", *node], node, strict=False)]
        case str():
            new = replace(node)
            # What was short enough for its place must still be.
            return shortened(new, LONGEST) if len(node) <= LONGEST else new
    return node


def _field(key: str, value: Any, replace: Replacer) -> Any:
    if key == "params":
        # These are called as their author likes, also as what the format knows.
        return {name: _each(each, replace) for name, each in (value or {}).items()}
    return value if key in _WORDS else _each(value, replace)


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
