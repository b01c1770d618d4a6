"""The values a person gives before the first step, and what is wrong with them."""

from __future__ import annotations

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


def amiss_secrets(params: Mapping[str, Param], values: Mapping[str, str]) -> tuple[str, ...]:
    """What is wrong with the secrets that came with a confirmation, in words that do not repeat them."""
    secret = {name: param for name, param in params.items() if param.secret}
    odd = [f"there is no secret {name}" for name in values if name not in secret]
    wrong = [
        f"{name} {why}" for name, value in values.items() if name in secret and (why := amiss(secret[name], value))
    ]
    return (*odd, *wrong)


def amiss(param: Param, value: str) -> str:
    """What is wrong with a value, empty when nothing is."""
    if not value:
        return "is missing"
    if len(value) > LONGEST:
        return f"has more than {LONGEST} characters"
    if any(not character.isprintable() for character in value):
        return "holds control characters"
    return param.objection(value)
