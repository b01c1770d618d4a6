"""What a heading of a postmortem stands for. Pure."""

from __future__ import annotations

import re

_SECTIONS = {
    "timeline": ("timeline", "time line", "chronology", "events", "log", "incident timeline", "sequence of events"),
    "summary": ("summary", "overview", "tl;dr", "tldr", "issue summary", "incident summary", "executive summary",
                "what happened", "synopsis", "description"),
    "impact": ("impact", "customer impact", "user impact", "business impact", "who was hit"),
    "unaffected": ("unaffected", "not affected", "what was not affected"),
    "lingering": ("lingering", "lingering effects", "still to be repaired"),
    "trigger": ("trigger", "what triggered it"),
    "contributing_factors": ("contributing factors", "contributing factor", "cause", "causes", "root cause",
                             "root causes", "root cause and resolution", "why it happened"),
    "surprised": ("why it surprised", "why surprised", "surprises", "what surprised us"),
    "went_well": ("went well", "what went well"),
    "went_badly": ("went badly", "what went badly", "what went wrong", "what went poorly", "went wrong", "gaps"),
    "lucky": ("lucky", "where we got lucky", "what was lucky", "luck"),
    "actions": ("actions", "action items", "action", "follow-up", "follow-ups", "follow ups", "next steps", "todo",
                "corrective actions", "corrective and preventative measures", "corrective and preventive measures"),
    "duration": ("duration", "how long it took", "stated duration"),
    "authors": ("authors", "author", "written by"),
}  # fmt: skip
_KNOWN = {name: section for section, names in _SECTIONS.items() for name in names}
_NUMBERED = re.compile(r"^(?:\d+[.)]\s*)+")
LISTS = ("unaffected", "lingering", "contributing_factors", "went_well", "went_badly", "lucky", "authors")
"""Sections whose pieces stay apart."""


def section_of(heading: str) -> str:
    """The section of the document that a heading names; empty when it is none of them."""
    return _KNOWN.get(_NUMBERED.sub("", " ".join(heading.lower().split())).strip("*_#: "), "")
