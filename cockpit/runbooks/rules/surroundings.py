"""What a runbook takes for granted around it: probes, programs, directories."""

from __future__ import annotations

from collections.abc import Iterator

from cockpit.config.fields import EnvReference
from cockpit.config.yaml import Steps
from cockpit.runbooks.model.commands import Command, Rollback
from cockpit.runbooks.model.steps import Step, Target, Verify, Wait
from cockpit.runbooks.rules.book import Book, Finding, in_steps, nearest

OWN = "COCKPIT_ATTEMPT"
"""The id of the attempt, which every command gets: a service can tell by it that a request came twice."""


def check(book: Book) -> Iterator[Finding]:
    """Probes of the runbook and of the config, variables, programs that are called, where a command runs."""
    yield from _probes(book)
    yield from _variables(book)
    yield from _programs(book)
    yield from _directories(book)


def _probes(book: Book) -> Iterator[Finding]:
    listed = book.runbook.probes
    for at, name in _watched(book):
        if listed and name not in listed:
            message = f"{name} is not among the probes of this runbook"
            yield Finding("undeclared-probe", at, message, f"{nearest(name, listed)} or add it to probes")
    for at, name in (*((("probes", index), name) for index, name in enumerate(listed)), *_watched(book)):
        if book.probes is not None and name not in book.probes:
            yield Finding("unknown-probe", at, f"there is no probe {name} in the config", nearest(name, book.probes))


def _watched(book: Book) -> Iterator[tuple[Steps, str]]:
    for at, value in in_steps(book):
        if isinstance(value, Verify | Target):
            yield (*at, "probe"), value.probe
        elif isinstance(value, Wait):
            yield from (((*at, "watch", index), name) for index, name in enumerate(value.watch))
    recovery = book.runbook.recovery
    for key, names in (
        ("probes", recovery.probes),
        ("downstream", recovery.downstream),
        ("quotas", recovery.quotas),
    ):
        yield from ((("recovery", key, index), name) for index, name in enumerate(names))


def _variables(book: Book) -> Iterator[Finding]:
    """A request is given what the runbook asks for, and nothing else: without it, it is not sent."""
    told = {*book.runbook.requires.env, *book.runbook.requires.secrets, OWN}
    for at, value in in_steps(book):
        if isinstance(value, EnvReference) and value.env not in told:
            message = f"{value.env} is in neither requires.secrets nor requires.env, so the request would not get it"
            yield Finding("unlisted-variable", (*at, "env"), message, f"write requires: {{secrets: [{value.env}]}}")


def _programs(book: Book) -> Iterator[Finding]:
    """Only those that are looked up on the PATH: others are where they are."""
    told = {*book.runbook.requires.commands, *book.runbook.requires.versions}
    for at, program in _called(book):
        if "/" not in program and program not in told:
            told.add(program)
            message = f"{program} is not in requires.commands: its absence would be found out only here"
            yield Finding("unlisted-command", at, message, "add it there")


def _called(book: Book) -> Iterator[tuple[Steps, str]]:
    for at, value in in_steps(book):
        if isinstance(value, Command) and value.argv is not None and isinstance(value.argv[0], str):
            yield (*at, "argv", 0), value.argv[0]
        elif isinstance(value, Rollback) and value.command is not None and isinstance(value.command[0], str):
            yield (*at, "command", 0), value.command[0]


def _directories(book: Book) -> Iterator[Finding]:
    for at, value in in_steps(book):
        if isinstance(value, Command) and value.workdir is not None and not value.workdir.startswith("/"):
            message = "nobody can tell where it is: the engine runs in a directory of its own, and ~ is not filled in"
            yield Finding("relative-path", (*at, "workdir"), message, "name it from the root")
    for at, program in _called(book):
        if "/" in program and not program.startswith("/") and not _has_workdir(book, at):
            message = f"{program} is looked for in the engine's directory, wherever that is"
            yield Finding("relative-path", at, message, "name it from the root, or give an absolute workdir")


def _has_workdir(book: Book, at: Steps) -> bool:
    """Whether the command at that place, or the one that the rollback there undoes, says where it runs."""
    value: object = book.steps[int(at[1])]
    around: list[object] = [value]
    for key in at[2:-2]:
        value = value[key] if isinstance(value, tuple) and isinstance(key, int) else getattr(value, str(key), None)
        around.append(value)
    if isinstance(value, Rollback):
        undone = around[-2]
        value = undone.command if isinstance(undone, Step) else getattr(undone, "apply", None)
    return isinstance(value, Command) and value.workdir is not None
