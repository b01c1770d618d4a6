"""The values a person gives before the first step, and what is wrong with them."""

from __future__ import annotations

import re
from collections.abc import Mapping

from cockpit.runbooks.model.values import Param

LONGEST = 4_000
"""Characters of one value."""


def given(params: Mapping[str, Param], values: Mapping[str, str]) -> tuple[dict[str, str], tuple[str, ...]]:
    """The values to go by, defaults among them, and every problem in words. Secret ones are not taken here."""
    problems = [f"there is no parameter {name}" for name in values if name not in params]
    taken: dict[str, str] = {}
    for name, param in params.items():
        if param.secret:
            if name in values:
                problems.append(f"{name} is secret: it is asked for when a step needs it, and never stored")
            continue
        value = values.get(name, param.default if param.default is not None else "")
        if wrong := amiss(param, value):
            problems.append(f"{name} {wrong}")
        taken[name] = value
    return taken, tuple(problems)


def amiss(param: Param, value: str) -> str:
    """What is wrong with a value, empty when nothing is."""
    if not value:
        return "is missing"
    if len(value) > LONGEST:
        return f"has more than {LONGEST} characters"
    if any(not character.isprintable() for character in value):
        return "holds control characters"
    if value.startswith("-") and not param.dash and param.type == "text":
        return "begins with -: a command would take it for an option"
    if param.enum is not None and value not in param.enum:
        return f"is one of {', '.join(param.enum)}"
    if param.pattern is not None and re.fullmatch(param.pattern, value) is None:
        return f"does not match {param.pattern}"
    return "" if _IS[param.type].fullmatch(value) else _WORDS[param.type]


_IS = {
    "text": re.compile(".*", re.DOTALL),
    "integer": re.compile(r"-?[0-9]{1,18}"),
    "number": re.compile(r"-?[0-9]{1,18}(\.[0-9]{1,18})?"),
    "boolean": re.compile("true|false"),
}
_WORDS = {"integer": "is a whole number", "number": "is a number", "boolean": "is true or false", "text": ""}
