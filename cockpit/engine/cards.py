"""What there is to see for whoever looks closer: a service's card, the changes, the alarms. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from cockpit.changes.source import Job
from cockpit.engine.board import Lane
from cockpit.incident.alerting import Alert
from cockpit.incident.watching import Watching
from cockpit.intake.source import Action
from cockpit.protocol.views import (
    AlertsView,
    AlertView,
    CardView,
    ChangesView,
    ChangeView,
    JobView,
    LinkView,
)
from cockpit.text import SafeText

CHANGES_SHOWN = 100
WORDS = 300
ActionsOf = Callable[[str], tuple[Action, ...]]
"""What can be asked about the alarm of this id."""


def card(lane: Lane | None, name: str, watching: Watching, now: int) -> CardView:
    """All there is to know about one lane; an unknown one for a name that is not there."""
    if lane is None:
        return CardView(SafeText(name), SafeText(""), "unknown", verdict=SafeText("there is no such probe"))
    service = lane.service
    return CardView(
        probe=SafeText(lane.target.name),
        service=SafeText(service.title or service.name),
        state=lane.state(now),
        owner=SafeText(service.owner or ""),
        escalation=tuple(SafeText(line) for line in service.escalation),
        links=tuple(LinkView(SafeText(what), SafeText(url)) for what, url in service.links.items()),
        verdict=SafeText(lane.latest.words if lane.latest else "not asked yet", WORDS).line,
    )


def changes(
    watching: Watching, jobs: Sequence[tuple[str, Job]] = (), problems: Sequence[SafeText] = ()
) -> ChangesView:
    """The latest changes, newest first, with what came of them; the queues, and what is wrong with the sources."""
    breached = {breach.change for breach in watching.freeze.breaches}
    return ChangesView(
        tuple(
            ChangeView(
                change=change.seen.change,
                at=change.at,
                what=SafeText(change.seen.what, WORDS).line,
                source=SafeText(change.seen.source),
                service=SafeText(change.seen.service),
                who=SafeText(change.seen.who),
                reviewed=change.seen.reviewed,
                link=SafeText(change.seen.link, WORDS),
                undo=SafeText(change.seen.undo, WORDS).line,
                effect=SafeText(_effect(watching, change.seen.change), WORDS).line,
                breach=change.seen.change in breached,
            )
            for change in reversed(watching.changes[-CHANGES_SHOWN:])
        ),
        tuple(_job(source, job) for source, job in jobs),
        tuple(problems),
    )


def _job(source: str, job: Job) -> JobView:
    return JobView(
        source=source,
        job=job.id,
        what=job.what,
        state=job.state,
        since=job.since,
        who=job.who,
        link=job.link,
        command=SafeText(f"cockpit ci cancel {source} {job.id}"),
    )


def _effect(watching: Watching, change: str) -> str:
    effect = watching.effects.get(change)
    return "" if effect is None or effect.measured is None else effect.measured.words


def alerts(watching: Watching, actions_of: ActionsOf = lambda alert: ()) -> AlertsView:
    """Every alarm: those that last first, the latest of each on top, with what can be asked about it."""
    known: Mapping[str, Alert] = watching.alerts
    ordered = sorted(known.values(), key=lambda alert: (bool(alert.ended), -(alert.ended or alert.learnt)))
    return AlertsView(tuple(_alert(alert, actions_of(alert.seen.alert)) for alert in ordered))


def _alert(alert: Alert, actions: tuple[Action, ...]) -> AlertView:
    seen = alert.seen
    return AlertView(
        alert=seen.alert,
        source=SafeText(seen.source),
        title=SafeText(seen.title, WORDS).line,
        state="over" if alert.ended else seen.state,
        severity=SafeText(seen.severity),
        service=SafeText(seen.service),
        started=seen.started,
        learnt=alert.learnt,
        ended=alert.ended,
        who=SafeText(seen.who),
        link=SafeText(seen.link, WORDS),
        detail=SafeText(seen.detail, WORDS).line,
        actions=actions,
    )
