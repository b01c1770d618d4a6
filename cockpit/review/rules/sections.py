"""Parts of a report that only people can write and that nobody has written."""

from __future__ import annotations

from collections.abc import Iterator

from cockpit.review.model import Action, Doubt, Human, Report

_MEND = "write it, or say that there is nothing to say"


def empty(report: Report) -> Iterator[Doubt]:
    """What the document says nothing of."""
    if not report.impact.text:
        yield _empty("Impact")
    if not report.timeline:
        yield _empty("Timeline")


def unwritten(human: Human) -> Iterator[Doubt]:
    """Every section of people's own with nothing in it."""
    parts = {
        "Summary": human.summary,
        "Trigger": human.trigger,
        "Contributing factors": human.contributing_factors,
        "What went well": human.went_well,
        "What went badly": human.went_badly,
        "Actions": human.actions,
    }
    for name, content in parts.items():
        if not content:
            yield _empty(name)


def headings(report: Report) -> Iterator[Doubt]:
    """Headings of the imported file with nothing below: the document has no other trace of them."""
    for doubt in report.data_quality:
        if doubt.rule == "empty_section" and doubt.line is not None:
            yield doubt


def heading(name: str, line: int) -> Doubt:
    """A heading of a file, with nothing below."""
    return _empty(name).model_copy(update={"line": line})


def actions(human: Human) -> Iterator[Doubt]:
    """Actions that nobody owns, and those that ended without a word by whom or why."""
    for action in human.actions:
        name = f"{action.id}: {' '.join(action.text.split())[:80]}"
        if action.state == "open" and not action.owner:
            yield Doubt(rule="action_without_owner", text=f"nobody owns {name}", mend="name who does it")
        if missing := _unsaid(action):
            state = action.state.replace("_", " ")
            yield Doubt(rule="no_evidence", text=f"{state}, and nobody says {missing}: {name}", mend=f"say {missing}")


def _empty(name: str) -> Doubt:
    return Doubt(rule="empty_section", text=f"{name} is empty", mend=_MEND)


def _unsaid(action: Action) -> str:
    parts = []
    if action.state != "open" and not action.by:
        parts.append("by whom")
    if action.state in {"rejected", "dismissed", "never_done"} and not action.why:
        parts.append("why")
    return " and ".join(parts)
