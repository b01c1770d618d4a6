"""How a command is shown before its values are known, and once they are."""

from __future__ import annotations

import json
import shlex
from collections.abc import Sequence

from cockpit.config.fields import EnvReference
from cockpit.runbooks.model.commands import Command, Request
from cockpit.runbooks.model.steps import PagerDuty
from cockpit.runbooks.model.values import FromOutput, FromParam, FromTarget, Value


def command_line(argv: Sequence[str]) -> str:
    """The command as a person would type it."""
    return shlex.join(argv)


def name_of(value: Value | EnvReference) -> str:
    """A value that is not known yet, in words; a literal as it is."""
    match value:
        case FromParam(param=name):
            return f"<{name}>"
        case FromOutput(output=name):
            return f"<{name}, known at run time>"
        case FromTarget():
            return "<the release, known at run time>"
        case EnvReference(env=name):
            return f"<from ${name}>"
    return value


def unfilled(doing: Command | Request | PagerDuty) -> str:
    """The command with the names of its values."""
    if isinstance(doing, PagerDuty):
        return f"PagerDuty: {doing.summary}"
    if isinstance(doing, Request):
        fields = {name: name_of(value) for name, value in (doing.json_body or {}).items()}
        body = json.dumps(fields, ensure_ascii=False) if doing.json_body is not None else doing.body
        return f"{doing.method} {name_of(doing.url)} {body or ''}".rstrip()
    if doing.argv is not None:
        return " ".join(shlex.quote(word) if isinstance(word, str) else name_of(word) for word in doing.argv)
    return (doing.run or "").strip()
