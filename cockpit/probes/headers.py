"""Headers of a config with their secrets in place, and what keeps these out of texts. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from cockpit.config.fields import EnvReference
from cockpit.text import Redactor

Headers = Mapping[str, str | EnvReference]


def revealed(headers: Headers, env: Mapping[str, str]) -> tuple[dict[str, str], str]:
    """The headers, names in lower case, or in words why they cannot be had."""
    values: dict[str, str] = {}
    for name, value in headers.items():
        if isinstance(value, EnvReference):
            # A blank one would be refused over there, and the endpoint called bad for a fault of ours.
            if not (secret := env.get(value.env, "").strip()):
                return {}, f"not asked: the environment variable {value.env} (header {name}) is not set"
            values[name.lower()] = secret
        else:
            values[name.lower()] = value
    return values, ""


def redactor(headers: Headers, env: Mapping[str, str]) -> Redactor:
    """Takes the secrets of these headers out of what is said."""
    names = [value.env for value in headers.values() if isinstance(value, EnvReference)]
    return Redactor(env[name] for name in names if name in env)
