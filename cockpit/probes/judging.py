"""What an HTTP answer says of the service, measured against its config. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from email.utils import parsedate_to_datetime

import msgspec

from cockpit.clock import SECOND
from cockpit.config.conditions import Condition, JsonCondition
from cockpit.config.probes import HttpProbeConfig
from cockpit.probes import health
from cockpit.probes.conditions import Answer, error_rate, failed, percent, status_expected, took
from cockpit.probes.health import Health
from cockpit.probes.sample import Outcome
from cockpit.probes.verdict import of_status

LONGEST = 3600.0
"""Seconds: nobody can ask to be left alone for longer."""


class Judgement(msgspec.Struct, frozen=True):
    """`reasons` say in words what is not as it should be; `error_rate` is the ratio the body tells."""

    outcome: Outcome
    reasons: tuple[str, ...]
    error_rate: float | None = None
    health: Health | None = None


def judge(config: HttpProbeConfig, answer: Answer, refused: str = "") -> Judgement:
    """The outcome and why; `refused` says why a redirect was not followed, if one was not."""
    reasons: list[str] = []
    if refused:
        reasons.append(refused)
    elif not status_expected(config.valid_status_codes, answer.status):
        reasons.append(of_status(answer))
    known = _health(config, answer)
    if known is not None and known.outcome == "bad":
        reasons.append(known.words)
    unmet = failed(config.conditions, config.error_rate, answer)
    if not reasons or answer.status // 100 == 2:
        reasons += unmet
    rate = error_rate(config.error_rate, answer)
    if reasons or unmet:
        return Judgement("bad", tuple(reasons or unmet), rate, known)
    doubts = _doubts(config, answer, rate, known)
    return Judgement("slow" if doubts else "good", doubts, rate, known)


def _health(config: HttpProbeConfig, answer: Answer) -> Health | None:
    if config.method == "HEAD" or config.health_format == "none":
        return None
    if answer.cut:
        # A document that is named in the config is expected; any other long body is none.
        named = config.health_format != "auto"
        return Health("bad", "the body is too long for a health document") if named else None
    # Whoever demands something of the status himself has decided what it means.
    if config.health_format == "auto" and _demands_status(config.conditions):
        return None
    return health.read(config.health_format, answer.headers.get("content-type", ""), answer.body)


def _demands_status(conditions: Sequence[Condition]) -> bool:
    return any(isinstance(each, JsonCondition) and each.json_path == "status" for each in conditions)


def _doubts(config: HttpProbeConfig, answer: Answer, rate: float | None, known: Health | None) -> tuple[str, ...]:
    """What makes a good answer a degraded one."""
    doubts: list[str] = []
    if known is not None and known.outcome == "slow":
        doubts.append(known.words)
    limit = config.degraded_response_time
    if limit is not None and answer.latency_ms > limit * 1000:
        doubts.append(f"slower than {took(limit * 1000)}")
    if config.error_rate is not None and rate is not None and rate >= config.error_rate.warn:
        doubts.append(f"{percent(rate)} errors, degraded from {percent(config.error_rate.warn)}")
    return tuple(doubts)


def retry_after(answer: Answer, now: int) -> float | None:
    """Seconds the endpoint asks to be left alone, at most an hour; `now` in microseconds since the epoch."""
    text = answer.retry_after.strip()
    if not text:
        return None
    if text.isascii() and text.isdigit():
        return min(float(text), LONGEST)
    try:
        moment = parsedate_to_datetime(text[:60]).timestamp()
    except (ValueError, TypeError, OverflowError, OSError, IndexError):
        return None
    return min(max(0.0, moment - now / SECOND), LONGEST)
