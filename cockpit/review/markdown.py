"""The report as Markdown. Text from outside is escaped, and no cell stays empty."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import datetime

from cockpit.review.model import Header, Helped, Impact, Report, Tried
from cockpit.text import SafeText

NOTHING = "n/a"
_SPECIAL = re.compile(r"([\\`*_{}\[\]<>#|~!&$])")
_LINK = re.compile(r"(?i)\bhttps?(?=://)|\bftp(?=://)|\bwww(?=\.)|@(?=\w)")
_BLOCK = re.compile(r"^(?:[-+=]|\d+(?=[.)](?:\s|$)))")
_HELPED: dict[Helped | None, str] = {
    "pass": "yes",
    "no_effect": "**no effect**",
    "better": "better, not well",
    "worse": "**worse**",
    "inconclusive": "can't tell",
    "not_verified": "not verified",
    None: NOTHING,
}


def escape(raw: str) -> str:
    """Outside text as plain words on one line: nothing in it can be markup, a link or the end of a table cell."""
    line = _SPECIAL.sub(r"\\\1", " ".join(SafeText(raw).split()))
    # An address loses its link when a character of it is written as a number.
    line = _LINK.sub(lambda match: f"&#{ord(match.group()[0])};{match.group()[1:]}", line)
    return _BLOCK.sub(lambda match: f"&#{ord(match.group()[0])};{match.group()[1:]}", line)


def render(report: Report) -> str:
    """The whole document."""
    sections = [
        _head(report.header),
        _section("Impact", _impact(report.impact)),
        _section("Intervals", _intervals(report)),
        _section("What was tried", _tried(report.tried)),
        _section("Timeline", _timeline(report)),
        _section("Changes in the window", _changes(report)),
        _section("Decisions", _decisions(report)),
        _section("Communications", _updates(report), _missed(report)),
        _section("People", _people(report)),
        _section("Data quality", _doubts(report)),
    ]
    return "\n\n".join(sections) + "\n"


def _section(title: str, *parts: str) -> str:
    return "\n\n".join([f"## {title}", *(part for part in parts if part)])


def _head(header: Header) -> str:
    kind = f"the drill {escape(header.drill)}" if header.kind == "drill" else "a real incident"
    rows = [
        ("Incident", header.id),
        ("Severity", header.severity),
        ("Status", header.status),
        ("Declared by", header.declared_by),
        ("Lead", header.lead),
        ("Times in", header.zone),
        ("Written", _stamp(header.generated_at)),
    ]
    title = escape(header.title) or "Nothing declared"
    return f"# {title}\n\nThis is {kind}.\n\n{_table(('Field', 'Value'), rows)}"


def _impact(impact: Impact) -> str:
    unaffected = ", ".join(impact.unaffected) or "nothing said"
    words = [
        escape(impact.text) or "Nobody described the impact.",
        f"Not affected: {escape(unaffected)}.",
        f"Peak error rate: {_rate(impact.peak)}. Impact-minutes: {impact.impact_minutes:g}.",
    ]
    rows = [(probe.probe, _rate(probe.peak), f"{probe.impact_minutes:g}") for probe in impact.probes]
    return "\n\n".join([*words, _table(("Probe", "Peak", "Impact-minutes"), rows, "No probe was red.")])


def _intervals(report: Report) -> str:
    rows = [
        (f"{one.start} to {one.end}", _stamp(one.started_at), _stamp(one.ended_at), _minutes(one.minutes))
        for one in report.intervals
    ]
    return _table(("Interval", "From", "To", "Minutes"), rows, "No two moments are known.")


def _tried(attempts: Sequence[Tried]) -> str:
    rows = [
        (
            _stamp(one.time), one.step, f"{'undo: ' if one.undo else ''}{one.command}", _result(one),
            _Ready(_HELPED[one.helped]), _change(one),
            "yes" if one.rolled_back else "no", one.actor,
        )
        for one in attempts
    ]  # fmt: skip
    columns = ("Time", "Step", "Command", "Result", "Helped", "Error rate", "Rolled back", "By")
    return _table(columns, rows, "No command was run.")


def _result(one: Tried) -> str:
    code = f" (exit {one.exit_code})" if one.exit_code is not None else ""
    return f"{one.result.replace('_', ' ')}{code}"


def _change(one: Tried) -> str:
    return NOTHING if one.after is None else f"{_rate(one.before)} to {_rate(one.after)}"


def _timeline(report: Report) -> str:
    rows = [(_stamp(entry.time), entry.kind, entry.text, entry.actor, str(entry.seq)) for entry in report.timeline]
    return _table(("Time", "Kind", "What", "By", "Event"), rows, "Nothing was recorded.")


def _changes(report: Report) -> str:
    rows = [
        (_stamp(one.time), one.id, one.what, one.service, one.who, _reviewed(one.reviewed), one.undo)
        for one in report.changes
    ]
    return _table(("Time", "Change", "What", "Service", "By", "Reviewed", "Undo"), rows, "No change was seen.")


def _reviewed(reviewed: bool | None) -> str:
    return {True: "yes", False: "no", None: NOTHING}[reviewed]


def _decisions(report: Report) -> str:
    rows = [
        (_stamp(one.time), one.step, one.chosen, ", ".join(one.rejected), one.why, one.actor)
        for one in report.decisions
    ]
    return _table(("Time", "Step", "Chosen", "Rejected", "Why", "By"), rows, "No decision was recorded.")


def _updates(report: Report) -> str:
    rows = [
        (
            _stamp(one.time), one.text, f"{one.by}{' (automatic)' if one.automatic else ''}", ", ".join(one.delivered),
            ", ".join(one.undelivered), _stamp(one.next_due),
        )
        for one in report.communications.updates
    ]  # fmt: skip
    columns = ("Time", "Update", "By", "Delivered to", "Not delivered to", "Next promised by")
    return _table(columns, rows, "No update was posted.")


def _missed(report: Report) -> str:
    rows = [
        (_stamp(one.due), _stamp(one.came) if one.came else "never", f"{one.minutes_late:g}")
        for one in report.communications.missed
    ]
    return _table(("Update due", "Came", "Minutes late"), rows, "No update was missed.")


def _people(report: Report) -> str:
    rows = [
        (one.name, one.role.replace("_", " "), one.reason, _stamp(one.joined), _stamp(one.released))
        for one in report.roster
    ]
    return _table(("Name", "Role", "Needed for", "Joined", "Released"), rows, "Nobody was on the roster.")


def _doubts(report: Report) -> str:
    rows = [(_stamp(one.time), one.rule.replace("_", " "), one.text) for one in report.data_quality]
    return _table(("Time", "Rule", "What"), rows, "Nothing stands against the record.")


class _Ready(str):
    """A cell of our own that is Markdown already."""

    __slots__ = ()


def _table(columns: Sequence[str], rows: Iterable[Sequence[str]], otherwise: str = "") -> str:
    lines = [f"| {' | '.join(_cell(cell) for cell in row)} |" for row in rows]
    if not lines:
        return otherwise
    return "\n".join([f"| {' | '.join(columns)} |", f"|{' --- |' * len(columns)}", *lines])


def _cell(cell: str) -> str:
    return cell if isinstance(cell, _Ready) else escape(cell) or NOTHING


def _stamp(at: datetime | None) -> str:
    return at.strftime("%Y-%m-%d %H:%M:%S") if at is not None else NOTHING


def _minutes(minutes: float | None) -> str:
    return NOTHING if minutes is None else f"{minutes:g}"


def _rate(rate: float | None) -> str:
    return NOTHING if rate is None else f"{rate * 100:.1f} %"
