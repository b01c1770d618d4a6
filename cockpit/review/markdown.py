"""The report as Markdown, from the document alone."""

from __future__ import annotations

from cockpit.review import templating
from cockpit.review.human import seal
from cockpit.review.marking import escape
from cockpit.review.model import Report

__all__ = ["escape", "render", "sealed"]


def render(report: Report, template: str = templating.DEFAULT) -> str:
    """The whole document by one of our templates."""
    return sealed(templating.render(report, template), report.header.id)


def sealed(text: str, incident: str) -> str:
    """The same, with the last line by which it can be read back."""
    return f"{text.rstrip()}\n\n{seal(text.rstrip(), incident)}\n"
