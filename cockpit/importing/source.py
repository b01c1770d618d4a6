"""Files of other tools, read with the line of every mapping."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from cockpit.config.load import content, decode
from cockpit.config.problems import ConfigError, Problem


class Lined(dict[str, Any]):
    """A mapping that knows on which line of its file it begins."""

    line: int = 0


class _Loader(yaml.SafeLoader):
    """Safe, and it keeps lines."""


def _mapping(loader: _Loader, node: yaml.MappingNode) -> Lined:
    loader.flatten_mapping(node)
    made = Lined({str(key): value for key, value in loader.construct_pairs(node, deep=True)})
    made.line = node.start_mark.line + 1
    return made


_Loader.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, _mapping)


@dataclass(frozen=True)
class Foreign:
    """A file of another tool."""

    path: str
    data: Lined


def read(path: Path) -> Foreign:
    """The mapping in a file; ConfigError when there is none."""
    text = decode(content(path), str(path))
    try:
        # A subclass of the safe loader: it makes plain values and nothing else.
        data = yaml.load(text, _Loader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        place = (mark.line + 1, mark.column + 1) if mark is not None else (0, 0)
        raise ConfigError([Problem(str(path), *place, "", f"is not YAML: {error.problem}")]) from None
    except yaml.YAMLError:
        raise ConfigError([Problem(str(path), 0, 0, "", "is not YAML")]) from None
    if not isinstance(data, Lined):
        raise ConfigError([Problem(str(path), 1, 1, "", "holds no mapping: is it a file of that tool?")])
    return Foreign(str(path), data)


@dataclass
class Carried:
    """What was made of a file: services in our words, and what a person must look at, line by line."""

    services: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    notes: list[Problem] = field(default_factory=list)
    places: dict[str, tuple[str, int]] = field(default_factory=dict)
    """By the name of a probe, the file and line it was made of."""

    @contextmanager
    def reading(self, path: str, raw: Any, what: object) -> Iterator[None]:
        """Whatever is not of the shape that its tool writes is named, and spoils nothing else."""
        try:
            yield
        except (AttributeError, TypeError, ValueError, LookupError, ArithmeticError):
            message = f"{what} is not of the shape that its tool writes, and was left out"
            self.note(path, raw.line if isinstance(raw, Lined) else 1, message)

    def unread(self, path: str, raw: Lined, what: object, known: frozenset[str]) -> None:
        """Name every setting that is none of those known."""
        if odd := sorted(raw.keys() - known):
            self.note(path, raw.line, f"{what}: {', '.join(odd)} not carried over", "see config.example.yaml")

    def add(self, service: str, probe: dict[str, Any], path: str, line: int) -> None:
        """One more probe, made of that line; a name that is taken gets a number."""
        taken = {known["name"] for probes in self.services.values() for known in probes}
        name, count = probe["name"], 2
        while probe["name"] in taken:
            probe["name"] = f"{name[:58]}-{count}"
            count += 1
        self.services.setdefault(service, []).append(probe)
        self.places[probe["name"]] = (path, line)

    def note(self, path: str, line: int, message: str, mend: str = "") -> None:
        """Something that could not be carried over, or needs a decision."""
        self.notes.append(Problem(path, line, 1, "", message, mend, "warning"))


def name_of(text: str) -> str:
    """The nearest name that our config takes."""
    kept = "".join(letter if letter.isascii() and letter.isalnum() else "-" for letter in text.lower())
    squeezed = "-".join(part for part in kept.split("-") if part)
    return squeezed[:63] or "unnamed"
