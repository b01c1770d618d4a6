"""One look, phase by phase, for a person who wants to know where the time went. Pure."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from typing import Any

import msgspec

from cockpit.clock import SECOND, iso, span
from cockpit.config.probes import CommandProbeConfig, DnsProbeConfig, HttpProbeConfig, TcpProbeConfig, TlsProbeConfig
from cockpit.probes.conditions import percent, took
from cockpit.probes.sample import Certificate, Sample
from cockpit.probes.targets import Target
from cockpit.probes.telling import line, listed
from cockpit.text import Redactor, SafeText

LABEL = 14
BAR = 30
"""Characters of the longest phase."""
NAMED = {"good": "GOOD", "slow": "DEGRADED", "bad": "BAD", "indeterminate": "UNKNOWN"}
"""Outcomes as people read them."""
_REDACT = Redactor()
_PHASES = {"dns": "dns", "connect": "connect", "tls": "tls", "first_byte": "first byte", "transfer": "transfer"}


def explain(target: Target, sample: Sample, now: int) -> str:
    """What was asked, how far it came and how long that took, what was found and what that means.

    `now` is in microseconds, as in the sample. Text of several lines, the last without its end.
    """
    rows = [
        ("asked", asked(target)),
        ("at", f"{iso(sample.at)}, {span((now - sample.at) / SECOND)} ago"),
        *_phases(target, sample),
        ("total", took(sample.latency_ms) if sample.latency_ms is not None else ""),
        *found(sample, now),
    ]
    service = f"  ({target.service})" if target.service else ""
    heading = f"{target.name}{service}: {NAMED[sample.outcome]}"
    return "\n".join([heading, f"  {sample.words}", "", *(f"  {label:<{LABEL}}{text}" for label, text in rows if text)])


def as_json(target: Target, sample: Sample, now: int) -> dict[str, Any]:
    """The same as data: phases and latency in milliseconds, ages in seconds, moments in RFC 3339."""
    certificate = sample.certificate
    return {
        "name": target.name,
        "probe": target.probe,
        "service": target.service,
        "type": target.config.type,
        "asked": asked(target),
        "at": iso(sample.at),
        "age": round((now - sample.at) / SECOND, 3),
        "data_age": round((now - sample.measured_at) / SECOND, 3),
        "outcome": sample.outcome,
        "words": sample.words,
        "latency_ms": sample.latency_ms,
        "phases": {phase: getattr(sample.phases, phase) for phase in _PHASES},
        "address": sample.address,
        "status": sample.status,
        "failure": sample.failure,
        "error_rate": sample.error_rate,
        "requests": sample.requests,
        "gap": sample.gap,
        "retry_after": sample.retry_after,
        "certificate": _certificate(certificate, now) if certificate is not None else None,
        "facts": [{"label": label, "text": text} for label, text in sample.facts],
    }


def asked(target: Target) -> SafeText:
    """What the probe of a target asks, in one line, without what logs in."""
    return line(_REDACT(_question(target)))


def _question(target: Target) -> str:
    config, at = target.config, f" at {target.address or target.instance}" if target.instance else ""
    match config:
        case HttpProbeConfig():
            return f"{config.method} {config.url}{at}"
        case TcpProbeConfig():
            words = (
                f", sends {config.send!r}" if config.send else "",
                f", expects {config.expect!r}" * bool(config.expect),
            )
            return f"tcp {config.address}{at}{''.join(words)}"
        case TlsProbeConfig():
            name = f" as {config.tls.server_name}" if config.tls.server_name else ""
            return f"the certificate of {config.address}{name}{at}"
        case DnsProbeConfig():
            return f"{config.query} {config.record} of {config.server or 'the resolver of this host'}"
        case CommandProbeConfig():
            return shlex.join(config.argv)
    return f"{config.type} {config.url}"


def phases(target: Target, sample: Sample) -> Iterator[tuple[str, float | None]]:
    """The milliseconds of each phase; None for the one in which it ended without an answer."""
    ended = sample.failure is None
    for phase, label in _PHASES.items():
        milliseconds = getattr(sample.phases, phase)
        if milliseconds is not None:
            yield label, milliseconds
        elif not ended and phase in _awaited(target):
            ended = True
            yield label, None


def _phases(target: Target, sample: Sample) -> Iterator[tuple[str, str]]:
    """Each phase with a bar as long as its share; of those that never ended, where it stopped."""
    measured = list(phases(target, sample))
    longest = max((value for _, value in measured if value is not None), default=0.0)
    for label, milliseconds in measured:
        if milliseconds is not None:
            yield label, f"{took(milliseconds):>8}  {_bar(milliseconds, longest)}".rstrip()
        else:
            yield label, f"{'-':>8}  ended here: {sample.failure}"


def _awaited(target: Target) -> tuple[str, ...]:
    """The phases that a look at this target goes through."""
    config = target.config
    match config:
        case HttpProbeConfig() if config.url.startswith("https:"):
            return tuple(_PHASES)
        case TcpProbeConfig():
            return ("dns", "connect", "first_byte", "transfer") if config.send or config.expect else ("dns", "connect")
        case TlsProbeConfig():
            return ("dns", "connect", "tls")
        case DnsProbeConfig():
            return ("dns",)
        case CommandProbeConfig():
            return ()
    return ("dns", "connect", "first_byte", "transfer")


def _bar(milliseconds: float, longest: float) -> str:
    return "#" * max(1, round(milliseconds / longest * BAR)) if longest > 0 else ""


def found(sample: Sample, now: int) -> Iterator[tuple[str, str]]:
    """What the answer said, each line with its label; empty texts among them."""
    yield "address", sample.address
    yield "status", str(sample.status or "")
    yield "failure", sample.failure or ""
    if sample.error_rate is not None:
        requests = f" of {sample.requests:.0f} requests" if sample.requests is not None else ""
        yield "errors", percent(sample.error_rate) + requests
    yield "nothing known", sample.gap
    if sample.data_at:
        yield "measured", f"{iso(sample.data_at)}, {span((now - sample.data_at) / SECOND)} ago"
    if sample.retry_after is not None:
        yield "come back", f"after {span(sample.retry_after)}"
    told = {label for label, _ in sample.facts}
    if sample.certificate is not None and "until" not in told:
        yield from _dates(sample.certificate, now)
    yield from sample.facts


def _dates(certificate: Certificate, now: int) -> Iterator[tuple[str, str]]:
    days = certificate.days_left(now)
    yield "certificate", f"{certificate.subject}, for {listed(certificate.names) or 'no name'}"
    yield "issuer", certificate.issuer
    yield (
        "until",
        f"{iso(certificate.not_after)}, {days:.1f} days left" if days > 0 else f"{iso(certificate.not_after)}, expired",
    )


def _certificate(certificate: Certificate, now: int) -> dict[str, Any]:
    return {
        **msgspec.structs.asdict(certificate),
        "not_before": iso(certificate.not_before),
        "not_after": iso(certificate.not_after),
        "days_left": round(certificate.days_left(now), 2),
    }
