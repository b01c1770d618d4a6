"""Which runbooks may run: those a person has seen and trusted, by their path and the hash of their bytes."""

from __future__ import annotations

import json
import os
import tempfile
from pathlib import Path

from cockpit.runbooks.library import Entry


def trusted(file: Path, entry: Entry) -> bool:
    """Whether the entry may run as it is: it came with the program, or these very bytes at this path are trusted."""
    return entry.bundled or (bool(entry.digest) and _known(file).get(_pin(entry)) == entry.digest)


def trust(file: Path, entry: Entry) -> None:
    """Trust these bytes at this path from now on, in place of any others; OSError when that cannot be kept."""
    known = _known(file) | {_pin(entry): entry.digest}
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    # A temporary file is made with mode 0600, and replaces the old one whole.
    handle, draft = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}.")
    try:
        with os.fdopen(handle, "w") as out:
            json.dump(known, out, indent=1, sort_keys=True)
            out.flush()
            os.fsync(out.fileno())
        os.replace(draft, file)
    except BaseException:
        os.unlink(draft)
        raise


def _pin(entry: Entry) -> str:
    return os.path.realpath(entry.path)


def _known(file: Path) -> dict[str, str]:
    """What is trusted; nothing when the file is missing, damaged, or writable by others."""
    try:
        with open(file, "rb") as source:
            if os.fstat(source.fileno()).st_mode & 0o022:
                return {}
            known = json.load(source)
    except (OSError, ValueError):
        return {}
    if not isinstance(known, dict):
        return {}
    return {path: digest for path, digest in known.items() if isinstance(digest, str)}
