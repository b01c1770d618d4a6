"""Headers of other tools: what may be a secret is never copied into our config."""

from __future__ import annotations

import re
from typing import Any

from cockpit.importing.source import Carried, name_of

_SECRET = re.compile(r"auth|token|key|secret|cookie|password|session", re.IGNORECASE)
_VARIABLE = re.compile(r"\$\{?([A-Za-z_][A-Za-z0-9_]*)\}?")


def headers(raw: dict[str, Any], probe: str, carried: Carried, path: str, line: int) -> dict[str, Any]:
    """The headers in our words; a secret becomes the name of a variable to put it in."""
    return {str(name): _value(str(name), str(value), probe, carried, path, line) for name, value in raw.items()}


def _value(name: str, value: str, probe: str, carried: Carried, path: str, line: int) -> Any:
    if whole := _VARIABLE.fullmatch(value):
        return {"env": whole[1]}
    if not _SECRET.search(name) and not _VARIABLE.search(value):
        return value
    variable = name_of(f"cockpit {probe} {name}").replace("-", "_").upper()
    carried.note(path, line, f"header {name} may hold a secret, which was not copied", f"put it into {variable}")
    return {"env": variable}
