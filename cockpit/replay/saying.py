"""A replay without a terminal: the timeline up to a moment, and what was so there, as text or as JSON."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

import msgspec

from cockpit.journal.chain import Verified
from cockpit.moments import SECOND, hhmmss, iso, span
from cockpit.protocol import plain
from cockpit.protocol.views import HeaderView, Pane, ReplayView, Row, RunView, ServicesView, ServiceView, StepView
from cockpit.replay import comparing
from cockpit.replay.comparing import Finding


def as_text(panes: Iterable[Pane], rows: Iterable[Row], checked: str) -> str:
    """The timeline, a rule, and the state below it."""
    header, replay, services, run = _known(panes)
    lines = [plain.line(row) for row in rows]
    place = span((replay.at - replay.start) / SECOND)
    lines += ["", f"-- {iso(replay.at)}, {place} after the start, event {replay.seq} of {replay.last}"]
    lines.append(_incident(header))
    lines += [_service(view) for view in services.services]
    lines += _run(run)
    if replay.ahead:
        lines.append(f"next      {hhmmss(replay.ahead_at)}  {replay.ahead.line}")
    return "\n".join([*lines, "", checked])


def as_json(panes: Iterable[Pane], rows: Iterable[Row], checked: str, *, sound: bool) -> str:
    """The same as one JSON object."""
    header, replay, services, run = _known(panes)
    told = {
        "incident": header.stream,
        "at": iso(replay.at),
        "event": replay.seq,
        "events": replay.last,
        "start": iso(replay.start),
        "end": iso(replay.end),
        "as_recorded": sound,
        "checked": checked,
        "header": {
            "title": header.title, "severity": header.severity, "status": header.status, "lead": header.lead,
            "open": header.open, "drill": header.drill, "delivery": header.delivery, "freeze": header.freeze,
            "began": _moment(header.began), "ended": _moment(header.ended), "next_due": _moment(header.next_due),
        },
        "services": [_plain(view) for view in services.services],
        "run": _as_run(run),
        "timeline": [
            {"seq": row.seq, "at": iso(row.at), "kind": row.kind, "text": row.text, "actor": row.actor} for row in rows
        ],
        "next_change": {"at": iso(replay.ahead_at), "text": replay.ahead} if replay.ahead else None,
    }  # fmt: skip
    return json.dumps(told, ensure_ascii=False)


def checked_as_json(stream: str, finding: Finding, chain: Verified) -> str:
    """What came of the look at the whole record, as one JSON object."""
    apart = finding.divergence
    told = {
        "incident": stream,
        "as_recorded": comparing.sound(finding, chain),
        "checked": comparing.words(finding, chain),
        "events": finding.last,
        "stamps": {"agreed": finding.agreed, "latest": finding.upto, "of_another_version": finding.others},
        "erased": finding.erased,
        "divergence": msgspec.to_builtins(apart) if apart else None,
        "chain": {"holds": chain.ok, "broken": chain.broken, "why": chain.why},
    }
    return json.dumps(told, ensure_ascii=False)


def _known(panes: Iterable[Pane]) -> tuple[HeaderView, ReplayView, ServicesView, RunView]:
    by_kind: dict[type, Any] = {type(pane): pane for pane in panes}
    return by_kind[HeaderView], by_kind[ReplayView], by_kind[ServicesView], by_kind[RunView]


def _moment(at: int) -> str | None:
    return iso(at) if at else None


def _incident(header: HeaderView) -> str:
    lead = f"lead {header.lead.line}" if header.lead else "nobody leads"
    facts = (header.stream, header.severity, header.title.line, header.status, lead)
    frozen = f"FREEZE {header.freeze.line}" if header.freeze else ""
    return "  ".join(fact for fact in (*facts, f"DRILL {header.drill.line}" if header.drill else "", frozen) if fact)


def _service(view: ServiceView) -> str:
    since = f"since {hhmmss(view.since)}" if view.since else "since when is not recorded"
    words = (view.probe.line, since, view.verdict.line, view.suspect.line, view.overlay.line)
    return f"{view.state.upper():<9} {'  '.join(word for word in words if word)}"


def _run(run: RunView) -> list[str]:
    if not run.run:
        return ["no run"]
    lines = [f"run       {run.title.line}{f'  {run.outcome}' if run.outcome else ''}"]
    return [*lines, *(f"{step.number:>4}  {step.word:<14}  {step.title.line}" for step in run.steps)]


def _plain(view: ServiceView) -> dict[str, Any]:
    return {
        "probe": view.probe, "service": view.service, "state": view.state, "since": _moment(view.since),
        "verdict": view.verdict, "suspect": view.suspect, "overlay": view.overlay, "error_rate": view.error_rate,
        "measured": _moment(view.measured),
    }  # fmt: skip


def _as_run(run: RunView) -> dict[str, Any] | None:
    if not run.run:
        return None
    return {"run": run.run, "title": run.title, "outcome": run.outcome, "steps": [_as_step(each) for each in run.steps]}


def _as_step(step: StepView) -> dict[str, Any]:
    return {"id": step.id, "title": step.title, "state": step.word, "words": step.words}
