"""What to take from what a command printed: the values it promised, and whether it says what it should."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping

from cockpit.runbooks.model.values import Output
from cockpit.text import MASK

LONGEST = 4_000
"""Characters of one value."""
HIDDEN = "a part of it is a secret, so nobody may see it, nor use it"


class NotThere(Exception):
    """A value that was promised was not printed; the message says which and how it was looked for."""


def take(outputs: Mapping[str, Output], text: str) -> dict[str, str]:
    """The values by name; NotThere with the first one that is missing, or is no single clean line."""
    return {name: _checked(name, _found(name, output, text)) for name, output in outputs.items()}


def _found(name: str, output: Output, text: str) -> str:
    if output.pattern is not None:
        matches = [match for match in re.finditer(output.pattern, text, re.MULTILINE) if match.group(1) is not None]
        if not matches:
            raise NotThere(f"it did not print {name}: nothing matches {output.pattern}")
        return matches[-1].group(1)
    if output.json_path is not None:
        return _within(name, output.json_path, text)
    lines = [line for line in text.splitlines() if line.strip()]
    if not lines:
        raise NotThere(f"it did not print {name}: no line at all")
    return lines[0 if output.line == "first" else -1]


def _within(name: str, path: str, text: str) -> str:
    try:
        found = json.loads(text)
        for part in path.split("."):
            found = found[int(part)] if isinstance(found, list) else found[part]
    except (ValueError, KeyError, IndexError, TypeError, RecursionError):
        raise NotThere(f"it did not print {name}: no JSON with {path}") from None
    if isinstance(found, bool) or found is None or isinstance(found, dict | list):
        raise NotThere(f"it did not print {name}: {path} is no text and no number")
    return str(found)


def _checked(name: str, value: str) -> str:
    value = value.strip()
    if not value or len(value) > LONGEST:
        raise NotThere(f"it did not print {name}: {'nothing' if not value else 'too much'} is there")
    if MASK in value:
        # What was masked is another value: a release of that name does not exist, or is the wrong one.
        raise NotThere(f"what it printed for {name} cannot be taken: {HIDDEN}")
    if any(not character.isprintable() for character in value):
        raise NotThere(f"what it printed for {name} holds control characters")
    return value
