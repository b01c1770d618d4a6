"""What starting a runbook may take besides a yes: that its text is trusted, values, and the lock of somebody else."""

from __future__ import annotations

from collections.abc import Sequence

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content

from cockpit.protocol.client import Told
from cockpit.protocol.commands import AnyCommand, StartRun
from cockpit.protocol.messages import Answer, FetchRunbooks, Runbooks
from cockpit.protocol.views import ParamView, RunbookView
from cockpit.tui.attachment import Attachment
from cockpit.tui.calm import calmly
from cockpit.tui.paint import wrapped
from cockpit.tui.screens.confirm import Confirmation, Given, Question
from cockpit.tui.screens.form import Form, Incomplete, entry, pick
from cockpit.tui.screens.modal import Words
from cockpit.tui.widgets.reading import signed

_KINDS = {"integer": "a whole number", "number": "a number"}
BOOLEAN = ("true", "false")


def needs_more(runbook: RunbookView) -> bool:
    """Whether a yes alone does not start it."""
    return bool(runbook.params or runbook.holder)


class TrustScreen(Confirmation):
    """Shows what is new in the text since it was trusted last, or all of it; what else it takes is asked after."""

    def __init__(self, desk: Attachment, runbook: RunbookView) -> None:
        super().__init__(desk, trust_question(runbook))
        self._runbook = runbook

    def confirmed(self, given: Given) -> None:
        if needs_more(self._runbook):
            self.app.switch_screen(StartForm(self.desk, self._runbook, trust=self._runbook.digest))
        else:
            super().confirmed(given)


def trust_question(runbook: RunbookView) -> Question:
    """The very text that would run, where it lies and what it hashes to."""
    signs = [sign for sign, _ in signed(runbook.diff)]
    meaning = (
        f"Edited since it was trusted last: lines +{signs.count('+')} -{signs.count('-')}."
        if signs
        else "It was never trusted here."
    )
    facts = (
        ("Path", runbook.path.line),
        ("Digest", runbook.digest),
        ("Meaning", f"{meaning} A yes trusts this very text{'' if needs_more(runbook) else ', and starts it'}."),
    )
    command = StartRun(runbook=runbook.id, trust=runbook.digest)
    return Question(
        "Trust this runbook?", runbook.title.line, facts, lambda given: command, source=runbook.source,
        diff=runbook.diff,
    )  # fmt: skip


class StartForm(Form):
    """Asks for values, and for a reason to take the lock from whoever holds it; it is never taken without one."""

    CSS_PATH = ["modal.tcss", "starting.tcss"]

    def __init__(self, desk: Attachment, runbook: RunbookView, trust: str = "") -> None:
        super().__init__(desk, f"Start: {runbook.title.line}")
        self._runbook = runbook
        self._trust = trust

    def parts(self) -> ComposeResult:
        for place, param in enumerate(self._runbook.params):
            yield from _field(param, f"value-{place}")
        with Vertical(id="held"):
            yield Words(Content(""), "holder")
            yield from entry("Take it over all the same: why, and who agreed", "reason")

    def on_mount(self) -> None:
        self._show_holder()

    def _show_holder(self) -> None:
        self.query_one("#held").display = bool(self._runbook.holder)
        self.query_one("#holder", Words).update(Content("\n").join(wrapped(held_words(self._runbook), 68, "warn")))

    def commands(self) -> Sequence[AnyCommand]:
        runbook = self._runbook
        reason = self.typed("reason") if runbook.holder else ""
        params = {param.name: self._value(place) for place, param in enumerate(runbook.params)}
        if runbook.holder and not reason:
            raise Incomplete("Somebody else works on it: say why you take it over, or Esc.")
        return (
            StartRun(
                runbook=runbook.id, trust=self._trust, params={name: value for name, value in params.items() if value},
                take_over=reason, holder=runbook.holder if reason else "",
            ),
        )  # fmt: skip

    def _value(self, place: int) -> str:
        param, field = self._runbook.params[place], f"value-{place}"
        value = self.choice(field) if _words(param) else self.typed(field)
        # A default that was wiped out is not meant; the engine would take it for one that was left alone.
        if not value and (param.required or param.default):
            raise Incomplete(f"{'Choose' if _words(param) else 'Give'} a value: {param.title.line or param.name}")
        return value

    def refused(self, command: AnyCommand, answer: Answer) -> None:
        self.run_worker(calmly(self.app, self.desk.send(FetchRunbooks())), exit_on_error=False)

    def answered(self, told: Told) -> None:
        if not isinstance(told, Runbooks):
            return
        for now in told.runbooks:
            if now.id == self._runbook.id and now.digest == self._runbook.digest and now.params == self._runbook.params:
                self._runbook = now
                self._show_holder()


def held_words(runbook: RunbookView) -> str:
    """Who holds what the runbook would lock, in a sentence."""
    what = runbook.service.line or "What it works on"
    return f"{what} is worked on by {runbook.holder.line}" if runbook.holder else ""


def _words(param: ParamView) -> Sequence[str]:
    """The words there are to choose from, none for what is typed."""
    return BOOLEAN if param.kind == "boolean" else param.options


def _field(param: ParamView, field: str) -> ComposeResult:
    label = param.title.line or param.name
    if words := _words(param):
        yield from pick(label, field, words, param.default if param.default in words else None)
    else:
        kind = _KINDS.get(param.kind, "")
        yield from entry(f"{label}  ({kind})" if kind else label, field, param.default)
