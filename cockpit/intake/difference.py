"""What is new in what an intake found, beside what is known. Pure."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from cockpit.incident.alerting import Alert
from cockpit.incident.vocabulary import AlertEnded, AlertSeen
from cockpit.intake.source import Found

Told = AlertSeen | AlertEnded


def difference(known: Mapping[str, Alert], found: Found, source: str, now: int) -> tuple[Told, ...]:
    """The events by which what is known becomes what was found; `now` in microseconds.

    Only what a whole list leaves out has ended without being said to have. An alarm that was held back by a silence
    before it ever rang here is not told of. A moment in the future comes of two clocks that differ: it is not kept.
    """
    listed = {seen.alert: _possible(seen, now) for seen in found.alerts}
    told: list[Told] = [seen for seen in listed.values() if _is_news(known.get(seen.alert), seen)]
    over = {end.alert: end for end in found.ended if end.alert not in listed and _ends(end, known.get(end.alert))}
    if found.whole:
        missing = {name for name, alert in known.items() if alert.seen.source == source} - listed.keys() - over.keys()
        over |= {name: AlertEnded(alert=name) for name in sorted(missing)}
    for name, end in over.items():
        alert = known.get(name)
        if alert is not None and not alert.ended:
            at = end.ended if end.ended <= now else 0
            told.append(msgspec.structs.replace(end, title=end.title or alert.seen.title, ended=at))
    return tuple(told)


def _possible(seen: AlertSeen, now: int) -> AlertSeen:
    return seen if seen.started <= now else msgspec.structs.replace(seen, started=0)


def _is_news(alert: Alert | None, seen: AlertSeen) -> bool:
    if alert is None or alert.ended:
        return seen.state != "snoozed"
    before = alert.seen
    if (before.title, before.severity, before.service) != (seen.title, seen.severity, seen.service):
        return True
    # One that ended and fired again between two looks has the same name and a later start.
    return (before.state, before.who) != (seen.state, seen.who) or seen.started > before.started


def _ends(end: AlertEnded, alert: Alert | None) -> bool:
    """A delivery that was late may tell of the end of an earlier firing."""
    return alert is not None and (not end.ended or end.ended >= alert.seen.started)
