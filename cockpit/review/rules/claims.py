"""What is claimed and has nothing to stand on."""

from __future__ import annotations

import re
from collections.abc import Iterator

from cockpit.review.model import Doubt, Report

_SHARE = re.compile(r"\b\d{1,3}(?:\.\d+)?\s?(?:%|percent\b|per cent\b)", re.IGNORECASE)


def claims(report: Report) -> Iterator[Doubt]:
    """Results in the timeline without evidence, and shares of failure that nothing measured."""
    for entry in report.timeline:
        if entry.result in {"ok", "no_effect", "partial"} and not entry.evidence and entry.seq is None:
            text = f"`{entry.result.replace('_', ' ')}` without evidence: {' '.join(entry.text.split())[:80]}"
            mend = "name what showed it: a graph, a log line, a probe"
            yield Doubt(rule="no_evidence", text=text, time=entry.time, line=entry.line, mend=mend)
    if report.impact.peak is not None:
        return
    for where, told in (("the summary", report.human.summary), ("the impact", report.impact.text)):
        for share in dict.fromkeys(_SHARE.findall(told)):
            text = f"`{share}` is said in {where}, and nothing in the record measured it"
            yield Doubt(rule="no_evidence", text=text, mend="name what measured it")
