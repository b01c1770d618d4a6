"""What one look at an endpoint found."""

from __future__ import annotations

from typing import Literal, Protocol

import msgspec

from cockpit.probes.failures import FailureKind
from cockpit.probes.phases import Phases
from cockpit.text import SafeText

Outcome = Literal["good", "slow", "bad", "indeterminate"]
"""`indeterminate` says nothing about the endpoint: the fault was ours, or may have been."""


class Sample(msgspec.Struct, frozen=True):
    """`at` is when the question was asked, in incident microseconds; all else is in real milliseconds.

    `error_rate` is the ratio the endpoint itself reported. `words` is the verdict on one line.
    """

    at: int
    outcome: Outcome
    words: SafeText
    latency_ms: float | None = None
    status: int | None = None
    failure: FailureKind | None = None
    error_rate: float | None = None
    phases: Phases = Phases()
    address: str = ""


class Samples(Protocol):
    """Anything that can be asked for a sample, whatever it measures."""

    async def sample(self) -> Sample:
        """One look, now; never raises."""
