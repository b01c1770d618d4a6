"""Which runbooks may run: those a person has seen and trusted, by their path and the hash of their bytes.

A copy of what was trusted is kept beside the list, by its hash, so that a change can be shown as such.
"""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Iterator
from difflib import unified_diff
from pathlib import Path

from cockpit.runbooks.library import Entry


def trusted(file: Path, entry: Entry) -> bool:
    """Whether the entry may run as it is: it came with the program, or these very bytes at this path are trusted."""
    return entry.bundled or (bool(entry.digest) and _strings(file).get(_pin(entry)) == entry.digest)


def trust(file: Path, entry: Entry) -> None:
    """Trust these bytes at this path from now on, in place of any others; OSError when that cannot be kept."""
    known = _strings(file)
    before = known.get(_pin(entry))
    known[_pin(entry)] = entry.digest
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    copies = _copies(file)
    copies.mkdir(mode=0o700, exist_ok=True)
    if entry.digest:
        _write(copies / f"{entry.digest}.json", _texts(entry))
    _write(file, known)
    if before and before not in known.values():
        (copies / f"{before}.json").unlink(missing_ok=True)


def diff(file: Path, entry: Entry) -> tuple[str, ...]:
    """What is different now from what was trusted last at this path, as lines of a unified diff.

    Nothing when nothing was trusted there before, or its copy is gone.
    """
    before = _strings(_copies(file) / f"{_strings(file).get(_pin(entry), '')}.json")
    return tuple(_changes(before, _texts(entry))) if before else ()


def _changes(before: dict[str, str], now: dict[str, str]) -> Iterator[str]:
    for name in sorted(before.keys() | now.keys()):
        # Not splitlines(): it takes a form feed for the end of a line, and a diff must not hide one.
        old, new = (texts.get(name, "").split("\n") for texts in (before, now))
        yield from unified_diff(old, new, f"{name} (trusted)", f"{name} (now)", lineterm="")


def _texts(entry: Entry) -> dict[str, str]:
    return {os.path.basename(_pin(entry)): entry.text} | {each.name: each.source for each in entry.included}


def _copies(file: Path) -> Path:
    return file.parent / f"{file.name}.texts"


def _write(file: Path, document: dict[str, str]) -> None:
    # A temporary file is made with mode 0600, and replaces the old one whole.
    handle, draft = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}.")
    try:
        with os.fdopen(handle, "w") as out:
            json.dump(document, out, indent=1, sort_keys=True)
            out.flush()
            os.fsync(out.fileno())
        os.replace(draft, file)
    except BaseException:
        os.unlink(draft)
        raise


def _pin(entry: Entry) -> str:
    return os.path.realpath(entry.path)


def _strings(file: Path) -> dict[str, str]:
    """The texts in a file by name; none when it is missing, damaged, or writable by others."""
    try:
        with open(file, "rb") as source:
            if os.fstat(source.fileno()).st_mode & 0o022:
                return {}
            known = json.load(source)
    except (OSError, ValueError):
        return {}
    if not isinstance(known, dict):
        return {}
    return {name: text for name, text in known.items() if isinstance(text, str)}
