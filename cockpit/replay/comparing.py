"""Whether the record still comes to what was so while it was recorded. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec

from cockpit.incident.event import Erased, Event, Unknown
from cockpit.incident.fold import MOVED_BY, STATE_VERSION, State
from cockpit.incident.stamp import Stamp, differing
from cockpit.journal.chain import Verified


class Divergence(msgspec.Struct, frozen=True):
    """Where it first is not: after event `after`, and up to event `upto`; `parts` are the families of the state.

    No event before `earliest` can have done it, and it was so at `latest`: between two stamps only some move a family.
    """

    after: int
    upto: int
    parts: tuple[str, ...]
    earliest: int
    latest: int

    @property
    def words(self) -> str:
        """It in a sentence."""
        if not self.parts:
            return f"event {self.upto} was recorded, and the record ends at event {self.after}"
        what = " and ".join(self.parts)
        differs = f"{what} {'are' if len(self.parts) > 1 else 'is'} not as recorded"
        if self.earliest == self.latest:
            return f"{differs} from event {self.earliest} on"
        return f"{differs} from event {self.earliest} at the earliest, {self.latest} at the latest"


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
        self._apart: tuple[int, int, tuple[str, ...]] | None = None

    def look(self, state: State) -> None:
        """Compare, where this one was stamped and all before it agreed."""
        recorded = self._stamps.get(state.seq)
        if recorded is None or self._apart is not None:
            return
        parts = differing(recorded, state)
        if parts:
            self._apart = (self._upto, state.seq, parts)
        else:
            self._agreed, self._upto = self._agreed + 1, state.seq

    def finding(self, events: Sequence[Event]) -> Finding:
        """What came of it, for the record of these events: a stamp beyond its end tells that some are gone."""
        last = len(events)
        erased = sum(isinstance(each.body, Erased) for each in events)
        return Finding(self._agreed, self._others, self._upto, last, erased, self._first(events, last))

    def _first(self, events: Sequence[Event], last: int) -> Divergence | None:
        if self._apart is not None:
            return _narrowed(*self._apart, events)
        beyond = min((seq for seq in self._stamps if seq > last), default=0)
        return Divergence(last, beyond, (), beyond, beyond) if beyond else None


def _narrowed(after: int, upto: int, parts: tuple[str, ...], events: Sequence[Event]) -> Divergence:
    """By the events in between that can have moved each part; by all of them where none is known to."""
    between = events[after:upto]
    moving = [[each.seq for each in between if _may_move(each, part)] or [after + 1, upto] for part in parts]
    return Divergence(after, upto, parts, min(each[0] for each in moving), min(each[-1] for each in moving))


def _may_move(event: Event, part: str) -> bool:
    # What was erased, or what another program wrote, may have moved any part when it was recorded.
    return isinstance(event.body, Erased | Unknown) or type(event.body) in MOVED_BY[part]


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
