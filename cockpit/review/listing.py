"""Incidents and what they are like as text for people and as data."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import msgspec

from cockpit.clock import SECOND, moment, span
from cockpit.review.alike import Like
from cockpit.review.summary import IMPORTED, Summary
from cockpit.text import SafeText

TITLE = 37
"""Characters of a title that stand beside an incident of the journal on a terminal of 80 columns."""


def table(found: Sequence[Summary]) -> str:
    """One line an incident and one for what was red and what helped, the latest first."""
    wide = max(9, *(len(each.incident) + 1 for each in found))
    lines = [f"{'incident':<{wide}}{'declared (UTC)':<18}{'sev':<6}{'lasted':<10}title"]
    for each in sorted(found, key=lambda one: -one.declared):
        elsewhere = each.status == IMPORTED
        lasted = span((each.resolved - each.declared) / SECOND) if each.resolved else "n/a" if elsewhere else "open"
        when = f"{moment(each.declared):%Y-%m-%d %H:%M}" if each.declared else "n/a"
        title = SafeText(each.title, TITLE).line
        lines.append(f"{each.incident:<{wide}}{when:<18}{each.severity:<6}{lasted:<10}{title}")
        lines += [f"{'':<{wide}}{line}" for line in _below(each)]
    return "\n".join(lines)


def _below(each: Summary) -> list[str]:
    kind = [f"drill {each.drill}"] if each.drill else [IMPORTED] if each.status == IMPORTED else []
    red = ", ".join(f"{one.probe} {one.state.upper()}" for one in each.turned[:4])
    more = f" and {len(each.turned) - 4} more" if len(each.turned) > 4 else ""
    helped = [deed.command for deed in each.deeds if deed.helped in {"pass", "better"}]
    lines = [f"red: {red}{more}"] if red else []
    return kind + lines + [f"helped: {SafeText(command, 100).line}" for command in helped[:3]]


def likes(found: Sequence[Like], about: str) -> str:
    """Which earlier incidents look like this one, in what, and what was recorded of what was done then."""
    if not found:
        return f"no earlier incident in this journal looks like {about}"
    lines = []
    for each in found:
        past = each.past
        day = f"{moment(past.declared):%Y-%m-%d}" if past.declared else "n/a"
        lines += [f"{past.incident}  {day}  {SafeText(past.title, 60).line}"]
        lines += [f"  alike in: {'; '.join(each.why)}"]
        lines += [f"  helped then: {deed.title} ({deed.command})" for deed in each.helped]
        lines += [f"  {WORDS[deed.helped]}: {deed.title} ({deed.command})" for deed in each.harmed]
        lines += [f"  the whole story: cockpit report {past.incident}", ""]
    return "\n".join(SafeText(line).line for line in lines).rstrip()


WORDS = {"no_effect": "no effect then", "worse": "made it worse then", "rolled_back": "was undone then"}
"""What a deed that did not help is called."""


def as_data(found: Sequence[Summary]) -> str:
    """The incidents as JSON, without the words they can be searched by."""
    return json.dumps([_data(each) for each in found], indent=2)


def likes_as_data(found: Sequence[Like]) -> str:
    """What is alike as JSON."""
    return json.dumps(
        [
            {
                "incident": _data(each.past), "points": each.points, "why": each.why,
                "helped": msgspec.to_builtins(each.helped), "did_not_help": msgspec.to_builtins(each.harmed),
            }
            for each in found
        ],
        indent=2,
    )  # fmt: skip


def _data(each: Summary) -> dict[str, Any]:
    fields: dict[str, Any] = msgspec.to_builtins(each)
    del fields["words"]
    for name in ("declared", "resolved"):
        fields[name] = moment(fields[name]).isoformat() if fields[name] else None
    return fields
