"""What differs between two looks at a config store, without telling its secrets. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping

from cockpit.text import MASK, Redactor, SafeText

SHOWN = 40
"""Characters of a value at most."""

_SECRET_KEY = re.compile(
    r"secret|token|passw|pwd|passphrase|api_?-?key|private|credential|auth|dsn|cookie|session|signature|salt|cert|pem",
    re.IGNORECASE,
)
_SECRET_VALUE = re.compile(r'"?(?=[^"]*\d)(?=[^"]*[A-Za-z])[A-Za-z0-9+/=_.~-]{20,}"?|.*-----BEGIN .*', re.DOTALL)
_redact = Redactor()


def differences(before: Mapping[str, str], after: Mapping[str, str], *, show_values: bool) -> list[tuple[str, str]]:
    """Every key that is new, gone or has another value, with words; values only when they are to be shown."""
    found = []
    for key in sorted(before.keys() | after.keys()):
        was, now = before.get(key), after.get(key)
        if was == now:
            continue
        word = "added" if was is None else "removed" if now is None else "changed"
        shown = f": {_shown(key, was)} -> {_shown(key, now)}" if show_values else ""
        found.append((key, f"{_redact(key)} {word}{shown}"))
    return found


def _shown(key: str, value: str | None) -> str:
    if value is None:
        return "nothing"
    if _SECRET_KEY.search(key) or _SECRET_VALUE.fullmatch(value):
        return MASK
    return SafeText(_redact(value), SHOWN).line
