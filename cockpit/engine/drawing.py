"""What every terminal is shown: made once for all that look after the same wake."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from cockpit.broadcast.compose import card_text, draft
from cockpit.broadcast.measured import run_words
from cockpit.clock import Clock
from cockpit.config.templates import PLAIN, Templates
from cockpit.engine import broadcastview, cards, peopleview, runview, views
from cockpit.engine.board import Board
from cockpit.engine.broadcastview import Dispatch
from cockpit.engine.changing import Changing
from cockpit.engine.core import Core
from cockpit.engine.gathering import relief
from cockpit.engine.intaking import Intaking
from cockpit.engine.plans import Plans
from cockpit.engine.running import Runner
from cockpit.engine.runview import Lacking
from cockpit.protocol.views import EMPTY, AlertsView, CardView, ChangesView, OutputView, Pane

Alarms = Callable[[], Iterable[str]]


class Drawing:
    """The panes, and the answers to whoever looks closer."""

    def __init__(
        self, core: Core, board: Board, runner: Runner, dispatch: Callable[[], Dispatch], plans: Plans,
        changing: Changing, intaking: Intaking, clock: Clock, lacking: Lacking, *,
        alarms: Alarms, profile: str, drill: str, call: str, relief_after: float,
        templates: Templates = PLAIN,
    ) -> None:  # fmt: skip
        """`call` is the link for those who are needed; after `relief_after` seconds in the lead relief is spoken of.

        `templates` are a team's own words for what readers see.
        """
        self._core = core
        self._board = board
        self._runner = runner
        self._dispatch = dispatch
        self._plans = plans
        self._changing = changing
        self._intaking = intaking
        self._clock = clock
        self._lacking = lacking
        self._alarms = alarms
        self._profile = profile
        self._drill = drill
        self._call = call
        self._relief = relief_after
        self._templates = templates
        self._drawn: tuple[Pane, ...] = ()
        self._drawn_at = -1

    def panes(self) -> tuple[Pane, ...]:
        """Everything there is to see now."""
        if self._drawn_at != self._core.wakes:
            self._drawn_at, self._drawn = self._core.wakes, self._draw()
        return self._drawn

    def card(self, probe: str) -> CardView:
        """All there is to know about one lane."""
        now = self._clock.now()
        self._board.diagnose(now)
        return cards.card(self._board.lanes.get(probe), probe, self._core.watching, now)

    def changes(self) -> ChangesView:
        """What was changed lately, and what is about to change something."""
        return cards.changes(self._core.watching, self._changing.jobs(), self._changing.problems)

    def _draw(self) -> tuple[Pane, ...]:
        state, watching, now = self._core.shown, self._core.watching, self._clock.now()
        self._board.diagnose(now)
        figures = self._board.figures(now)
        dispatch = self._dispatch()
        output = self._runner.output
        attempt, total, text = output if output is not None else ("", 0, EMPTY)
        return (
            views.header(
                state, profile=self._profile, drill=self._drill, alarms=tuple(self._alarms()), dispatch=dispatch,
                freeze=watching.freeze, now=now,
            ),
            views.services(self._board.lanes, watching, now),
            self._alerts(),
            runview.run(state, self._plans.all(state.runs.values()), self._lacking, watching, figures),
            OutputView(attempt, total, text),
            broadcastview.broadcast(
                state, card_text(state, now, figures, self._templates) if state.lifecycle.declared else EMPTY,
                draft(state, run_words(state), now, figures), dispatch,
            ),
            peopleview.people(state, call=self._call, relief=relief(state, now, self._relief)),
            views.seen_before(state),
        )  # fmt: skip

    def _alerts(self) -> AlertsView:
        return cards.alerts(self._core.watching, self._intaking.actions_of, self._intaking.silent_since)
