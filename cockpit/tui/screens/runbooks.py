"""Which runbook to start; what that takes besides a choice is asked next."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.content import Content
from textual.widgets import OptionList

from cockpit.protocol.client import Told
from cockpit.protocol.commands import AnyCommand, StartRun
from cockpit.protocol.messages import Answer, FetchRunbooks, Runbooks
from cockpit.protocol.views import RunbookView
from cockpit.tui.attachment import Attachment
from cockpit.tui.calm import calmly
from cockpit.tui.paint import line, say, wrapped
from cockpit.tui.screens.modal import Modal, Words
from cockpit.tui.screens.starting import StartForm, TrustScreen, held_words, needs_more
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
        self._ask()

    def _ask(self) -> None:
        self.run_worker(calmly(self.app, self.desk.send(FetchRunbooks())), exit_on_error=False)

    def answered(self, told: Told) -> None:
        if isinstance(told, Runbooks):
            self._show(told.runbooks)

    def _show(self, found: tuple[RunbookView, ...]) -> None:
        """The list the engine sent; who stands on a runbook goes on standing on it."""
        menu = self.query_one(Menu)
        before = self._runbooks[menu.highlighted].path if self._runbooks and menu.highlighted is not None else ""
        self._runbooks = found
        asking = self.query_one("#asking", Words)
        asking.display = not found
        asking.update(say("There is none. Put one where the configuration says runbooks are.", "muted"))
        menu.clear_options()
        menu.add_options([_entry(runbook) for runbook in found])
        places = [place for place, runbook in enumerate(found) if runbook.path == before]
        menu.highlighted = (places or [0])[0] if found else None
        menu.focus()

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        runbook = self._runbooks[event.option_index]
        if runbook.problems:
            self.refuse("It cannot be started: " + "; ".join(problem.line for problem in runbook.problems))
        elif not runbook.trusted:
            self.app.switch_screen(TrustScreen(self.desk, runbook))
        elif needs_more(runbook):
            self.app.switch_screen(StartForm(self.desk, runbook))
        elif self.still():
            self.submit((StartRun(runbook=runbook.id),))

    def refused(self, command: AnyCommand, answer: Answer) -> None:
        # Somebody may have taken its lock, or edited it: what is shown is asked for anew.
        self._ask()


def _entry(runbook: RunbookView) -> Content:
    trust = say("" if runbook.trusted else "   edited" if runbook.diff else "   not trusted yet", "act")
    lines = [line(say(runbook.title.line), say(f"   {runbook.service.line}", "muted"), trust)]
    lines.extend(part for problem in runbook.problems for part in wrapped(problem, 64, "warn", indent=2))
    if runbook.holder:
        lines.extend(wrapped(held_words(runbook), 64, "warn", indent=2))
    return Content("\n").join(lines)
