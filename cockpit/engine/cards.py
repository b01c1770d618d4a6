"""What there is to see for whoever looks closer: a service's card, the changes, the alarms. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from cockpit.changes.source import Job
from cockpit.changes.suspects import suspects
from cockpit.clock import SECOND, hhmm, span
from cockpit.engine.board import Lane
from cockpit.incident.alerting import Alert
from cockpit.incident.saying import percent
from cockpit.incident.vocabulary import Figures
from cockpit.incident.watching import Watching
from cockpit.intake.source import Action
from cockpit.probes.conditions import took
from cockpit.probes.explain import asked, found, phases
from cockpit.protocol.views import (
    AlertsView,
    AlertView,
    CardView,
    ChangesView,
    ChangeView,
    FactView,
    JobView,
    LinkView,
    Tone,
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
    service, since = lane.service, lane.track.since
    known = watching.probes.get(lane.target.name)
    # Where nobody saw it turn, no change is near its first bad sample.
    turned = lane.state(now) in {"down", "degraded"} and known is not None and known.seen_turning
    words = lane.latest.words if lane.latest else "not asked yet"
    told = _facts(lane, now)
    return CardView(
        probe=SafeText(lane.target.name),
        service=SafeText(service.title or service.name),
        state=lane.state(now),
        owner=SafeText(service.owner or ""),
        escalation=tuple(SafeText(line) for line in service.escalation),
        links=tuple(LinkView(SafeText(what), SafeText(url)) for what, url in service.links.items()),
        verdict=SafeText(words, WORDS).line,
        diagnosis=SafeText("" if words.startswith(lane.diagnosis) else lane.diagnosis, WORDS).line,
        facts=tuple(FactView(SafeText(name), SafeText(text, WORDS).line, tone) for name, text, tone in told if text),
        suspects=_lines(suspects(watching.changes, service, since) if turned else ()),
        effects=_lines(_effects(watching, service.name)),
    )


def _facts(lane: Lane, now: int) -> Iterator[tuple[str, str, Tone]]:
    """What was asked and found, how long each part took, and how it is asked: whatever has no text is left out."""
    sample, config = lane.latest, lane.target.config
    yield "asked", asked(lane.target), "plain"
    if sample is not None:
        stale = lane.stale(now)
        yield "looked", f"{_age(sample.at, now)} ago{', STALE' if stale else ''}", "warn" if stale else "plain"
        for label, milliseconds in phases(lane.target, sample):
            ended = f"ended here: {sample.failure}"
            yield (
                label,
                ended if milliseconds is None else took(milliseconds),
                "bad" if milliseconds is None else "plain",
            )
        yield "total", took(sample.latency_ms) if sample.latency_ms is not None else "", "plain"
        yield from ((label, text, "plain") for label, text in found(sample, now))
    yield "5 minutes", _figures(lane.figures(now), now), "plain"
    yield "pace", _pace(lane, now), "plain"
    yield "skipped", f"{lane.skipped} looks: the one before was not over" if lane.skipped else "", "warn"
    yield "depends on", ", ".join(config.depends_on or lane.service.depends_on), "plain"
    yield "away", lane.away(now), "warn"


def _lines(texts: Iterable[str]) -> tuple[SafeText, ...]:
    return tuple(SafeText(text, WORDS).line for text in texts)


def _age(at: int, now: int) -> str:
    return span(max(0, now - at) / SECOND)


def _figures(figures: Figures, now: int) -> str:
    if not figures.samples:
        return "nothing measured"
    rate = "" if figures.error_rate is None else f"{percent(figures.error_rate)} fail, "
    latency = (
        ""
        if figures.p50_ms is None or figures.p95_ms is None
        else (f"p50 {took(figures.p50_ms)}, p95 {took(figures.p95_ms)}, ")
    )
    count = "1 sample" if figures.samples == 1 else f"{figures.samples} samples"
    return f"{rate}{latency}{count}, data {_age(figures.at, now)} old"


def _pace(lane: Lane, now: int) -> str:
    every = f"every {span(lane.target.config.interval)}"
    if lane.backoff_until <= now:
        return every
    return f"{every}, left alone for {span((lane.backoff_until - now) / SECOND)} more: it does not cope"


def _effects(watching: Watching, service: str) -> Iterator[str]:
    """What came of the latest changes to it, and what is still being watched."""
    for effect in reversed(watching.effects.values()):
        if effect.expected is not None and effect.expected.service == service:
            until = f"watched until {hhmm(effect.expected.until)}Z, after {effect.expected.what}"
            yield effect.measured.words if effect.measured is not None else until


def changes(watching: Watching, jobs: Sequence[tuple[str, Job]] = (), problems: Sequence[SafeText] = ()) -> ChangesView:
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


def alerts(
    watching: Watching, actions_of: ActionsOf = lambda alert: (), silent_since: Mapping[str, int] = {}
) -> AlertsView:
    """Every alarm: those that last first, the latest of each on top, with what can be asked about it.

    `silent_since` tells since when a source has not answered: what it said before may be over.
    """
    known: Mapping[str, Alert] = watching.alerts
    ordered = sorted(known.values(), key=lambda alert: (bool(alert.ended), -(alert.ended or alert.learnt)))
    return AlertsView(
        tuple(_alert(alert, actions_of(alert.seen.alert), silent_since.get(alert.seen.source, 0)) for alert in ordered)
    )


def _alert(alert: Alert, actions: tuple[Action, ...], silent_since: int) -> AlertView:
    seen = alert.seen
    doubt = f"{seen.source} has not answered since {hhmm(silent_since)}Z: it may be over.  "
    detail = (doubt if silent_since and not alert.ended else "") + seen.detail
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
        detail=SafeText(detail, WORDS).line,
        actions=actions,
    )
