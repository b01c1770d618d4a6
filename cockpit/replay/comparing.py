"""Whether the record still comes to what was so while it was recorded. Pure."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from cockpit.incident.fold import STATE_VERSION, State
from cockpit.incident.stamp import Stamp, differing
from cockpit.journal.chain import Verified


class Divergence(msgspec.Struct, frozen=True):
    """Where it first is not: after event `after`, and up to event `upto`; `part` is the family of the state."""

    after: int
    upto: int
    part: str

    @property
    def words(self) -> str:
        """It in a sentence."""
        where = f"event {self.upto}" if self.upto == self.after + 1 else f"events {self.after + 1} to {self.upto}"
        if not self.part:
            return f"event {self.upto} was recorded, and the record ends at event {self.after}"
        return f"{self.part} is not as it was recorded, from {where} on"


class Finding(msgspec.Struct, frozen=True):
    """What came of the comparison: how many stamps agree, how many another version made, the latest that agrees.

    `erased` counts the events whose words were erased: the stamps that told of them went with them.
    """

    agreed: int = 0
    others: int = 0
    upto: int = 0
    last: int = 0
    erased: int = 0
    divergence: Divergence | None = None


class Comparing:
    """Holds each state that comes along against its stamp."""

    def __init__(self, stamps: Iterable[Stamp]) -> None:
        known = tuple(stamps)
        self._stamps = {each.seq: each for each in known if each.version == STATE_VERSION}
        self._others = len(known) - len(self._stamps)
        self._agreed = self._upto = 0
        self._divergence: Divergence | None = None

    def look(self, state: State) -> None:
        """Compare, where this one was stamped and all before it agreed."""
        recorded = self._stamps.get(state.seq)
        if recorded is None or self._divergence is not None:
            return
        part = differing(recorded, state)
        if part:
            self._divergence = Divergence(self._upto, state.seq, part)
        else:
            self._agreed, self._upto = self._agreed + 1, state.seq

    def finding(self, last: int, erased: int = 0) -> Finding:
        """What came of it, for a record of so many events: a stamp beyond its end tells that some are gone."""
        beyond = [seq for seq in self._stamps if seq > last]
        divergence = self._divergence or (Divergence(last, min(beyond), "") if beyond else None)
        return Finding(self._agreed, self._others, self._upto, last, erased, divergence)


def sound(finding: Finding, chain: Verified) -> bool:
    """Whether nothing speaks against the record."""
    return chain.ok and finding.divergence is None


def words(finding: Finding, chain: Verified) -> str:
    """What came of both looks, the worse first, in a line each."""
    lines = []
    if not chain.ok:
        lines.append(f"The record was altered: event {chain.broken}: {chain.why}.")
    if finding.divergence is not None:
        lines.append(f"NOT as recorded: {finding.divergence.words}.")
    elif finding.agreed and chain.ok:
        lines.append(
            f"As recorded: {finding.agreed} of the states that were stamped on the way are the same, "
            f"the latest at event {finding.upto} of {finding.last}; the chain of {chain.events} events holds."
        )
    elif chain.ok:
        lines.append(f"The chain of {chain.events} events holds; no state was stamped that could be compared.")
    if finding.others:
        lines.append(f"{finding.others} states were stamped by another version of cockpit and are not compared.")
    if finding.erased:
        lines.append(
            f"The words of {finding.erased} events were erased; states between them and their erasure "
            "cannot be compared any more."
        )
    return "\n".join(lines)
