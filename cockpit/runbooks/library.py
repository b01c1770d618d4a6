"""The runbooks there are: the bundled ones, and those of the directories that a config names."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

from cockpit.config.load import content, decode
from cockpit.config.problems import ConfigError, Problem
from cockpit.incident.runs import Included
from cockpit.runbooks.including import Reader
from cockpit.runbooks.lint import examine
from cockpit.runbooks.model.runbook import Runbook

SUFFIXES = (".yaml", ".yml")


@dataclass(frozen=True, slots=True)
class Entry:
    """One file that should be a runbook. `digest` is the SHA-256 of the very bytes that `text` was read from; with
    files that it includes, of all their bytes and names.

    `runbook` is None when the file cannot be used: `problems` says why; it may also hold warnings.
    """

    path: str
    bundled: bool
    text: str
    digest: str
    runbook: Runbook | None
    problems: tuple[Problem, ...]
    included: tuple[Included, ...] = ()


def library(
    directories: Sequence[Path], probes: Collection[str] | None = None, only: Collection[str] | None = None
) -> tuple[Entry, ...]:
    """Every runbook, the directories' own first, then bundled ones whose probes are there, then the other bundled ones;
    nothing is raised. An own runbook takes the place of the bundled one with its id; two own files with one id are
    refused.

    A path in `directories` may also be a file. `probes` are the names a config knows; `only` are the ids of the
    bundled ones that are wanted, all of them if None.
    """
    bundled = list(_found(_bundled(only), True, None))
    entries = [*_found(directories, False, probes), *sorted(bundled, key=lambda entry: not _fits(entry, probes or ()))]
    return tuple(_without_repeats(entries))


def _bundled(only: Collection[str] | None) -> list[Path]:
    """Where the bundled ones are: their directory, or the files of those that are wanted, called by their ids."""
    directory = bundled_directory()
    if directory is None:
        return []
    if only is None:
        return [directory]
    return [file for wanted in sorted(only) if (file := directory / f"{wanted}.yaml").is_file()]


def _fits(entry: Entry, probes: Collection[str]) -> bool:
    """Whether it could verify something here as it is."""
    return entry.runbook is not None and bool(entry.runbook.probes) and set(entry.runbook.probes) <= set(probes)


def bundled_directory() -> Path | None:
    """Where the runbooks that come with the program are, in a wheel or in a checkout."""
    package = Path(str(resources.files("cockpit")))
    places = (package / "bundled" / "runbooks", package.parent / "runbooks")
    return next((place for place in places if place.is_dir()), None)


def read_entry(path: Path, *, bundled: bool = False, probes: Collection[str] | None = None) -> Entry:
    """One file as it is now; nothing is raised."""
    where = str(path.absolute())
    try:
        raw = content(path)
        text = decode(raw, where)
    except ConfigError as error:
        return Entry(where, bundled, "", "", None, error.problems)
    found = examine(text, where, probes, _beside(path))
    digest = _digest(text, found.included)
    return Entry(where, bundled, text, digest, found.runbook, found.problems, found.included)


def _beside(path: Path) -> Reader:
    """Reads the files beside the runbook or below it, wherever links would lead."""
    directory = Path(os.path.realpath(path.absolute().parent))

    def text_of(name: str) -> str:
        file = path.absolute().parent / name
        if not Path(os.path.realpath(file)).is_relative_to(directory):
            raise ConfigError([Problem(name, 0, 0, "", "is a link that leads out of the runbook's directory")])
        return decode(content(file), str(file))

    return text_of


def _digest(text: str, included: Sequence[Included]) -> str:
    digest = hashlib.sha256(text.encode())
    if included:
        parts = [digest.digest()]
        parts += [hashlib.sha256(part.encode()).digest() for each in included for part in (each.name, each.source)]
        digest = hashlib.sha256(b"".join(parts))
    return digest.hexdigest()


def _found(places: Sequence[Path], bundled: bool, probes: Collection[str] | None) -> Iterator[Entry]:
    for place in places:
        if not place.is_dir():
            yield read_entry(place, bundled=bundled, probes=probes)
            continue
        try:
            files = sorted(file for file in place.iterdir() if file.suffix in SUFFIXES)
        except OSError as error:
            problem = Problem(str(place), 0, 0, "", f"cannot be read: {error.strerror}")
            yield Entry(str(place), bundled, "", "", None, (problem,))
            continue
        for file in files:
            yield read_entry(file, bundled=bundled, probes=probes)


def _without_repeats(entries: Sequence[Entry]) -> Iterator[Entry]:
    first: dict[str, str] = {}
    for entry in entries:
        if entry.runbook is None:
            yield entry
            continue
        taken = first.setdefault(entry.runbook.id, entry.path)
        if taken == entry.path:
            yield entry
            continue
        if entry.bundled:
            continue
        problem = Problem(entry.path, 0, 0, "id", f"{entry.runbook.id} is the id of {taken} too", "give it another")
        yield Entry(entry.path, entry.bundled, entry.text, entry.digest, None, (*entry.problems, problem))
