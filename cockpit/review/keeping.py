"""What people wrote into a report outlives its being written again: found, checked, and never overwritten unread."""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Literal, TypeVar

import msgspec
from pydantic import BaseModel, ConfigDict, ValidationError

from cockpit.config.problems import ConfigError, Problem
from cockpit.review import human
from cockpit.review.blocks import NOTHING
from cockpit.review.human import Written
from cockpit.review.model import Action, Header, Human, Report
from cockpit.review.parts import BY_NAME
from cockpit.review.sealing import SEALED

MAX_BYTES = 512 * 1024 * 1024
"""A larger file is no report that a person could have written in."""
GENERATOR = '<meta name="generator" content="cockpit">'
"""By this line a page is known as one of ours."""
SOURCES = (".md", ".json")
"""The forms in which people write, by their suffixes: a sibling of one of them is looked at."""
ENDS = 8_192
"""Bytes at each end of a file by which it is known what it is."""
Kind = Literal["empty", "page", "source", "foreign"]


M = TypeVar("M", bound=BaseModel)


class _Said(BaseModel):
    """Of a report whose it is and what people wrote: what was computed is computed anew, however long it is."""

    model_config = ConfigDict(extra="ignore", frozen=True, strict=True)

    version: Literal[1] = 1
    header: Header
    human: Human = Human()


class Refused(Exception):
    """Writing there would lose something; the message says what, and what to do."""


def written_by_people(target: Path | None, named: Path | None, incident: str) -> Human:
    """What people have added so far: in the file named, in the one to be written, or in its siblings.

    ConfigError when a file cannot be read, Refused when it is unclear which words count.
    """
    if target is not None and target.is_file() and kind_of(target) == "foreign":
        raise Refused(f"{target} is there already and is no report of the cockpit: name another file")
    if named is not None:
        return _read(named, incident).human
    found: dict[Path, Human] = {}
    for path in _places(target):
        said = _read(path, incident).human
        if said != Human():
            found[path] = said
    if not found:
        return Human()
    first, *others = found.items()
    for path, said in others:
        if said != first[1]:
            names = ", ".join(_differing(first[1], said))
            raise Refused(
                f"{first[0]} and {path} do not say the same ({names}): name the one that counts with --human FILE"
            )
    return first[1]


def put(target: Path, text: str, replaces: Human) -> Path | None:
    """Write it in one go; what people had written there otherwise is moved aside first, and its new place given."""
    if target.exists() and not target.is_file():
        # A pipe or a terminal: nothing there can be kept or lost.
        target.write_text(text, "utf-8")
        return None
    real = Path(os.path.realpath(target))
    aside = None
    if real.is_file() and kind_of(real) == "source" and human.lost(_read(real, "").human, replaces):
        aside = next(path for path in _asides(real) if not path.exists())
        shutil.copy2(real, aside)
    # A file that a person's editor may read: as open as any new file of theirs, or as the one it replaces.
    mask = os.umask(0)
    os.umask(mask)
    mode = real.stat().st_mode & 0o777 if real.exists() else 0o666 & ~mask
    handle, draft = tempfile.mkstemp(dir=real.parent, prefix=f".{real.name}.")
    try:
        with open(handle, "w", encoding="utf-8", newline="\n") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(draft, mode)
        os.replace(draft, real)
    except BaseException:
        with suppress(FileNotFoundError):
            os.unlink(draft)
        raise
    return aside


def _asides(path: Path) -> Iterator[Path]:
    number = 1
    while True:
        yield path.with_name(f"{path.name}.{number}")
        number += 1


def _places(target: Path | None) -> Iterator[Path]:
    if target is not None and target.name:
        for path in dict.fromkeys((target, *(target.with_suffix(suffix) for suffix in SOURCES))):
            if path.is_file() and kind_of(path) == "source":
                yield path


def kind_of(path: Path) -> Kind:
    """What a file is, by what stands in it; one that is named as people's sources are proves itself when it is read."""
    if not (size := path.stat().st_size):
        return "empty"
    try:
        with open(path, "rb") as file:
            head = file.read(ENDS)
            file.seek(max(0, size - ENDS))
            tail = file.read(ENDS)
    except OSError as error:
        raise ConfigError([Problem(str(path), 0, 0, "", f"cannot be read: {error.strerror}")]) from None
    if GENERATOR.encode() in head:
        return "page"
    return "source" if path.suffix.lower() in SOURCES or SEALED.encode() in tail else "foreign"


def _read(path: Path, incident: str) -> Written:
    text = _text(path)
    as_json = path.suffix.lower() == ".json" or text.lstrip().startswith("{")
    found = _of_json(text, path) if as_json else human.read(text, str(path))
    if incident and found.incident != incident:
        raise Refused(f"{path} is the report of {found.incident}, not of {incident}: name another file")
    return found


def _text(path: Path) -> str:
    try:
        with open(path, "rb") as file:
            raw = file.read(MAX_BYTES + 1)
        if len(raw) > MAX_BYTES:
            raise ConfigError([Problem(str(path), 0, 0, "", "is too large for a report")])
        return raw.decode()
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise ConfigError([Problem(str(path), line, 1, "", "is not UTF-8", "save it as UTF-8")]) from None
    except OSError as error:
        raise ConfigError([Problem(str(path), 0, 0, "", f"cannot be read: {error.strerror}")]) from None


def document(path: Path) -> Report:
    """The report in a JSON file; ConfigError with everything that is wrong with it."""
    return _checked(Report, _text(path), path)


def _checked(kind: type[M], text: str, path: Path) -> M:
    try:
        return kind.model_validate_json(text)
    except ValidationError as error:
        problems = [
            Problem(str(path), 0, 0, ".".join(str(step) for step in one["loc"]), one["msg"])
            for one in error.errors(include_url=False)
        ]
        raise ConfigError(problems) from None


def _of_json(text: str, path: Path) -> Written:
    try:
        report = _Said.model_validate_json(_only_said(text))
    except ValidationError:
        # Where it is wrong is told of the file as it is.
        report = _checked(_Said, text, path)
    return Written(report.header.id, tidy(report.human), frozenset(BY_NAME))


def _only_said(text: str) -> str | bytes:
    """The document without what was computed, which is long; one that cannot be taken apart stays as it is."""
    try:
        found = msgspec.json.decode(text, type=dict[str, msgspec.Raw])
    except (msgspec.MsgspecError, RecursionError):
        return text
    return msgspec.json.encode({name: found[name] for name in _Said.model_fields if name in found})


def tidy(said: Human) -> Human:
    """The same without the blanks around words, which Markdown does not keep."""

    def trimmed(text: str) -> str:
        return re.sub(r"\n{3,}", "\n\n", "\n".join(line.rstrip() for line in text.strip("\n").split("\n")).strip())

    fields: Mapping[str, object] = {
        name: trimmed(value) if isinstance(value, str) else tuple(filter(None, map(trimmed, value)))
        for name in BY_NAME
        if name != "actions"
        for value in (getattr(said, name),)
    }
    return said.model_copy(update={**fields, "actions": tuple(map(_tidy_action, said.actions))})


def _tidy_action(action: Action) -> Action:
    """As a row of a table holds it: each cell one line, and nothing where it says n/a."""
    fields = {name: " ".join(getattr(action, name).split()) for name in ("id", "text", "owner", "by", "why", "link")}
    return action.model_copy(update={name: "" if said == NOTHING else said for name, said in fields.items()})


def _differing(one: Human, other: Human) -> list[str]:
    return [name for name in BY_NAME if getattr(one, name) != getattr(other, name)]
