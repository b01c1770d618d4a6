"""Prometheus alerting rules on error rates to probes."""

from __future__ import annotations

from typing import Any

from cockpit.importing.durations import ours, seconds
from cockpit.importing.promql import NotAShare, Share, share
from cockpit.importing.source import Carried, Foreign, Lined, name_of

_WARNINGS = {"warning", "warn", "minor", "info", "ticket"}


def carry(foreign: Foreign, carried: Carried, url: str) -> None:
    """Every rule that compares a share of errors; two rules on the same share become warn and crit of one probe."""
    shares: dict[tuple[str, str], dict[str, Any]] = {}
    for group in foreign.data.get("groups") or ():
        for rule in group.get("rules") or ():
            if not isinstance(rule, Lined) or "alert" not in rule:
                continue
            name = str(rule["alert"])
            try:
                found = share(str(rule.get("expr", "")))
            except NotAShare as why:
                carried.note(foreign.path, rule.line, f"alert {name} was left out: {why}", "keep it where it is")
                continue
            known = shares.get((found.errors, found.total))
            if known is None:
                known = shares[found.errors, found.total] = _probe(name, found, rule, url)
                labels = rule.get("labels") or {}
                carried.add(name_of(str(labels.get("service") or group.get("name") or "services")), known)
            _limit(known, rule, found.limit)
    for probe in shares.values():
        _both_limits(probe)


def _probe(name: str, found: Share, rule: Lined, url: str) -> dict[str, Any]:
    probe: dict[str, Any] = {
        "name": name_of(name), "type": "prometheus", "url": url, "errors": found.errors, "total": found.total,
    }  # fmt: skip
    if found.window and (window := seconds(found.window)):
        probe["window"] = ours(window)
    for word in ("for", "keep_firing_for"):
        if held := seconds(str(rule.get(word, ""))):
            probe[word] = ours(held)
    return probe


def _limit(probe: dict[str, Any], rule: Lined, limit: float) -> None:
    severity = str((rule.get("labels") or {}).get("severity", "critical")).lower()
    probe["warn" if severity in _WARNINGS else "crit"] = round(limit, 9)


def _both_limits(probe: dict[str, Any]) -> None:
    """One limit alone: nothing is degraded before it is bad, or nothing is bad."""
    if "crit" not in probe:
        probe["crit"] = 1.0
    probe["warn"] = min(probe.get("warn", probe["crit"]), probe["crit"])
