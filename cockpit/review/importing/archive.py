"""The files of a Slack export, from its zip or its directory, bounded: what is packed too well is not unpacked."""

from __future__ import annotations

import os
import zipfile
from pathlib import Path
from zlib import error as ZlibError

from cockpit.review.importing import files
from cockpit.review.importing.files import MAX_BYTES, unusable

MAX_FILES = 2_000
MAX_TOTAL = 64 * 1024 * 1024
"""Bytes of all files together, unpacked."""


def directory(path: Path) -> dict[str, str]:
    """The JSON files below a directory by their place in it; links are not followed."""
    found: dict[str, str] = {}
    total = 0
    for folder, _, names in os.walk(path):
        for name in sorted(name for name in names if name.endswith(".json")):
            file = Path(folder, name)
            if file.is_symlink():
                continue
            raw = files.raw(file)
            total += len(raw)
            _bounded(str(path), len(found) + 1, total)
            found[str(file)] = files.text(raw, str(file))
    return _any(found, path)


def packed(path: Path) -> dict[str, str]:
    """The JSON files in a zip by their place in it."""
    found: dict[str, str] = {}
    total = 0
    try:
        with zipfile.ZipFile(path) as archive:
            members = [one for one in archive.infolist() if one.filename.endswith(".json") and not one.is_dir()]
            _bounded(str(path), len(members), sum(one.file_size for one in members))
            for member in members:
                place = f"{path}/{member.filename}"
                with archive.open(member) as file:
                    # What its list says of a file's size may be a lie: no more is read than may be.
                    raw = file.read(MAX_BYTES + 1)
                if len(raw) > MAX_BYTES:
                    raise unusable(place, f"is larger than {MAX_BYTES >> 20} MB", "split it")
                total += len(raw)
                _bounded(str(path), len(members), total)
                found[place] = files.text(raw, place)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, ZlibError, EOFError, ValueError, OSError) as error:
        raise unusable(str(path), f"cannot be unpacked: {error}") from None
    return _any(found, path)


def _bounded(path: str, count: int, total: int) -> None:
    if count > MAX_FILES:
        raise unusable(path, f"holds more than {MAX_FILES:,} files", "name one channel or one day")
    if total > MAX_TOTAL:
        raise unusable(path, f"holds more than {MAX_TOTAL >> 20} MB", "name one channel or one day")


def _any(found: dict[str, str], path: Path) -> dict[str, str]:
    if not found:
        raise unusable(str(path), "holds no JSON file: is it an export of Slack?")
    return found
