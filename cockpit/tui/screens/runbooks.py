"""Which runbook to start; the text of one not trusted yet is shown first."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.content import Content
from textual.widgets import OptionList

from cockpit.protocol.commands import StartRun
from cockpit.protocol.messages import FetchRunbooks, Runbooks
from cockpit.protocol.views import RunbookView
from cockpit.tui.attachment import Attachment
from cockpit.tui.calm import calmly
from cockpit.tui.paint import line, say, wrapped
from cockpit.tui.screens.confirm import Confirmation, Question
from cockpit.tui.screens.modal import Modal, Words
from cockpit.tui.widgets.choice import Menu


class RunbooksScreen(Modal):
    CSS_PATH = ["modal.tcss", "runbooks.tcss"]

    def __init__(self, desk: Attachment) -> None:
        super().__init__(desk, "Start a runbook", "Enter starts    j k move    Esc back")
        self._runbooks: tuple[RunbookView, ...] = ()

    def parts(self) -> ComposeResult:
        yield Words(say("Asking the engine ...", "muted"), "asking")
        yield Menu(markup=False)

    def on_mount(self) -> None:
        asking = self.desk.send(FetchRunbooks())
        self.run_worker(calmly(self.app, asking), exit_on_error=False)

    def show(self, found: Runbooks) -> None:
        """The list the engine sent."""
        self._runbooks = found.runbooks
        asking = self.query_one("#asking", Words)
        asking.display = not found.runbooks
        asking.update(say("There is none. Put one where the configuration says runbooks are.", "muted"))
        menu = self.query_one(Menu)
        menu.clear_options()
        menu.add_options([_entry(runbook) for runbook in found.runbooks])
        menu.highlighted = 0 if found.runbooks else None
        menu.focus()

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        runbook = self._runbooks[event.option_index]
        if runbook.problems:
            self.refuse("It cannot be started: " + "; ".join(problem.line for problem in runbook.problems))
        elif runbook.trusted:
            if self.still():
                self.submit((StartRun(runbook=runbook.id),))
        else:
            self.app.switch_screen(Confirmation(self.desk, trust_question(runbook)))


def trust_question(runbook: RunbookView) -> Question:
    """Shows the very text that would run, where it lies and what it hashes to."""
    facts = (
        ("Path", runbook.path.line),
        ("Digest", runbook.digest),
        ("Meaning", "It was never run here, or was edited since. A yes trusts this very text, and starts it."),
    )
    command = StartRun(runbook=runbook.id, trust=runbook.digest)
    return Question("Trust this runbook?", runbook.title.line, facts, lambda typed: command, source=runbook.source)


def _entry(runbook: RunbookView) -> Content:
    trust = say("") if runbook.trusted else say("   not trusted yet", "act")
    lines = [line(say(runbook.title.line), say(f"   {runbook.service.line}", "muted"), trust)]
    lines.extend(part for problem in runbook.problems for part in wrapped(problem, 64, "warn", indent=2))
    return Content("\n").join(lines)
