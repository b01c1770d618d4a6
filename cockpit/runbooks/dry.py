"""A dry run: every step with the very words of its commands, and nothing done. Pure.

It looks nothing up either. What is only known at run time is said to be so.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from cockpit.clock import span
from cockpit.runbooks.conditions import holds
from cockpit.runbooks.model.commands import Command, Request
from cockpit.runbooks.model.runbook import Runbook
from cockpit.runbooks.model.steps import PagerDuty
from cockpit.runbooks.model.values import Condition
from cockpit.runbooks.params import given
from cockpit.runbooks.plan import PlannedStep, plan
from cockpit.runbooks.values import Invocation, Known, fill

AT_RUN_TIME = "decided at run time"


class Unfit(Exception):
    """The values given are not those the runbook asks for; the message says what is wrong with each."""


@dataclass(frozen=True, slots=True)
class DryCommand:
    """One command as it would run, and what for. `missing` is what is only known at run time."""

    what: str
    shown: str
    how: dict[str, Any]
    missing: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class DryStep:
    """One step. `needed` is yes, no, or decided at run time; `facts` are words by what they are about."""

    id: str
    title: str
    kind: str
    effect: str
    section: str
    needed: str
    why: tuple[str, ...]
    commands: tuple[DryCommand, ...]
    facts: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class DryRun:
    """A whole runbook as it would run; secret values stand nowhere."""

    runbook: str
    title: str
    lock: str
    params: dict[str, str]
    asked: tuple[str, ...]
    requires: dict[str, tuple[str, ...]]
    steps: tuple[DryStep, ...]


def dry_run(runbook: Runbook, values: Mapping[str, str]) -> DryRun:
    """The runbook with these values and the defaults; Unfit when one of them could not be given."""
    # What is not given yet is no mistake here: it is shown as what will be asked for.
    open_still = {name for name, param in runbook.params.items() if name not in values and param.default is None}
    params = {name: param for name, param in runbook.params.items() if name not in open_still}
    taken, problems = given(params, values)
    if problems:
        raise Unfit("; ".join(problems))
    secret = frozenset(name for name, param in runbook.params.items() if param.secret)
    known = Known(taken, {}, secret)
    planned = plan(runbook)
    needs = runbook.requires
    versions = tuple(f"{name} {version.at_least} or later" for name, version in needs.versions.items())
    return DryRun(
        runbook.id, runbook.title, planned.lock, taken,
        tuple(f"{name} (secret)" if name in secret else name for name in runbook.params if name in open_still),
        {"commands": needs.commands, "versions": versions, "env": needs.env, "secrets": needs.secrets},
        tuple(_step(step, known) for step in planned.steps.values()),
    )  # fmt: skip


def _step(step: PlannedStep, known: Known) -> DryStep:
    outline = step.outline
    needed, why = _needed(step.conditions, known)
    return DryStep(
        outline.id, outline.title, outline.kind, outline.effect, outline.section.replace("_", " "), needed, why,
        tuple(_commands(step, known)), dict(_facts(step)),
    )  # fmt: skip


def _needed(conditions: tuple[Condition, ...], known: Known) -> tuple[str, tuple[str, ...]]:
    told = [(_words(each), _holds(each, known)) for each in conditions]
    verdicts = {True: "so", False: "not so", None: AT_RUN_TIME}
    why = tuple(f"{text}: {verdicts[found]}" for text, found in told)
    if any(found is False for _, found in told):
        return "no", why
    return ("yes" if all(found for _, found in told) else AT_RUN_TIME), why


def _words(condition: Condition) -> str:
    subject = f"the choice at {condition.chosen}" if condition.chosen else condition.param or condition.output
    if condition.matches is not None:
        return f"{subject} matches {condition.matches}"
    wanted = condition.equals if condition.equals is not None else condition.differs or ()
    negated = "" if condition.equals is not None else "not "
    return f"{subject} is {negated}{wanted if isinstance(wanted, str) else ' or '.join(wanted)}"


def _holds(condition: Condition, known: Known) -> bool | None:
    found = known.params.get(condition.param) if condition.param is not None else None
    return None if found is None else holds(condition, found)


def _commands(step: PlannedStep, known: Known) -> Iterator[DryCommand]:
    named = (
        ("look before", step.before),
        ("run", step.command),
        ("look after", step.after),
        ("ask whether it took effect", step.check),
        ("look before undoing", step.undo_check),
        ("undo", step.rollback),
    )
    for what, doing in named:
        if doing is not None:
            yield _command(what, doing, fill(doing, known, dedup=f"<run>-{step.outline.id}"))


def _command(what: str, doing: Command | Request | PagerDuty, filled: Invocation) -> DryCommand:
    how: dict[str, Any] = {"timeout": span(filled.timeout)}
    if isinstance(doing, Command):
        how |= _of_process(doing, filled)
    elif filled.call is not None:
        call = filled.call
        how |= {"method": call.method, "url": call.url, "expect": list(call.expect)}
        how |= {"headers": {name: _open(value) for name, value in call.headers.items()}} if call.headers else {}
        body = call.body if call.json_body is None else {k: _open(v) for k, v in call.json_body.items()}
        how |= {"body": body} if body is not None else {}
    return DryCommand(what, filled.shown, how, filled.missing)


def _of_process(doing: Command, filled: Invocation) -> dict[str, Any]:
    how: dict[str, Any] = {"argv": list(filled.argv), "kill_grace": span(filled.kill_grace)}
    if doing.run is not None:
        how["shell"] = " ".join(doing.shell)
    env = dict(filled.env) | {name: f"<secret {param}, asked for at run time>" for name, param in filled.secrets}
    if env:
        how["env"] = env
    if filled.workdir is not None:
        how["workdir"] = filled.workdir
    if filled.success_codes != (0,):
        how["success_codes"] = list(filled.success_codes)
    if filled.pty:
        how["terminal"] = "it prints to a terminal, and gets no key"
    return how


def _open(value: Any) -> Any:
    """A value of a request; a secret one is named, not shown."""
    return f"<from ${value['env']}>" if isinstance(value, dict) and set(value) == {"env"} else value


def _facts(step: PlannedStep) -> Iterator[tuple[str, str]]:
    outline = step.outline
    if outline.role:
        yield "for", outline.role.replace("_", " ")
    if step.manual:
        yield "by hand", " ".join(step.manual.split())
    if step.wait is not None:
        watched = f", starting over whenever {', '.join(step.wait.watch)} is not up" if step.wait.watch else ""
        yield "waits", f"{span(step.wait.duration)}{watched}"
    yield from _decision(step)
    if step.message:
        yield "message", f"to {step.whom}: {step.message}"
    elif step.whom:
        yield "calls", step.whom
    if step.command is not None:
        yield "confirmed", f"by typing {outline.id}" if step.confirm == "type" else _CONFIRM.get(step.confirm, _KEY)
    if step.follows:
        yield "follows", "by itself, under the confirmation of the step before it"
    if step.approve is not None:
        role = f" as {step.approve.role.replace('_', ' ')}" if step.approve.role else ""
        other = ", not by whoever runs it" if step.approve.others else ""
        yield "approved", f"by {step.approve.people}{role}{other}; holds for {span(step.approve.expires)}"
    if outline.ladder and step.before is not None:
        yield "barrier", "a release marked so needs an approval with a reason"
    yield from _endings(step)


_KEY = "by a key"
_CONFIRM = {"none": "by a key (it only reads)"}


def _decision(step: PlannedStep) -> Iterator[tuple[str, str]]:
    if step.choose is None:
        return
    yield "decision", f"{step.choose.question} (within {span(step.choose.timebox)}; time decides nothing)"
    for option in step.choose.options:
        skips = f"; skips {', '.join(option.skip)}" if option.skip else ""
        goto = f"; goes to {option.goto}" if option.goto else ""
        yield f"option {option.id}", f"{option.title}{skips}{goto}"


def _endings(step: PlannedStep) -> Iterator[tuple[str, str]]:
    if step.repeat is not None:
        until = step.repeat.until
        held = f" for {span(until.hold)}" if until.hold else ""
        yield (
            "repeated",
            (
                f"up to {step.repeat.at_most} batches, {span(step.repeat.pause)} between two, "
                f"until {until.probe} is up{held}"
            ),
        )
    if step.retries is not None:
        yield "tried again", f"up to {step.retries.times} times when it fails, after {span(step.retries.pause)}"
    for name, output in step.outputs.items():
        way = f"the {output.line} line" if output.line else output.pattern or f"JSON {output.json_path}"
        yield f"gives {name}", f"{way} of what it prints"
    if step.at_most:
        yield "pins", f"{step.at_least} to {step.at_most} releases to go back to"
    if step.verify is not None:
        verify = step.verify
        settle = f", judged from {span(verify.settle)} on" if verify.settle else ""
        yield "helped when", f"{verify.probe} is up for {span(verify.hold)} within {span(verify.within)}{settle}"
    if step.outline.irreversible:
        yield "cannot be undone", step.outline.irreversible
    if step.command is not None:
        yield "if it fails", "the run goes on" if step.fallback else _FAILING[step.on_failure]
    if step.outline.broadcast:
        yield "told to the channel", step.outline.broadcast


_FAILING = {
    "hold": "the run holds, and a person decides",
    "continue": "the run goes on",
    "undo": "the undo is offered first",
}
