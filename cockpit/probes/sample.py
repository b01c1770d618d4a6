"""What one look at an endpoint found."""

from __future__ import annotations

from typing import Literal, Protocol

import msgspec

from cockpit.probes.failures import FailureKind
from cockpit.probes.phases import Phases
from cockpit.text import SafeText

Outcome = Literal["good", "slow", "bad", "indeterminate"]
"""`indeterminate` says nothing about the endpoint: the fault was ours, or may have been."""

Gap = Literal["", "no traffic", "no data", "warming", "stale"]
"""Why an error rate says nothing: nobody asked, nothing is measured, not for long enough yet, too long ago."""


class Certificate(msgspec.Struct, frozen=True):
    """What a server showed. Moments are microseconds since the epoch; `chain` holds subjects, the server's first."""

    subject: str
    issuer: str
    names: tuple[str, ...]
    not_before: int
    not_after: int
    chain: tuple[str, ...] = ()

    def days_left(self, now: int) -> float:
        """Days until it expires; negative when it has."""
        return (self.not_after - now) / 86_400_000_000


class Sample(msgspec.Struct, frozen=True):
    """`at` is when the question was asked, in incident microseconds; all else is in real milliseconds.

    `data_at` is when the answer itself was measured, 0 for the same moment. `error_rate` is the ratio it tells, of
    `requests` in its window. `retry_after` are the seconds the endpoint asks to be left alone. `words` is the verdict
    on one line; `facts` are what else is worth knowing, each with its label, for whoever asks for all of it.
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
    data_at: int = 0
    requests: float | None = None
    gap: Gap = ""
    retry_after: float | None = None
    certificate: Certificate | None = None
    facts: tuple[tuple[SafeText, SafeText], ...] = ()

    @property
    def measured_at(self) -> int:
        """When what it says was so."""
        return self.data_at or self.at


class Samples(Protocol):
    """Anything that can be asked for a sample, whatever it measures."""

    async def sample(self) -> Sample:
        """One look, now; never raises."""
