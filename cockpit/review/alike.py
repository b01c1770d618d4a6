"""Which earlier incidents look like this one, and in what. Pure; it says what was recorded, never what will help."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence

import msgspec

from cockpit.review.summary import IMPORTED, Changed, Deed, Summary, Turned

ENOUGH = 3
"""Points from which two incidents are worth a word: the same probe alone is."""
SHOWN = 3
SAME_PROBE, SAME_SERVICE, SAME_VERDICT, SAME_CHANGE, SAME_PLACE = 3, 1, 2, 2, 1
ALIKE_WORDS = 0.5
"""Share of the words that two texts have in common from which they say the same."""
_HELPED = frozenset({"pass", "better"})
_DID_NOT = frozenset({"no_effect", "worse", "rolled_back"})


class Like(msgspec.Struct, frozen=True):
    """An earlier incident, how alike in points, in what, what helped then and what did not."""

    past: Summary
    points: int
    why: tuple[str, ...]
    helped: tuple[Deed, ...]
    harmed: tuple[Deed, ...]


def alike(
    turned: Sequence[Turned], changed: Sequence[Changed], past: Iterable[Summary], besides: str = ""
) -> tuple[Like, ...]:
    """The earlier incidents most like one with these turns and changes; of equal ones the latest first.

    One that is still open, a drill, and the incident `besides` are not earlier incidents.
    """
    found = [
        _held_against(turned, changed, each)
        for each in past
        if (each.resolved or each.status == IMPORTED) and not each.drill and each.incident != besides
    ]
    good = [each for each in found if each.points >= ENOUGH]
    return tuple(sorted(good, key=lambda each: (-each.points, -each.past.declared))[:SHOWN])


def _held_against(turned: Sequence[Turned], changed: Sequence[Changed], past: Summary) -> Like:
    reasons = [*_probes(turned, past.turned), *_changes(changed, past.changed), *_named(turned, past)]
    return Like(
        past,
        sum(points for points, _ in reasons),
        tuple(words for _, words in reasons),
        tuple(deed for deed in past.deeds if deed.helped in _HELPED),
        tuple(deed for deed in past.deeds if deed.helped in _DID_NOT),
    )


def _probes(now: Sequence[Turned], then: Sequence[Turned]) -> Iterator[tuple[int, str]]:
    before = {each.probe: each for each in then}
    same = [each for each in now if each.probe in before]
    for each in same:
        verdict = _overlap(each.words, before[each.probe].words) >= ALIKE_WORDS
        words = f"{each.probe} {each.state.upper()}"
        yield (SAME_PROBE + SAME_VERDICT, f"{words} with the same verdict") if verdict else (SAME_PROBE, words)
    probes = {each.probe for each in same}
    services = {each.service for each in now if each.probe not in probes} & {
        each.service for each in then if each.probe not in probes
    }
    for service in sorted(services):
        yield SAME_SERVICE, f"other probes of {service}"


def _named(now: Sequence[Turned], past: Summary) -> Iterator[tuple[int, str]]:
    """Probes and services of which a report from elsewhere speaks: nothing was measured there."""
    if past.status != IMPORTED:
        return
    said = set(past.words)
    for probe in dict.fromkeys(each.probe for each in now):
        if probe.casefold() in said:
            yield SAME_PROBE, f"it speaks of {probe}"
    for service in sorted({each.service for each in now if each.service.casefold() in said}):
        yield SAME_SERVICE, f"it speaks of {service}"


def _changes(now: Sequence[Changed], then: Sequence[Changed]) -> Iterator[tuple[int, str]]:
    """Each kind of change once: what is deployed ten times a day says little."""
    told: set[tuple[str, str]] = set()
    for each in now:
        for other in then:
            key = each.source, each.service
            if key in told or (other.source, other.service) != key or not each.service:
                continue
            told.add(key)
            if _overlap(each.words, other.words) >= ALIKE_WORDS:
                yield SAME_CHANGE, f"a change of {each.service} that says the same"
            else:
                yield SAME_PLACE, f"a change of {each.service}"


def _overlap(one: Collection[str], other: Collection[str]) -> float:
    """The words that both have, as a share of the fewer; nothing at all is like nothing."""
    if not one or not other:
        return 0.0
    return len(set(one) & set(other)) / min(len(set(one)), len(set(other)))
