"""The sections of a report that are computed, each as blocks for any form. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from cockpit.review.blocks import NOTHING, Block, Bullets, Plain, Strong, Table, number, rate, stamp
from cockpit.review.model import Entry, Helped, Impact, Reckoned, Report, Tried

DOUBTS = ("Time", "Rule", "What", "How to mend it", "Line")
"""The heads of the table of what stands against the record."""
_HELPED: dict[Helped | None, str] = {
    "pass": "yes",
    "no_effect": Strong("no effect"),
    "better": "better, not well",
    "worse": Strong("worse"),
    "inconclusive": "can't tell",
    "not_verified": "not verified",
    None: NOTHING,
}
_RECKONED: dict[Reckoned | None, str] = {
    "minutes": ", by the rate of each minute",
    "partly": ", by the rate of each minute that was kept, else as each turn told it",
    "turns": ", by the rate that each turn told, held until the next",
    None: "",
}
Blocks = tuple[Block, ...]

_KINDS = {"real": "a real incident", "imported": "an incident whose record was brought in from elsewhere"}


def kind(report: Report) -> Blocks:
    """What kind of incident this is, as a sentence."""
    header = report.header
    said = f"the drill {header.drill}" if header.kind == "drill" else _KINDS[header.kind]
    return (f"This is {said}.",)


def header(report: Report) -> Blocks:
    """Which incident this is."""
    head = report.header
    rows = [
        ("Incident", head.id),
        ("Severity", head.severity),
        ("Status", head.status),
        ("Declared by", head.declared_by),
        ("Lead", head.lead),
        ("Authors", ", ".join(head.authors)),
        ("Times in", head.zone),
        ("Written", stamp(head.generated_at)),
    ]
    return _table(("Field", "Value"), rows)


def impact(report: Report) -> Blocks:
    """Who was hit and how badly, and what was not."""
    said = report.impact
    unaffected = ", ".join(said.unaffected) or "nothing said"
    words = (
        said.text or "Nobody described the impact.",
        f"Not affected: {unaffected}.",
        f"Peak error rate: {rate(said.peak)}. Impact-minutes: {number(said.impact_minutes)}{_RECKONED[said.reckoned]}.",
    )
    return (*words, *_probes(said))


def _probes(said: Impact) -> Blocks:
    rows = [
        (
            one.probe, one.service, rate(one.peak), f"{one.impact_minutes:g}", stamp(one.first_red),
            stamp(one.recovered) if one.recovered else ("not yet" if one.first_red else NOTHING),
        )
        for one in said.probes
    ]  # fmt: skip
    otherwise = "Nothing was measured." if said.impact_minutes is None else "No probe was red."
    return _table(("Probe", "Service", "Peak", "Impact-minutes", "Red from", "Back at"), rows, otherwise)


def lingering(report: Report) -> Blocks:
    """What had not come back when it was closed."""
    return (Bullets(report.impact.lingering),) if report.impact.lingering else ("Nothing was seen to linger.",)


def intervals(report: Report) -> Blocks:
    """How long everything took, by its two ends; never an average."""
    rows = [
        (f"{one.start} to {one.end}", stamp(one.started_at), stamp(one.ended_at), number(one.minutes))
        for one in report.intervals
    ]
    return _table(("Interval", "From", "To", "Minutes"), rows, "No two moments are known.")


def promises(report: Report) -> Blocks:
    """When recovery was promised, and when it came."""
    rows = [
        (stamp(one.made), one.by, stamp(one.eta), stamp(one.actual), _off(one.minutes_off)) for one in report.promises
    ]
    return _table(("Told at", "By", "Promised for", "Came", "Off by"), rows, "Nobody promised when it would be over.")


def _off(minutes: float | None) -> str:
    if minutes is None:
        return NOTHING
    return f"{abs(minutes):g} min {'late' if minutes > 0 else 'early'}" if minutes else "on time"


def tried(report: Report) -> Blocks:
    """Every command that was confirmed, and whether it helped."""
    rows = [
        (
            stamp(one.time), one.step, f"{'undo: ' if one.undo else ''}{one.command}", _result(one),
            _HELPED[one.helped], _change(one), "yes" if one.rolled_back else "no", one.actor,
        )
        for one in report.tried
    ]  # fmt: skip
    columns = ("Time", "Step", "Command", "Result", "Helped", "Error rate", "Rolled back", "By")
    return _table(columns, rows, "No command was run.")


def _result(one: Tried) -> str:
    code = f" (exit {one.exit_code})" if one.exit_code is not None else ""
    return f"{one.result.replace('_', ' ')}{code}"


def _change(one: Tried) -> str:
    return NOTHING if one.after is None else f"{rate(one.before)} to {rate(one.after)}"


def timeline(report: Report) -> Blocks:
    """Everything that was recorded, in the order of time."""
    rows = [
        (
            _when(entry), entry.kind, entry.text, (entry.result or "").replace("_", " "), entry.evidence, entry.actor,
            "" if entry.seq is None else Plain(entry.seq),
        )
        for entry in report.timeline
    ]  # fmt: skip
    return _table(("Time", "Kind", "What", "Result", "Evidence", "By", "Event"), rows, "Nothing was recorded.")


def _when(entry: Entry) -> str:
    if entry.time is None:
        return f"stated: {entry.stated}" if entry.stated else NOTHING
    match entry.precision:
        case "second":
            return Plain(stamp(entry.time))
        case "minute":
            return Plain(f"{entry.time:%Y-%m-%d %H:%M}")
        case _:
            return Plain(f"{entry.time:%Y-%m-%d}")


def changes(report: Report) -> Blocks:
    """What was changed shortly before and meanwhile."""
    rows = [
        (stamp(one.time), one.id, one.what, one.service, one.who, _reviewed(one.reviewed), one.undo)
        for one in report.changes
    ]
    return _table(("Time", "Change", "What", "Service", "By", "Reviewed", "Undo"), rows, "No change was seen.")


def _reviewed(reviewed: bool | None) -> str:
    return {True: "yes", False: "no", None: NOTHING}[reviewed]


def decisions(report: Report) -> Blocks:
    """What was decided, and what was turned down."""
    rows = [
        (stamp(one.time), one.step, one.chosen, ", ".join(one.rejected), one.why, one.actor) for one in report.decisions
    ]
    return _table(("Time", "Step", "Chosen", "Rejected", "Why", "By"), rows, "No decision was recorded.")


def updates(report: Report) -> Blocks:
    """What was told to whom."""
    rows = [
        (
            stamp(one.time), one.text, f"{one.by}{' (automatic)' if one.automatic else ''}", ", ".join(one.delivered),
            ", ".join(one.undelivered), stamp(one.next_due),
        )
        for one in report.communications.updates
    ]  # fmt: skip
    columns = ("Time", "Update", "By", "Delivered to", "Not delivered to", "Next promised by")
    return _table(columns, rows, "No update was posted.")


def missed(report: Report) -> Blocks:
    """Which update was due and did not come."""
    rows = [
        (stamp(one.due), stamp(one.came) if one.came else "not yet", f"{one.minutes_late:g}")
        for one in report.communications.missed
    ]
    return _table(("Update due", "Came", "Minutes late"), rows, "No update was missed.")


def people(report: Report) -> Blocks:
    """Who was asked to stay, and when they could go."""
    rows = [
        (one.name, one.role.replace("_", " "), one.reason, stamp(one.joined), stamp(one.released))
        for one in report.roster
    ]
    return _table(("Name", "Role", "Needed for", "Joined", "Released"), rows, "Nobody was on the roster.")


def handoffs(report: Report) -> Blocks:
    """Which role went from whom to whom."""
    rows = [(stamp(one.time), one.role.replace("_", " "), one.giver, one.taker) for one in report.handoffs]
    return _table(("Time", "Role", "From", "To"), rows, "No role was handed over.")


def quality(report: Report) -> Blocks:
    """What stands against the record, and how to mend it."""
    rows = [
        (stamp(doubt.time), doubt.rule.replace("_", " "), doubt.text, doubt.mend, number(doubt.line))
        for doubt in report.data_quality
    ]
    return _table(DOUBTS, rows, "Nothing stands against the record.")


def _table(columns: Sequence[str], rows: Sequence[Sequence[str]], otherwise: str = "") -> Blocks:
    return (Table(tuple(columns), rows),) if rows else (otherwise,)


SECTIONS = {
    each.__name__: each
    for each in (
        kind, header, impact, lingering, intervals, promises, tried, timeline, changes, decisions, updates, missed,
        people, handoffs, quality,
    )
}  # fmt: skip
"""What a template may put where it likes, by name."""
