"""The shape in which Alertmanager, and Grafana after it, tell of alarms. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from cockpit.clock import SECOND, iso
from cockpit.incident.vocabulary import AlertSeen
from cockpit.intake.moments import micros
from cockpit.intake.source import WORDS
from cockpit.text import SafeText


class Status(msgspec.Struct, frozen=True):
    """Whether an alarm is held back, and by what."""

    state: str = "active"
    silencedBy: tuple[str, ...] = ()
    inhibitedBy: tuple[str, ...] = ()


class Told(msgspec.Struct, frozen=True):
    """What a poll and a delivery say alike of one alarm."""

    fingerprint: str
    labels: dict[str, str]
    annotations: dict[str, str] = {}
    startsAt: str = ""
    endsAt: str = ""
    generatorURL: str = ""


class Listed(Told, frozen=True):
    """An alarm of a poll."""

    status: Status = Status()


ACTIVE = Status()


def text(raw: str) -> SafeText:
    """Words from outside, on one line."""
    return SafeText(raw, WORDS).line


def link(raw: str) -> SafeText:
    """An address a person may open, or nothing."""
    return text(raw) if raw.startswith(("http://", "https://")) else SafeText("")


def name_of(source: str, fingerprint: str) -> str:
    """The alarm's id with us."""
    return text(f"{source}:{fingerprint}")


def title_of(told: Told) -> SafeText:
    """What the alarm is called: its summary, else its name."""
    return text(told.annotations.get("summary") or told.labels.get("alertname") or told.fingerprint)


def seen(source: str, told: Told, service_label: str, status: Status = ACTIVE) -> AlertSeen:
    """The alarm in our words."""
    held = "silenced" if status.silencedBy else "inhibited" if status.inhibitedBy else "held back"
    snoozed = status.state == "suppressed"
    said = told.annotations.get("description") or told.annotations.get("message") or ""
    return AlertSeen(
        alert=name_of(source, told.fingerprint),
        source=source,
        title=title_of(told),
        severity=text(told.labels.get("severity", "")),
        service=text(told.labels.get(service_label, "")),
        started=micros(told.startsAt),
        state="snoozed" if snoozed else "firing",
        link=link(told.generatorURL),
        detail=text(f"{held}: {said}" if snoozed and said else held if snoozed else said),
    )


def silence(labels: Mapping[str, str], minutes: float, actor: str, now: int) -> dict[str, Any]:
    """The document that silences exactly the alarm of these labels, from now on; `now` in microseconds."""
    return {
        "matchers": [
            {"name": name, "value": value, "isRegex": False, "isEqual": True} for name, value in sorted(labels.items())
        ],
        "startsAt": iso(now),
        "endsAt": iso(now + round(minutes * 60 * SECOND)),
        "createdBy": text(actor),
        "comment": f"snoozed for {minutes:g} minutes from the cockpit",
    }
