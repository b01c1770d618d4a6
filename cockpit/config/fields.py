"""The building blocks of every model that people write in YAML."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Discriminator,
    Field,
    Tag,
    ValidationInfo,
    WithJsonSchema,
)

NAME = r"^[a-z0-9][a-z0-9._-]{0,62}$"
ENV_NAME = r"^[A-Za-z_][A-Za-z0-9_]*$"
STATUS_CLASS = r"^[1-5]xx$"
URL = r"^https?://[^\s/]+"
ENDPOINT = r"^(\[[0-9A-Fa-f:.]+\]|[^\s:/\[\]]+):[0-9]{1,5}$"
INSTANCE = r"^(\[[0-9A-Fa-f:.]+\]|[0-9.]+|[^\s:/\[\]]+)(:[0-9]{1,5})?$"

_DURATION = re.compile(
    r"(?:([0-9]{1,6})h)?(?:([0-9]{1,6})m)?(?:([0-9]{1,9}(?:\.[0-9]{1,6})?)s)?(?:([0-9]{1,9})ms)?", re.ASCII
)
_WEIGHTS = (3600.0, 60.0, 1.0, 0.001)


def repeated(names: Sequence[str]) -> list[str]:
    """The names that are there more than once, in order."""
    return sorted({name for name in names if names.count(name) > 1})


class Strict(BaseModel):
    """A model that refuses fields it does not know and cannot be changed once read."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


def seconds(raw: Any) -> float:
    """Seconds from a duration such as `90s`, `3m`, `1h30m`, `250ms`; ValueError otherwise."""
    match = _DURATION.fullmatch(raw) if isinstance(raw, str) and raw else None
    if match is None:
        raise ValueError("a duration needs its unit, as in 250ms, 90s, 3m or 1h30m")
    return sum(float(part) * weight for part, weight in zip(match.groups(), _WEIGHTS, strict=True) if part)


def _written(raw: Any, info: ValidationInfo) -> Any:
    """Only a program may give bare seconds: in a file a duration carries its unit."""
    return raw if info.mode == "python" and isinstance(raw, float) else seconds(raw)


Duration = Annotated[
    float,
    BeforeValidator(_written),
    WithJsonSchema({"type": "string", "pattern": "^([0-9]+h)?([0-9]+m)?([0-9.]+s)?([0-9]+ms)?$", "minLength": 2}),
]
"""Seconds, written with a unit."""

Deadline = Annotated[Duration, Field(gt=0)]
"""A duration that must not be nothing."""

EnvName = Annotated[str, Field(pattern=ENV_NAME)]
"""The name of an environment variable."""

Url = Annotated[str, Field(pattern=URL)]
"""An http or https address."""

Name = Annotated[str, Field(pattern=NAME)]
"""What things are called in files and on screen: lower case, digits, `.`, `_` and `-`."""

Line = Annotated[str, Field(min_length=1, max_length=300)]
"""One line for people."""

Ratio = Annotated[float, Field(ge=0, le=1)]
"""From 0 to 1."""


def _with_port(endpoint: str) -> str:
    host, _, port = endpoint.rpartition(":")
    if host and port.isdecimal() and not 0 < int(port) <= 65535:
        raise ValueError(f"there is no port {port}: it is from 1 to 65535")
    return endpoint


def _distinct(names: tuple[str, ...]) -> tuple[str, ...]:
    if twice := repeated(names):
        raise ValueError(f"each may be there once: {', '.join(twice)}")
    return names


Endpoint = Annotated[str, Field(pattern=ENDPOINT), AfterValidator(_with_port)]
"""A host and its port: `db.internal:5432`, `[2001:db8::1]:5432`."""

Instance = Annotated[str, Field(pattern=INSTANCE), AfterValidator(_with_port)]
"""One of several machines behind a name: its address or host, with a port if it is not the url's own."""

Instances = Annotated[tuple[Instance, ...], AfterValidator(_distinct)]
"""All of them, each in a lane of its own."""

NamedInstances = Annotated[dict[Name, Instance], Field(min_length=1)]
"""The same under names of their own, by which their lanes are called."""


def _with_zone(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        raise ValueError("a moment needs its zone, as in 2026-11-20T22:00:00Z")
    return moment


Moment = Annotated[datetime, AfterValidator(_with_zone)]
"""A moment with its zone, quoted in YAML: `"2026-11-20T22:00:00Z"`."""


class EnvReference(Strict):
    """A secret, by the name of the environment variable that holds it."""

    env: EnvName

    @property
    def name(self) -> str:
        """What the secret is called where values are kept by name."""
        return self.env

    @property
    def words(self) -> str:
        """The same for people."""
        return f"the environment variable {self.env}"


class FileReference(Strict):
    """A secret, by the path of the file that holds it and that only its owner can read."""

    file: str = Field(min_length=1)

    @property
    def name(self) -> str:
        """What the secret is called where values are kept by name; no variable is called so."""
        return f"file {self.file}"

    @property
    def words(self) -> str:
        """The same for people."""
        return f"the {self.name}"


def _held_in(raw: Any) -> str:
    in_file = "file" in raw if isinstance(raw, dict) else isinstance(raw, FileReference)
    return "in a file" if in_file else "in the environment"


Secret = Annotated[
    Annotated[EnvReference, Tag("in the environment")] | Annotated[FileReference, Tag("in a file")],
    Discriminator(_held_in),
]
"""A secret, by where it is: `{env: SLACK_TOKEN}` or `{file: slack.token}`."""


def split_endpoint(endpoint: str) -> tuple[str, int]:
    """The host, without brackets, and the port of an `Endpoint`."""
    host, _, port = endpoint.rpartition(":")
    return host.removeprefix("[").removesuffix("]"), int(port)
