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
_ROLLBACK_ONLY_TALKED_OF = re.compile(
    r"\b(?:consider\w*|discuss\w*|decid\w+ (?:not|against)|debat\w+|whether|should we|can we|could we|do(?:es)? not"
    r"|don't|did not|didn't|cannot|can't|could not|couldn't|without|instead of|plan\w*|ready) (?:\w+ ){0,3}?"
    r"(?:roll\w*[\s-]?back|revert\w*|undo)|\b(?:no|what|which|whose) (?:rollback|revert)",
    re.IGNORECASE,
)
_WELL = re.compile(
    r"\b(?:recover\w*|fix\w*|resol\w+|heal\w*|normal\w*|green|work\w*|back|up|good|ok|helped|effective|gone|stable"
    r"|success\w*|restored?)\b",
    re.IGNORECASE,
)
_PROVED = re.compile(r"\b(?:verif(?:y|ied|ies|ication)|confirm(?:s|ed|ation)?)\b", re.IGNORECASE)
_DOUBTED = re.compile(
    r"\b(?:no|not|nobody|never|cannot|can't|couldn't|wasn't|isn't|without|before|un\w+)\b[^.;]{0,20}"
    r"\b(?:verif\w+|confirm\w*)",
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
    if entry.kind == "rollback":
        return True
    return bool(_ROLLBACK.search(_ROLLBACK_ONLY_TALKED_OF.sub("", entry.text)))


def _tells(entry: Entry) -> bool:
    """Whether it says what came of something; that a command failed or exited well tells no effect."""
    if entry.result in {"failed", "no_effect", "partial"} or entry.kind in {"verified", "mitigated"}:
        return True
    return bool(_VERIFIED.search(_DOUBTED.sub("", entry.text)) or _FAILED.search(entry.text))


def _tells_recovery(entry: Entry) -> bool:
    """Whether something was proved well: that somebody confirms an outage proves the contrary."""
    words = _DOUBTED.sub("", entry.text)
    return entry.kind == "mitigated" or bool(_PROVED.search(words) and (_WELL.search(words) or len(words.split()) < 3))


def _doubt(entry: Entry) -> Doubt:
    text = f"nothing says whether this helped: {' '.join(entry.text.split())[:80]}"
    mend = "say what was looked at afterwards, and what it showed"
    return Doubt(rule="unverified", text=text, time=entry.time, line=entry.line, mend=mend)
