"""A runbook as Markdown, for a wiki and for a terminal: what each step does, what it changes, what undoes it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from cockpit.clock import span
from cockpit.runbooks.commandline import name_of, unfilled
from cockpit.runbooks.model.commands import Command, Request, Rollback
from cockpit.runbooks.model.runbook import Runbook
from cockpit.runbooks.model.steps import Choose, Escalate, Ladder, Repeat, Rung, Step, Verify, Wait
from cockpit.runbooks.model.values import Condition, Param, Value

SECTIONS = {
    "contain": "Contain", "verify": "Verify", "reconcile": "Reconcile", "follow_up": "Follow up", None: "Steps",
}  # fmt: skip
EFFECTS = {
    "read": "Only reads.",
    "write": "**Changes something.**",
    "destructive": "**Destroys something:** confirmed by typing its name.",
}
_MEANT = re.compile(r"([\\`*\[\]<>|])")


def render(runbook: Runbook) -> str:
    """The whole runbook, with what it includes put in; it ends in a newline."""
    return "\n".join(_squeezed(_lines(runbook))).rstrip("\n") + "\n"


def _lines(runbook: Runbook) -> Iterator[str]:
    yield f"# {_plain(runbook.title)}"
    yield ""
    yield from _head(runbook)
    section: str | None = "none yet"
    for number, step in enumerate(runbook.steps, 1):
        if step.section != section:
            yield from ("", f"## {SECTIONS[step.section]}")
            section = step.section
        yield from ("", f"### {number}. {_plain(step.title)}", "")
        yield from _step(step)
    yield from _recovery(runbook)


def _head(runbook: Runbook) -> Iterator[str]:
    yield f"- Runbook: `{runbook.id}`"
    for words, told in (
        ("Service", runbook.service),
        ("One run at a time works on", runbook.lock),
        ("Owned by", ", ".join(runbook.owners)),
    ):
        if told:
            yield f"- {words}: {_plain(told)}"
    requires = runbook.requires
    versions = [f"{name} {version.at_least} or later" for name, version in requires.versions.items()]
    for words, names in (
        ("Programs", requires.commands), ("Versions", versions), ("Variables", requires.env),
        ("Secret variables", requires.secrets), ("Probes", runbook.probes),
    ):  # fmt: skip
        if names:
            yield f"- {words}: {', '.join(f'`{name}`' for name in names)}"
    if runbook.params:
        yield from ("", "## Values asked for", "")
        yield from (f"- `{name}`: {_param(param)}" for name, param in runbook.params.items())


def _param(param: Param) -> str:
    told = [_plain(param.title)] if param.title else []
    told.append("secret, never stored" if param.secret else param.type)
    if param.enum is not None:
        told.append(f"one of {_codes(param.enum)}")
    if param.pattern is not None:
        told.append(f"looks like {_code(param.pattern)}")
    if param.default is not None:
        told.append(f"{_code(param.default)} if nothing is given")
    return ", ".join(told)


def _step(step: Step) -> Iterator[str]:
    for condition in step.conditions:
        yield f"- Only when {_condition(condition)}"
    if step.role is not None:
        yield f"- For: {step.role.replace('_', ' ')}"
    if step.approve is not None:
        others = " other" if step.approve.others else ""
        role = f" ({step.approve.role.replace('_', ' ')})" if step.approve.role else ""
        yield f"- Needs the yes of {_count(step.approve.people, f'{others.strip()} person'.strip())}{role}"
    if step.effect is not None:
        yield f"- {EFFECTS[step.effect]}"
    yield ""
    yield from _kind(step)
    yield ""
    if step.rollback is not None:
        yield from _rollback(step.rollback)
    if step.irreversible is not None:
        yield f"- **Cannot be undone:** {_plain(step.irreversible)}"
    for name in step.outputs:
        yield f"- Gives `{step.id}.{name}`"
    if step.retries is not None:
        yield f"- Tried again up to {_count(step.retries.times, 'time')} when it fails"
    if step.verify is not None:
        yield f"- Helped when {_verify(step.verify)}"
    if step.on_failure != "hold":
        yield f"- If it fails: {'go on' if step.on_failure == 'continue' else 'undo what was done'}"
    if step.broadcast is not None:
        yield f"- Told to the channel: {_plain(step.broadcast)}"


def _kind(step: Step) -> Iterator[str]:
    if step.manual is not None:
        yield from _closed(step.manual.strip("\n").split("\n"))
    if step.command is not None:
        yield from _command(step.command)
    if step.http is not None:
        yield from _request(step.http)
    if step.wait is not None:
        yield from _wait(step.wait)
    if step.choose is not None:
        yield from _choose(step.choose)
    if step.ladder is not None:
        yield from _ladder(step.ladder)
    if step.repeat is not None:
        yield from _repeat(step.repeat)
    if step.escalate is not None:
        yield from _escalate(step.escalate)


def _command(command: Command) -> Iterator[str]:
    yield from _given(command.env)
    yield from _fenced(unfilled(command))
    if command.workdir is not None:
        yield f"- In {_code(command.workdir)}"


def _given(env: Mapping[str, Value]) -> Iterator[str]:
    for name, value in env.items():
        yield f"- With `{name}` = {_code(name_of(value))}"


def _request(request: Request) -> Iterator[str]:
    yield from _fenced(f"{request.method} {name_of(request.url)}")
    for name, value in request.headers.items():
        yield f"- Header {_code(f'{name}: {name_of(value)}')}"
    if request.body is not None:
        yield from _fenced(request.body, "")
    for name, value in (request.json_body or {}).items():
        yield f"- JSON {_code(f'{name}: {name_of(value)}')}"


def _rollback(rollback: Rollback) -> Iterator[str]:
    yield from ("", "Undone by:", "")
    yield from _given(rollback.env)
    if rollback.http is not None:
        yield from _request(rollback.http)
    else:
        yield from _fenced(unfilled(Command(argv=rollback.command, run=rollback.run)))
    if rollback.check is not None:
        yield from ("", "if this ends with exit code 0:", "")
        yield from _command(rollback.check)


def _verify(verify: Verify) -> str:
    settle = f", not judged for the first {span(verify.settle)}" if verify.settle else ""
    return f"`{verify.probe}` is up for {span(verify.hold)} within {span(verify.within)}{settle}"


def _wait(wait: Wait) -> Iterator[str]:
    watched = f", from the start again when one of these is not up: {_codes(wait.watch)}" if wait.watch else ""
    yield f"Wait {span(wait.duration)}{watched}."


def _choose(choose: Choose) -> Iterator[str]:
    yield f"{_plain(choose.question)} ({span(choose.timebox)} to decide)"
    yield ""
    for option in choose.options:
        skips = f"; skips {_codes(option.skip)}" if option.skip else ""
        goes = f"; then `{option.goto}`" if option.goto else ""
        yield f"- `{option.id}`: {_plain(option.title)}{skips}{goes}"


def _ladder(ladder: Ladder) -> Iterator[str]:
    yield f"The nearest first; the next one when it did not help, that is unless {_verify(ladder.verify)}."
    for number, rung in enumerate(ladder.rungs or (), 1):
        yield from ("", f"#### Rung {number}: {_plain(rung.title)}", "")
        yield from _rung(rung)
    if (releases := ladder.releases) is not None:
        for words, command in (("What serves now", releases.current), ("The releases", releases.list)):
            yield from ("", f"{words}:", "")
            yield from _command(command)
        yield from ("", f"Each of at most {releases.at_most} is applied with:", "", f"- {EFFECTS[releases.effect]}", "")
        yield from _command(releases.apply)
    if ladder.exhausted is not None:
        yield from ("", "When none of them helped:", "")
        yield from _escalate(ladder.exhausted)


def _rung(rung: Rung) -> Iterator[str]:
    yield f"- {EFFECTS[rung.effect]}"
    yield ""
    if rung.look is not None:
        yield from ("Look first:", "")
        yield from _command(rung.look)
        yield ""
    yield from _command(rung.apply)
    if rung.rollback is not None:
        yield from _rollback(rung.rollback)
    if rung.irreversible is not None:
        yield from ("", f"- **Cannot be undone:** {_plain(rung.irreversible)}")
    if rung.verify is not None:
        yield from ("", f"- Helped when {_verify(rung.verify)}")


def _repeat(repeat: Repeat) -> Iterator[str]:
    hold = f" for {span(repeat.until.hold)}" if repeat.until.hold else ""
    yield f"Again and again, until `{repeat.until.probe}` is up{hold}, at most {_count(repeat.at_most, 'time')}:"
    yield ""
    yield from _command(repeat.command)


def _escalate(escalate: Escalate) -> Iterator[str]:
    yield f"Call {_plain(escalate.whom)}."
    yield ""
    if escalate.command is not None:
        yield from _command(escalate.command)
    if escalate.pagerduty is not None:
        yield f"- PagerDuty, {escalate.pagerduty.severity}: {_plain(escalate.pagerduty.summary)}"
    if escalate.message is not None:
        yield f"- In the channel: {_plain(escalate.message)}"


def _recovery(runbook: Runbook) -> Iterator[str]:
    recovery = runbook.recovery
    if not (recovery.probes or recovery.downstream or recovery.quotas):
        return
    yield from ("", "## Resolved when", "")
    if recovery.probes:
        yield f"- up for {span(recovery.hold)}: {_codes(recovery.probes)}"
    if recovery.downstream:
        yield f"- up: {_codes(recovery.downstream)}"
    if recovery.quotas:
        yield f"- put back: {_codes(recovery.quotas)}"


def _condition(condition: Condition) -> str:
    subject = f"the choice at `{condition.chosen}`" if condition.chosen else f"`{condition.param or condition.output}`"
    if condition.matches is not None:
        return f"{subject} matches {_code(condition.matches)}"
    named = condition.equals if condition.equals is not None else condition.differs or ()
    words = _codes((named,) if isinstance(named, str) else named, " or ")
    return f"{subject} is {'' if condition.equals is not None else 'not '}{words}"


def _plain(text: str) -> str:
    """Text in which nothing has a meaning of its own."""
    return _MEANT.sub(r"\\\1", " ".join(text.split()))


def _code(text: str) -> str:
    tick = "`" * (_longest(text) + 1)
    pad = " " if "`" in text else ""
    return f"{tick}{pad}{' '.join(text.split())}{pad}{tick}"


def _codes(texts: Sequence[str], between: str = ", ") -> str:
    return between.join(map(_code, texts))


def _fenced(text: str, language: str = "sh") -> Iterator[str]:
    fence = "`" * max(3, _longest(text) + 1)
    yield from ("", f"{fence}{language}", *text.strip("\n").split("\n"), fence, "")


def _longest(text: str) -> int:
    return max((len(run) for run in re.findall("`+", text)), default=0)


def _count(number: int, what: str) -> str:
    plural = f"{what[:-6]}people" if what.endswith("person") else f"{what}s"
    return f"{number} {what if number == 1 else plural}"


def _closed(lines: Sequence[str]) -> Iterator[str]:
    """Somebody's own Markdown; a fence that it leaves open ends with it."""
    fence = ""
    for line in lines:
        marked = re.match(" {0,3}(`{3,}|~{3,})", line)
        if fence and line.strip() == fence:
            fence = ""
        elif not fence and marked:
            fence = marked.group(1)
        yield line
    if fence:
        yield fence


def _squeezed(lines: Iterator[str]) -> Iterator[str]:
    """Never two empty lines in a row, except within a fence."""
    fence, empty = "", True
    for line in lines:
        begun = re.match("`{3,}", line)
        if fence and line == fence:
            fence = ""
        elif not fence and begun:
            fence = begun.group()
        if line or fence or not empty:
            yield line
        empty = not line
