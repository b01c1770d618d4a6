"""Findings as text and as JSON: the state by its word and its shape."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict

from cockpit.doctor.finding import WORST_FIRST, Finding, State, worst_first

SHAPES: dict[State, str] = {"bad": "[x]", "warn": "[!]", "skipped": "[-]", "ok": "[+]"}


def line(found: Finding) -> str:
    """One finding on one line."""
    subject = f" {found.subject}" if found.subject else ""
    mend = f"; mend: {found.mend}" if found.mend else ""
    return f"{SHAPES[found.state]} {found.state:<7} {found.theme}{subject}: {found.words}{mend}"


def lines(findings: Iterable[Finding]) -> str:
    """Findings, the worst first."""
    return "\n".join(line(each) for each in worst_first(findings))


def summary(findings: Sequence[Finding]) -> str:
    """How many there are of each state."""
    counted = Counter(each.state for each in findings)
    return ", ".join(f"{counted[state]} {state}" for state in WORST_FIRST)


def document(findings: Sequence[Finding]) -> str:
    """Findings as JSON, the worst first, with how many there are of each state."""
    counted = Counter(each.state for each in findings)
    found = [asdict(each) for each in worst_first(findings)]
    whole = {"counts": {state: counted[state] for state in WORST_FIRST}, "findings": found}
    return json.dumps(whole, indent=2, ensure_ascii=False)
