"""Conditions: whether each looks at something that is known by then, and can be met."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from cockpit.config.yaml import Steps
from cockpit.runbooks.conditions import holds
from cockpit.runbooks.model.values import Condition
from cockpit.runbooks.rules.book import Book, Finding, in_steps, nearest
from cockpit.runbooks.rules.references import unknown_output


def check(book: Book) -> Iterator[Finding]:
    """Every condition of every step."""
    for at, condition in in_steps(book):
        if isinstance(condition, Condition):
            if condition.param is not None:
                yield from _param(book, at, condition, condition.param)
            elif condition.output is not None:
                yield from _output(book, at, condition.output)
            elif condition.chosen is not None:
                yield from _chosen(book, at, condition, condition.chosen)


def _param(book: Book, at: Steps, condition: Condition, name: str) -> Iterator[Finding]:
    param = book.runbook.params.get(name)
    if param is None:
        message = f"there is no parameter {name}"
        yield Finding("unknown-param", (*at, "param"), message, nearest(name, book.runbook.params))
        return
    if param.secret:
        message = f"{name} is secret and not stored: nothing can depend on it"
        yield Finding("secret-condition", (*at, "param"), message, "ask with a second parameter")
        return
    possible = ("true", "false") if param.type == "boolean" else param.enum
    if possible is not None:
        yield from _dead(at, condition, possible)
        return
    for word in _named(condition.equals):
        if why := param.objection(word):
            message = f"{name} can never be {word}: it {why}"
            yield Finding("dead-condition", (*at, "is"), message, "mend the word, or the parameter")


def _output(book: Book, at: Steps, output: str) -> Iterator[Finding]:
    if unknown := unknown_output(book, output):
        yield Finding("unknown-output", (*at, "output"), *unknown)
        return
    giver = output.rpartition(".")[0]
    place = book.places.get(giver)
    if place is not None and place >= int(at[1]):
        message = f"{output} is not known yet: {giver} does not come before this step"
        yield Finding("early-output", (*at, "output"), message, "move it before this step")


def _chosen(book: Book, at: Steps, condition: Condition, name: str) -> Iterator[Finding]:
    if not book.sure(name):
        return
    step = book.step(name)
    if step is None or step.choose is None:
        decisions = [each.id for part in book.parts for each in part if each.choose]
        yield Finding("unknown-step", (*at, "chosen"), f"there is no decision {name}", nearest(name, decisions))
        return
    if book.places[name] >= int(at[1]):
        message = f"the decision {name} does not come before this step"
        yield Finding("early-choice", (*at, "chosen"), message, "move it before this step")
    options = [option.id for option in step.choose.options]
    named = _named(condition.equals), _named(condition.differs)
    for key, words in zip(("is", "is_not"), named, strict=True):
        for word in words:
            if word not in options:
                message = f"{name} has no option {word}"
                yield Finding("unknown-option", (*at, key), message, nearest(word, options))
    if all(word in options for words in named for word in words):
        yield from _dead(at, condition, options)


def _dead(at: Steps, condition: Condition, possible: Collection[str]) -> Iterator[Finding]:
    strange = [word for word in _named(condition.equals) if word not in possible]
    if not any(holds(condition, value) for value in possible):
        message = f"can never be met: it will be one of {', '.join(possible)}"
        yield Finding("dead-condition", at, message, "mend the condition, or remove the step")
    elif strange:
        message = f"can never be {', '.join(strange)}: it will be one of {', '.join(possible)}"
        yield Finding("dead-condition", (*at, "is"), message, "remove the word")


def _named(words: tuple[str, ...] | str | None) -> tuple[str, ...]:
    return (words,) if isinstance(words, str) else words or ()
