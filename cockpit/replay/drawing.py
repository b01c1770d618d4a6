"""The panes of a replay: drawn as the engine draws its own, of the state that the record comes to."""

from __future__ import annotations

import msgspec

from cockpit.broadcast.compose import card_text, draft
from cockpit.broadcast.measured import Live, run_words
from cockpit.engine import broadcastview, cards, freezing, peopleview, previewing, runview, views
from cockpit.engine.broadcastview import Dispatch
from cockpit.engine.plans import Plans
from cockpit.incident.event import Event
from cockpit.incident.fold import State
from cockpit.incident.run import Run
from cockpit.incident.watching import Watching, merge
from cockpit.incident.words import describe
from cockpit.protocol.views import (
    EMPTY,
    BroadcastView,
    CardView,
    ChangesView,
    ClockView,
    FreezeView,
    HeaderView,
    OutputView,
    Pane,
    PreviewView,
    ReplayView,
)
from cockpit.replay.lanes import Minutes, card, live, services
from cockpit.replay.position import Position
from cockpit.replay.tape import Tape
from cockpit.runbooks.values import Invocation
from cockpit.text import Redactor, SafeText

UNTOLD = SafeText("no word of a destination is recorded")
_UNMASKED = Redactor(())
"""What was secret was masked before it was recorded."""


class Drawing:
    """What there is to see at a position."""

    def __init__(self, tape: Tape, minutes: Minutes, profile: str) -> None:
        """`minutes` are what was kept of the samples."""
        self._tape = tape
        self._minutes = minutes
        self._profile = profile
        self._plans = Plans()
        self._near: State | None = None
        self._dispatch = Dispatch(routes=tape.routes, spares=tape.spares)
        self.warning = self.doubt = ""

    def state(self, position: Position) -> State:
        """What was so there."""
        self._near = self._tape.state(position.seq, self._near)
        return self._near

    def watching(self, position: Position) -> Watching:
        """What was known there of the world, also from before."""
        return merge(self._tape.seen, self.state(position).watching)

    def panes(self, position: Position) -> tuple[Pane, ...]:
        """Everything there is to see there."""
        state, watching, now = self.state(position), self.watching(position), position.at
        figures = live(self._minutes, watching, now)
        return (
            ClockView(now, position.speed if position.playing else 0.0),
            self._replay(position),
            self._header(state, watching, now),
            services(watching, self._minutes, now),
            cards.alerts(watching),
            runview.run(state, self._plans.all(state.runs.values()), _nothing_lacks, watching, figures),
            _output(runview.current_run(state)),
            self._broadcast(state, now, figures),
            peopleview.people(state),
            views.seen_before(state),
        )

    def card(self, probe: str, position: Position) -> CardView:
        """All that the record has of a probe."""
        return card(probe, self.watching(position), self._minutes, position.at)

    def changes(self, position: Position) -> ChangesView:
        """What had been changed."""
        return cards.changes(self.watching(position))

    def freeze(self, position: Position) -> FreezeView:
        """The freeze as it was."""
        return freezing.view(self.watching(position).freeze, position.at, ())

    def preview(self, position: Position) -> PreviewView:
        """What readers had been told."""
        state, figures = self.state(position), live(self._minutes, self.watching(position), position.at)
        told = previewing.to_read(self._tape.events[: position.seq])
        return PreviewView(
            card=card_text(state, position.at, figures),
            thread=tuple(previewing.thread(told, _UNMASKED)),
            now=position.at,
        )

    def _replay(self, position: Position) -> ReplayView:
        tape = self._tape
        ahead = next((seq for seq in tape.changes if seq > position.seq), 0)
        return ReplayView(
            start=tape.start, end=tape.end, at=position.at, seq=position.seq, last=tape.last,
            playing=position.playing, speed=position.speed,
            ahead=mark(tape.events[ahead - 1]) if ahead else EMPTY, ahead_at=tape.moments[ahead - 1] if ahead else 0,
            diverged=SafeText(self.warning).line, doubt=SafeText(self.doubt).line,
        )  # fmt: skip

    def _header(self, state: State, watching: Watching, now: int) -> HeaderView:
        view = views.header(
            state, profile=self._profile, drill=state.lifecycle.drill, alarms=(), dispatch=self._dispatch,
            freeze=watching.freeze, now=now,
        )  # fmt: skip
        # Which destinations there were is known by what became of them alone.
        return view if self._tape.routes else msgspec.structs.replace(view, delivery=UNTOLD)

    def _broadcast(self, state: State, now: int, figures: Live) -> BroadcastView:
        text = card_text(state, now, figures) if state.lifecycle.declared else EMPTY
        view = broadcastview.broadcast(state, text, draft(state, run_words(state), now, figures), self._dispatch)
        return view if self._tape.routes else msgspec.structs.replace(view, route=UNTOLD, copy_text=EMPTY)


def mark(event: Event) -> SafeText:
    """The event as a word for a place to go to."""
    line = describe(event)
    return SafeText(f"{line.kind}: {line.text}", 120).line


def _nothing_lacks(run: Run, invocation: Invocation) -> tuple[str, ...]:
    return ()


def _output(run: Run | None) -> OutputView:
    """The end of what the latest attempt printed, once that was recorded."""
    latest = max(run.attempts.values(), key=lambda each: each.intended_at, default=None) if run is not None else None
    if latest is None:
        return OutputView("", 0, EMPTY)
    if latest.finished is None:
        return OutputView(latest.id, 0, SafeText("what it printed meanwhile is not recorded") if latest.open else EMPTY)
    return OutputView(latest.id, len(latest.finished.tail.encode()), SafeText(latest.finished.tail))
