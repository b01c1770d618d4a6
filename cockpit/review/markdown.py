"""The report as Markdown, from the document alone."""

from __future__ import annotations

from cockpit.review import templating
from cockpit.review.human import sealed
from cockpit.review.marking import escape
from cockpit.review.model import Report

__all__ = ["escape", "render"]


def render(report: Report, template: str = templating.DEFAULT) -> str:
    """The whole document by one of our templates."""
    return sealed(templating.render(report, template), report.header.id)[0]
