"""The alarms other systems have raised and not ended."""

from __future__ import annotations

import msgspec

from cockpit.incident.event import AnyBody, Event
from cockpit.incident.vocabulary import AlertActed, AlertEnded, AlertSeen

ENDED_KEPT = 50


class Alert(msgspec.Struct, frozen=True):
    """One alarm as last told. `learnt` is when we first heard of it, `ended` 0 while it lasts; microseconds."""

    seen: AlertSeen
    learnt: int
    told: int
    ended: int = 0
    last_act: AlertActed | None = None


Alerts = dict[str, Alert]


MOVED_BY: frozenset[type[AnyBody]] = frozenset((AlertSeen, AlertEnded, AlertActed))
"""Whatever else happens leaves this state as it is."""


def reduce(state: Alerts, event: Event) -> Alerts:
    """The state after this event; only the latest of those that ended are kept."""
    match event.body:
        case AlertSeen(alert=name) as seen:
            known = state.get(name)
            fresh = known is None or known.ended
            learnt = event.occurred_at if fresh or known is None else known.learnt
            return state | {name: Alert(seen, learnt, event.occurred_at)}
        case AlertEnded(alert=name, ended=ended) if name in state:
            over = msgspec.structs.replace(state[name], ended=ended or event.occurred_at, told=event.occurred_at)
            return _pruned(state | {name: over})
        case AlertEnded(alert=name, title=title, ended=ended):
            # Raised before this incident, in the other stream: merged with what that one knows, this is the last word.
            unseen = AlertSeen(alert=name, source=name.partition(":")[0], title=title)
            over = Alert(unseen, event.occurred_at, event.occurred_at, ended or event.occurred_at)
            return _pruned(state | {name: over})
        case AlertActed(alert=name) as acted if name in state:
            return state | {name: msgspec.structs.replace(state[name], last_act=acted, told=event.occurred_at)}
    return state


def merge(older: Alerts, newer: Alerts) -> Alerts:
    """Of each alarm the later telling; one told in both streams was learnt of in the first."""
    merged = dict(older)
    for name, alert in newer.items():
        known = merged.get(name)
        if known is None:
            merged[name] = alert
        elif known.told <= alert.told:
            merged[name] = _later(known, alert)
    return merged


def _later(known: Alert, alert: Alert) -> Alert:
    if alert.ended and not alert.seen.started:
        # That stream knows nothing but its end.
        return msgspec.structs.replace(known, ended=alert.ended, told=alert.told)
    same = known.seen.started == alert.seen.started
    return msgspec.structs.replace(alert, learnt=min(known.learnt, alert.learnt)) if same else alert


def _pruned(state: Alerts) -> Alerts:
    over = sorted((alert.ended, name) for name, alert in state.items() if alert.ended)
    forgotten = {name for _, name in over[:-ENDED_KEPT]}
    return {name: alert for name, alert in state.items() if name not in forgotten}
