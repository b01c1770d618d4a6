"""Values: whether each is declared, known by then, and may stand where it stands."""

from __future__ import annotations

import re
from collections.abc import Iterator

from cockpit.config.yaml import Steps
from cockpit.runbooks.model.commands import Command, Request, Rollback
from cockpit.runbooks.model.steps import PagerDuty
from cockpit.runbooks.model.values import Condition, FromOutput, FromParam, FromTarget, Param
from cockpit.runbooks.rules.book import Book, Finding, in_steps, nearest, walk

SHORT = 6
"""A secret of fewer characters stands in other words by accident, and would be blanked out there."""


def check(book: Book) -> Iterator[Finding]:
    """Parameters, outputs, targets, secrets, and templates of other tools."""
    for at, value in in_steps(book):
        match value:
            case FromParam(param=name):
                yield from _param(book, at, name)
            case FromOutput():
                yield from _output(book, at, value)
            case FromTarget() if at[2:5] != ("ladder", "releases", "apply"):
                message = "only what a ladder's releases apply knows a target"
                yield Finding("stray-target", at, message, "use {param: ...} or {output: ...}")
    yield from _templates(book)
    yield from _unused(book)
    for name, param in book.runbook.params.items():
        yield from _short(name, param)


def _param(book: Book, at: Steps, name: str) -> Iterator[Finding]:
    param = book.runbook.params.get(name)
    if param is None:
        mend = nearest(name, book.runbook.params)
        yield Finding("unknown-param", at, f"there is no parameter {name}", mend)
    elif param.secret and (len(at) < 2 or at[-2] != "env"):
        message = f"{name} is secret, and would be seen here: in ps, in the journal, on the screen"
        mend = "give it as env: of a command; a request takes {env: NAME}"
        yield Finding("secret-visible", at, message, mend)


def _output(book: Book, at: Steps, value: FromOutput) -> Iterator[Finding]:
    if unknown := unknown_output(book, value.output):
        yield Finding("unknown-output", at, *unknown)
        return
    own, giver = int(at[1]), book.places.get(value.step)
    if giver is not None and (giver > own or (giver == own and at[2] != "rollback")):
        message = f"{value.output} is not known yet: {value.step} comes {'later' if giver > own else 'now'}"
        yield Finding("early-output", at, message, "move it before this step")


def unknown_output(book: Book, output: str) -> tuple[str, str] | None:
    """What is wrong with this name of an output, and the mend; None when some step gives it."""
    if output in book.promised or not book.sure(output.rpartition(".")[0]):
        return None
    return f"no step gives {output}", nearest(output, book.promised)


def _templates(book: Book) -> Iterator[Finding]:
    seen: set[Steps] = set()
    for at, doing in in_steps(book):
        if not isinstance(doing, Command | Rollback | Request | PagerDuty):
            continue
        for place, text in walk(doing, at):
            if isinstance(text, str) and "{{" in text and place not in seen:
                seen.add(place)
                message = "{{ is not filled in: a value never becomes part of a word"
                yield Finding("template", place, message, "write it out, or use {param: ...} as a whole word")


def _unused(book: Book) -> Iterator[Finding]:
    used = {value.param for _, value in in_steps(book) if isinstance(value, FromParam | Condition)}
    for name in book.runbook.params:
        if name not in used and not _used_inside(book, name):
            message = f"nothing uses {name}, and it would be asked for"
            yield Finding("unused-param", ("params", name), message, "remove it")


def _used_inside(book: Book, name: str) -> bool:
    return any(
        isinstance(value, FromParam | Condition) and value.param == name
        for step, part in zip(book.steps, book.parts, strict=True)
        if step.include is not None
        for inner in part
        for _, value in walk(inner, ())
    )


def _short(name: str, param: Param) -> Iterator[Finding]:
    if not param.secret or param.pattern is None:
        return
    samples = (letter * count for count in range(1, SHORT) for letter in "a0A-")
    if any(re.fullmatch(param.pattern, sample) for sample in samples):
        message = f"takes a secret of fewer than {SHORT} characters, which cannot be told from other words"
        yield Finding("weak-secret", ("params", name, "pattern"), message, "ask for more characters")
