"""What was rolled back or called resolved without anything that verified it, in a timeline that a person wrote."""

from __future__ import annotations

import re
from collections.abc import Iterator

from cockpit.review.model import Doubt, Entry, Report

_ROLLBACK = re.compile(r"\b(?:roll(?:ed|ing|s)?[\s-]?back|revert(?:ed|s|ing)?|undo|undid|undone)\b", re.IGNORECASE)
_VERIFIED = re.compile(
    r"\bverif\w+|\bconfirm\w*|\bno (?:immediate )?(?:effect|improvement|change)\b|\bdid not help\b|\bdidn't help\b"
    r"|\bback to normal\b|\bnormali[sz]e\w*|\brecover(?:s|ed)\b|\bstill (?:red|down|failing|broken)\b|\bworked\b",
    re.IGNORECASE,
)
_FAILED = re.compile(r"\bfail(?:s|ed)\b|\bexit(?:s|ed)? [1-9]", re.IGNORECASE)


def unverified(report: Report) -> Iterator[Doubt]:
    """Rollbacks after which nothing says whether they helped, before the next one or the end."""
    pending: Entry | None = None
    for entry in report.timeline:
        if _is_rollback(entry):
            if pending is not None:
                yield _doubt(pending)
            pending = None if _tells(entry) else entry
        elif pending is not None and _tells(entry):
            pending = None
    if pending is not None:
        yield _doubt(pending)


def resolved_before_verified(report: Report) -> Iterator[Doubt]:
    """A resolution that nothing verified beforehand."""
    verified = False
    for entry in report.timeline:
        verified = verified or entry.kind == "verified" or (entry.kind != "resolved" and _tells_recovery(entry))
        if entry.kind == "resolved" and not verified:
            yield Doubt(
                rule="resolved_before_verified",
                text="called resolved before anything verified the recovery",
                time=entry.time,
                line=entry.line,
                mend="say what verified it, and when",
            )


def _is_rollback(entry: Entry) -> bool:
    return entry.kind == "rollback" or bool(_ROLLBACK.search(entry.text))


def _tells(entry: Entry) -> bool:
    """Whether it says what came of something; that a command failed or exited well tells no effect."""
    if entry.result in {"failed", "no_effect", "partial"} or entry.kind in {"verified", "mitigated"}:
        return True
    return bool(_VERIFIED.search(entry.text) or _FAILED.search(entry.text))


def _tells_recovery(entry: Entry) -> bool:
    return entry.kind == "mitigated" or bool(re.search(r"\bverif\w+|\bconfirmed\b", entry.text, re.IGNORECASE))


def _doubt(entry: Entry) -> Doubt:
    text = f"nothing says whether this helped: {' '.join(entry.text.split())[:80]}"
    mend = "say what was looked at afterwards, and what it showed"
    return Doubt(rule="unverified", text=text, time=entry.time, line=entry.line, mend=mend)
