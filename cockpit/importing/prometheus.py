"""Prometheus alerting rules on error rates to probes."""

from __future__ import annotations

from typing import Any

from cockpit.importing.durations import ours, seconds
from cockpit.importing.promql import NotAShare, Share, share
from cockpit.importing.source import Carried, Foreign, Lined, name_of

_HELD = ("for", "keep_firing_for")
_READ = frozenset({"alert", "expr", "labels", "annotations", *_HELD})
_WARNINGS = {"warning", "warn", "minor", "info", "ticket"}


def carry(foreign: Foreign, carried: Carried, url: str) -> None:
    """Every rule that compares a share of errors; two rules on the same share become warn and crit of one probe."""
    shares: dict[tuple[str, str], dict[str, Any]] = {}
    for group in foreign.data.get("groups") or ():
        with carried.reading(foreign.path, group, "a group of rules"):
            for rule in group.get("rules") or ():
                with carried.reading(foreign.path, rule, "a rule"):
                    if rule.get("alert") is not None:
                        _rule(rule, str(group.get("name") or "services"), shares, foreign.path, carried, url)
    for probe in shares.values():
        _both_limits(probe)


def _rule(
    rule: Lined, group: str, shares: dict[tuple[str, str], dict[str, Any]], path: str, carried: Carried, url: str
) -> None:
    name = str(rule["alert"])
    try:
        found = share(str(rule.get("expr", "")))
    except NotAShare as why:
        carried.note(path, rule.line, f"alert {name} was left out: {why}", "keep it where it is")
        return
    carried.unread(path, rule, f"alert {name}", _READ)
    probe, limit = _probe(name, found, rule, url), _limit(rule)
    known = shares.get((found.errors, found.total))
    if known is None:
        known = shares[found.errors, found.total] = probe
        labels = rule.get("labels") or {}
        carried.add(name_of(str(labels.get("service") or group)), known, path, rule.line)
    elif any(known.get(word) != probe.get(word) for word in _HELD):
        carried.note(path, rule.line, f"alert {name}: {known['name']} has one for and keep_firing_for, of another rule")
    if limit in known:
        carried.note(path, rule.line, f"alert {name}: {known['name']} has its {limit} already; the lower one is kept")
    known[limit] = min(known.get(limit, 1.0), round(found.limit, 9))


def _probe(name: str, found: Share, rule: Lined, url: str) -> dict[str, Any]:
    probe: dict[str, Any] = {
        "name": name_of(name), "type": "prometheus", "url": url, "errors": found.errors, "total": found.total,
    }  # fmt: skip
    if found.window and (window := seconds(found.window)):
        probe["window"] = ours(window)
    for word in _HELD:
        if held := seconds(str(rule.get(word, ""))):
            probe[word] = ours(held)
    return probe


def _limit(rule: Lined) -> str:
    severity = str((rule.get("labels") or {}).get("severity", "critical")).lower()
    return "warn" if severity in _WARNINGS else "crit"


def _both_limits(probe: dict[str, Any]) -> None:
    """One limit alone: nothing is degraded before it is bad, or nothing is bad."""
    if "crit" not in probe:
        probe["crit"] = 1.0
    probe["warn"] = min(probe.get("warn", probe["crit"]), probe["crit"])
