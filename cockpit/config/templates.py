"""A team's own words for the card and its updates: read strictly, and never run."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from difflib import get_close_matches
from functools import partial
from pathlib import Path
from string import Formatter
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field

from cockpit.config.fields import Line, Strict, Url, repeated
from cockpit.config.load import build, content, decode
from cockpit.config.problems import ConfigError, Problem
from cockpit.config.yaml import Document, load
from cockpit.incident.vocabulary import Severity, Status

CardSection = Literal[
    "act", "impact", "measured", "unaffected", "people", "know", "doing", "unknown", "estimate", "due"
]
PostSection = Literal["know", "doing", "unknown", "estimate", "due", "thanks"]
CardWords = Literal[
    "headline", "act", "impact", "measured", "unaffected", "people", "know", "doing", "unknown", "estimate"
]
PostWords = Literal["headline", "know", "doing", "unknown", "estimate", "thanks"]
"""What can be said in other words. A promise cannot: it is made anew when a message comes late."""
Reason = Literal[
    "opened", "resolved", "severity_up", "severity", "needed", "step", "freeze", "verified", "status", "lead",
    "cadence", "released", "update", "overdue",
]  # fmt: skip
"""Why an update is told; `update` is one that a person wrote, `overdue` one that nobody wrote."""

CARD_FIELDS = frozenset({"severity", "status", "title", "incident", "lead", "needed", "on_it", "released"})
POST_FIELDS = frozenset({"severity", "title", "incident", "reason"})
"""What can stand in braces; in the words of a section also `text`, which is what it says by itself."""


def fields(template: str) -> tuple[str, ...]:
    """The names in braces; ValueError where the braces do not match, or hold anything but a name."""
    try:
        found = tuple(Formatter().parse(template))
    except ValueError:
        raise ValueError("a brace has no other: write {{ and }} for braces that readers are to see") from None
    for _, name, form, conversion in found:
        if name is not None and (form or conversion or not name.isidentifier()):
            raise ValueError("braces hold the name of a field and nothing else, as in {severity}")
    return tuple(name for _, name, _, _ in found if name is not None)


def filled(template: str, values: Mapping[str, str]) -> str:
    """The template with its fields filled in: they are only ever put in their place."""
    return "".join(
        literal + (values.get(name, "") if name is not None else "")
        for literal, name, _, _ in Formatter().parse(template)
    )


def _known(known: Collection[str], template: str) -> str:
    for name in fields(template):
        if name not in known:
            close = get_close_matches(name, sorted(known), n=1, cutoff=0.5)
            mend = f"did you mean {{{close[0]}}}?" if close else f"known here: {', '.join(sorted(known))}"
            raise ValueError(f"there is no field {{{name}}}; {mend}")
    return template


def _once(names: tuple[Any, ...]) -> tuple[Any, ...]:
    if twice := repeated(names):
        raise ValueError(f"each may be there once: {', '.join(twice)}")
    return names


CardLine = Annotated[Line, AfterValidator(partial(_known, CARD_FIELDS))]
PostLine = Annotated[Line, AfterValidator(partial(_known, POST_FIELDS))]
CardText = Annotated[Line, AfterValidator(partial(_known, CARD_FIELDS | {"text"}))]
PostText = Annotated[Line, AfterValidator(partial(_known, POST_FIELDS | {"text"}))]
Heading = Annotated[str, Field(max_length=60)]
"""What a section begins with, with its own mark; it may be empty."""


class TemplateLink(Strict):
    """Where readers of the card find more."""

    label: Annotated[str, Field(min_length=1, max_length=60)]
    url: Url


class CardTemplate(Strict):
    """How the card reads when the severity and the status are among those given; none given means any.

    `words` stand in place of a section's own, which are `{text}` there; a section with nothing to say stays away.
    Sections that `order` leaves out follow in their usual order. `lines` are further ones, at the end or where `order`
    has `lines`.
    """

    severity: tuple[Severity, ...] = ()
    status: tuple[Status, ...] = ()
    words: dict[CardWords, CardText] = {}
    headings: dict[CardSection, Heading] = {}
    order: Annotated[tuple[CardSection | Literal["lines"], ...], AfterValidator(_once)] = ()
    lines: tuple[CardLine, ...] = Field(default=(), max_length=10)


class PostTemplate(Strict):
    """The same for the updates in the thread, by severity and reason."""

    severity: tuple[Severity, ...] = ()
    reason: tuple[Reason, ...] = ()
    words: dict[PostWords, PostText] = {}
    headings: dict[PostSection, Heading] = {}
    order: Annotated[tuple[PostSection | Literal["lines"], ...], AfterValidator(_once)] = ()
    lines: tuple[PostLine, ...] = Field(default=(), max_length=10)


class Templates(Strict):
    """Of the card's templates and of the posts' the first counts that fits. `links` stand on every card."""

    card: tuple[CardTemplate, ...] = ()
    post: tuple[PostTemplate, ...] = ()
    links: tuple[TemplateLink, ...] = Field(default=(), max_length=10)


PLAIN = Templates()
"""The program's own words."""


def read(path: Path) -> Templates:
    """The templates in a file; `ConfigError` with every problem otherwise."""
    return build(_document(path), Templates)


def lint(path: Path) -> tuple[Problem, ...]:
    """Everything wrong with the file, and what is allowed but never comes to anything, as warnings."""
    try:
        document = _document(path)
        templates = build(document, Templates)
    except ConfigError as error:
        return error.problems
    return tuple(_never_reached(document, templates))


def _document(path: Path) -> Document:
    return load(decode(content(path), str(path)), str(path))


def _never_reached(document: Document, templates: Templates) -> Iterator[Problem]:
    for index, card in enumerate(templates.card):
        for before, earlier in enumerate(templates.card[:index]):
            if _within(card.severity, earlier.severity) and _within(card.status, earlier.status):
                yield _shadowed(document, "card", index, before)
                break
    for index, post in enumerate(templates.post):
        for before, other in enumerate(templates.post[:index]):
            if _within(post.severity, other.severity) and _within(post.reason, other.reason):
                yield _shadowed(document, "post", index, before)
                break


def _within(narrow: tuple[str, ...], wide: tuple[str, ...]) -> bool:
    """Whether whatever is among the first is among the second; none means any."""
    return not wide or bool(narrow) and set(narrow) <= set(wide)


def _shadowed(document: Document, kind: str, index: int, before: int) -> Problem:
    place = document.at((kind, index))
    message = f"is never used: {kind}.{before} fits first wherever this one does"
    return Problem(document.path, *place, f"{kind}.{index}", message, "put it first, or take it out", "warning")
