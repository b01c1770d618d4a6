"""What the parts of a scenario are made of: times, keys, conditions.

Times count from T0. Keys name a variable or a gauge of a service as `service.name`; with instances each has its own, as
`service/instance.name`. `cockpit.freeze` is what the cockpit publishes for pipelines: `none` or `set`.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, PlainSerializer

from cockpit.config import fields
from cockpit.config.fields import Strict


def _worded(seconds: float) -> str:
    return f"{seconds:.6f}".rstrip("0").rstrip(".") + "s"


Duration = Annotated[fields.Duration, PlainSerializer(_worded, when_used="json")]
"""Seconds, written with a unit, which they keep when a scenario is written to a file."""

Fact = Literal["original", "invented"]
"""Whether a thing is known from the published incident, or was made up to make the drill playable."""

Axis = Literal["impact_start", "detected", "declared", "first_update", "mitigated", "verified", "resolved"]
"""The moments a drill is measured by, in the order a good response passes them."""

Source = Literal["page", "chat", "phone", "executive"]
"""Where a word from outside comes from."""

FREEZE = "cockpit.freeze"
"""The one variable that belongs to no service: whether the cockpit's published freeze holds now."""
OWN = "self"
"""In the rules of an endpoint with instances: the instance that is asked."""

PART = r"[a-z][a-z0-9_-]*"
Key = Annotated[str, Field(pattern=rf"^{PART}(/[a-z0-9][a-z0-9_-]*)?\.{PART}$")]
"""A variable or a gauge, as `service.name` or `service/instance.name`."""

Variables = dict[Key, str]
"""New values of variables."""


class Bounds(Strict):
    """What a gauge must lie in: at least `least`, and below `below`."""

    least: float | None = None
    below: float | None = None


Conditions = dict[Key, str | tuple[str, ...] | Bounds]
"""What must hold, all of it: a variable's value, one of several, or the bounds of a gauge."""

Argv = Annotated[tuple[Annotated[str, Field(min_length=1)], ...], Field(min_length=1)]
Path = Annotated[str, Field(pattern=r"^/[a-z0-9/_-]+$")]
