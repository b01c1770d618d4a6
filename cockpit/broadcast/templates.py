"""A message in a team's own words. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from msgspec.structs import replace

from cockpit.broadcast.measured import clean, names
from cockpit.broadcast.message import CARD_SECTIONS, POST_SECTIONS, Card, Link, Message, Post, Section
from cockpit.broadcast.news import PARAGRAPH
from cockpit.config.templates import CardTemplate, PostTemplate, Templates, filled

LINES = "lines"
"""The place of a team's further lines in the order of sections."""


def dressed(message: Message, templates: Templates) -> Message:
    """The message in the words of the first template that fits; unchanged when none does."""
    match message:
        case Card():
            return _card(message, templates)
        case Post():
            return _post(message, templates)
    return message


def _card(card: Card, templates: Templates) -> Card:
    linked = replace(card, links=tuple(Link(clean(link.label, 60), clean(link.url, 2000)) for link in templates.links))
    fitting = (each for each in templates.card if _among(card.severity, each.severity))
    template = next((each for each in fitting if _among(card.status, each.status)), None)
    if template is None:
        return linked
    values = {
        "severity": card.severity, "status": card.status, "title": card.title, "incident": card.incident,
        "lead": card.lead or "nobody yet", "needed": names(card.needed) or "nobody yet",
        "on_it": card.on_it or "nobody yet", "released": card.released or "nobody",
    }  # fmt: skip
    said = {name: _said(name, getattr(card, name), template, values) for name in ("headline", *CARD_SECTIONS)}
    sections = _sections(CARD_SECTIONS, said, template, values)
    return replace(linked, headline=_honest(card.headline, said["headline"]), own=sections)


def _post(post: Post, templates: Templates) -> Post:
    fitting = (each for each in templates.post if _among(post.severity, each.severity))
    template = next((each for each in fitting if _among(post.reason, each.reason)), None)
    if template is None:
        return post
    values = {"severity": post.severity, "title": post.title, "incident": post.incident, "reason": post.reason}
    said = {name: _said(name, getattr(post, name), template, values) for name in ("headline", *POST_SECTIONS)}
    sections = _sections(POST_SECTIONS, said, template, values)
    return replace(post, headline=_honest(post.headline, said["headline"]), own=sections)


def _said(name: str, text: str, template: CardTemplate | PostTemplate, values: Mapping[str, str]) -> str:
    words: Mapping[str, str] = {str(key): value for key, value in template.words.items()}
    if not text or name not in words:
        return text
    return clean(filled(words[name], {**values, "text": text}), 2 * PARAGRAPH) or text


def _sections(
    usual: Mapping[str, str], said: Mapping[str, str], template: CardTemplate | PostTemplate, values: Mapping[str, str]
) -> tuple[Section, ...]:
    headings = {**usual, **{str(name): clean(heading, 60) for name, heading in template.headings.items()}}
    sections: list[Section] = []
    for name in _order(tuple(usual), template.order):
        if name == LINES:
            lines = (clean(filled(line, values), PARAGRAPH) for line in template.lines)
            sections += [Section(LINES, "", line) for line in lines if line]
        else:
            sections.append(Section(name, headings[name], said[name]))
    return tuple(sections)


def _order(usual: Sequence[str], wanted: Sequence[str]) -> tuple[str, ...]:
    """As wanted, and then whatever that leaves out: nothing is lost because a template forgot it."""
    return tuple(dict.fromkeys((*wanted, *usual, LINES)))


def _honest(usual: str, said: str) -> str:
    """A drill says so, whatever the words."""
    drill = "DRILL - "
    return drill + said.replace(drill, "") if usual.startswith(drill) else said


def _among(value: str, wanted: Sequence[str]) -> bool:
    return not wanted or value in wanted
