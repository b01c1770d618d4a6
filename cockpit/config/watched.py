"""What every probe has, whatever it measures."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from cockpit.config.fields import Deadline, Name, Strict
from cockpit.config.maintenance import Maintenance

Kind = Literal["liveness", "readiness", "synthetic"]


class BaseProbe(Strict):
    """How often to look, how long to wait, and how much must be seen before a state is believed.

    `depends_on` names probes, or services for all of theirs: while those are down this one is unreachable, not down.
    """

    name: Name
    kind: Kind = "readiness"
    interval: Deadline = 10.0
    timeout: Deadline = 3.0
    failures: Annotated[int, Field(ge=1, le=20)] = 3
    successes: Annotated[int, Field(ge=1, le=20)] = 2
    depends_on: tuple[Name, ...] = ()
    maintenance: tuple[Maintenance, ...] = ()

    @property
    def fires_after(self) -> float:
        """Seconds for which samples must have been bad before the probe is down, beside their number."""
        return 0.0

    @property
    def keeps_for(self) -> float:
        """Seconds for which samples must have been good again, beside their number."""
        return 0.0
