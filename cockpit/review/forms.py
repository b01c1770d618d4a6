"""A report in the form it is asked for, from the document alone."""

from __future__ import annotations

import secrets
from pathlib import Path
from typing import Literal, get_args

from cockpit.config.problems import ConfigError, Problem
from cockpit.review import apart, templating
from cockpit.review.human import lost, sealed
from cockpit.review.keeping import Refused
from cockpit.review.model import Report

Form = Literal["json", "markdown", "html"]
FORMS: tuple[str, ...] = get_args(Form)
_SUFFIXES: dict[str, Form] = {
    ".json": "json", ".md": "markdown", ".markdown": "markdown", ".txt": "markdown", ".html": "html", ".htm": "html",
    "": "markdown",
}  # fmt: skip


def form_of(path: Path | None) -> Form:
    """The form that a file's suffix asks for; Markdown where it asks for none."""
    return _SUFFIXES.get(path.suffix.lower(), "markdown") if path is not None else "markdown"


def suits(path: Path) -> bool:
    """Whether the suffix is one of a form of ours: nobody wants Markdown in a file that is called a PDF."""
    return path.suffix.lower() in _SUFFIXES


async def formed(report: Report, form: Form, template: str = "") -> str:
    """The text; ConfigError when the template is at fault, Refused when it would lose what people wrote."""
    match form:
        case "json":
            return f"{report.model_dump_json(indent=2)}\n"
        case "html":
            # What draws pages is loaded where one is wanted: the other forms are read more often.
            from cockpit.review import page

            token = f"section{secrets.token_hex(8)}"
            return page.render(report, await _told(report, template, token), token)
        case "markdown":
            return _nothing_lost(report, await _told(report, template), template)


async def _told(report: Report, template: str, token: str = "") -> str:
    name = template or templating.DEFAULT
    if name in templating.names():
        return templating.render(report, name, token)
    if "/" in name or "." in name:
        return await apart.rendered(report, Path(name), token)
    known = ", ".join(templating.names())
    raise ConfigError(
        [Problem(name, 0, 0, "", "there is no template of that name", f"there are {known}, or name a file")]
    )


def _nothing_lost(report: Report, text: str, template: str) -> str:
    """The sealed text; what people wrote must come out of it again as they wrote it."""
    try:
        text, said = sealed(text, report.header.id)
    except ConfigError as error:
        raise Refused(f"what people wrote could not be read back from the new report:\n{error}") from None
    if gone := lost(report.human, said):
        name = f"the template {template}" if template else "Markdown"
        raise Refused(f"{name} has no place for {', '.join(gone)} as people wrote it: name another file or template")
    return text
