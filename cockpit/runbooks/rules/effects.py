"""What steps change: whether anybody can tell that it helped, and whether it goes back where it should."""

from __future__ import annotations

import json
from collections.abc import Iterator

from cockpit.clock import span
from cockpit.config.yaml import Steps
from cockpit.runbooks.model.commands import Command, Rollback
from cockpit.runbooks.model.steps import Ladder, Rung, Step
from cockpit.runbooks.model.values import FromTarget
from cockpit.runbooks.rules.book import Book, Finding, in_steps, walk

WRITING = {"POST", "PUT", "PATCH", "DELETE"}


def check(book: Book) -> Iterator[Finding]:
    """Verification, ladders, rollbacks, methods of requests."""
    for place, step in enumerate(book.steps):
        at: Steps = ("steps", place)
        if step.effect in {"write", "destructive"} and step.verify is None and step.repeat is None:
            message = "nothing tells whether this helped: an exit code is not an effect"
            yield Finding("unverified", at, message, "add verify: with a probe")
        if step.http is not None and step.effect == "read" and step.http.method in WRITING - {"POST"}:
            message = f"a {step.http.method} changes something, and effect says read"
            yield Finding("reading-method", (*at, "effect"), message, "say effect: write, or destructive")
        if step.ladder is not None:
            yield from _ladder(step.ladder, (*at, "ladder"))
    yield from _times(book)
    yield from _toggles(book)


def _ladder(ladder: Ladder, at: Steps) -> Iterator[Finding]:
    if (releases := ladder.releases) is not None:
        if releases.at_most < 2:
            message = "a ladder of one rung has nothing left when it did not help"
            yield Finding("one-rung", (*at, "releases", "at_most"), message, "say at_most: 2 or more")
        if not any(isinstance(value, FromTarget) for _, value in walk(releases.apply, ())):
            message = "does not say which release: without {target: id} it would go wherever its tool likes"
            yield Finding("no-target", (*at, "releases", "apply"), message, "use {target: id} as a word, or in env")
    first: dict[str, Rung] = {}
    for number, rung in enumerate(ladder.rungs or ()):
        told = json.dumps(rung.apply.model_dump(mode="json", include={"argv", "run", "env", "workdir"}), sort_keys=True)
        if told in first:
            message = f"does the same as {first[told].id}: if that did not help, this will not"
            yield Finding("same-rung", (*at, "rungs", number, "apply"), message, "name another state")
        first.setdefault(told, rung)


def _times(book: Book) -> Iterator[Finding]:
    for at, value in in_steps(book):
        if isinstance(value, Step | Rung) and value.rollback is not None and value.rollback.http is None:
            command = _command(value)
            if command is not None and value.rollback.timeout < command.timeout:
                told = f"{span(value.rollback.timeout)}, what it undoes {span(command.timeout)}"
                message = f"the rollback has {told}"
                yield Finding("short-rollback", (*at, "rollback"), message, "give it a timeout: as long at least")


def _command(value: Step | Rung) -> Command | None:
    if isinstance(value, Rung):
        return value.apply
    return value.repeat.command if value.repeat is not None else value.command


def _toggles(book: Book) -> Iterator[Finding]:
    """`last` is not `last good`: taken twice, these two go back and forth between the same two releases."""
    for at, value in in_steps(book):
        argv = value.argv if isinstance(value, Command) else value.command if isinstance(value, Rollback) else None
        words = [word if isinstance(word, str) else "?" for word in argv or ()]
        key = "argv" if isinstance(value, Command) else "command"
        if words[:1] == ["kubectl"] and "rollout" in words and "undo" in words:
            if not any(word.startswith("--to-revision") for word in words):
                message = "without --to-revision a second undo takes the bad release back"
                yield Finding("toggle", (*at, key), message, "pin the image by its digest, or name the revision")
        if words[:1] == ["helm"] and "rollback" in words:
            named = [word for word in words[words.index("rollback") + 1 :] if not word.startswith("-")]
            if len(named) < 2:
                message = "without a revision a second rollback takes the bad release back"
                yield Finding("toggle", (*at, key), message, "name the revision")
