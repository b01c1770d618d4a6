"""What readers were told, and what they would be told by an update that nobody has sent yet."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import takewhile

import msgspec

from cockpit.broadcast.compose import post
from cockpit.broadcast.message import redacted
from cockpit.broadcast.sender import Kind, Outgoing, unpack
from cockpit.broadcast.templates import dressed
from cockpit.config.templates import PLAIN, Templates
from cockpit.engine.circumstances import Circumstances, Refusal
from cockpit.engine.core import Core
from cockpit.engine.deciding import decide
from cockpit.engine.following import Publishing, Surroundings, follow, restated
from cockpit.engine.secrecy import masked
from cockpit.incident.attendance import PersonNeeded, PersonReleased
from cockpit.incident.broadcasts import UpdateDelivered, UpdatePosted, UpdateUndelivered
from cockpit.incident.event import Draft, Event
from cockpit.incident.fold import State, apply
from cockpit.incident.vocabulary import IncidentDeclared, SeverityChanged
from cockpit.journal.store import Letter
from cockpit.protocol.commands import Update
from cockpit.protocol.views import PreviewView, ToldView, Tone
from cockpit.text import Redactor, SafeText

PRETENDED = Publishing({"preview": ("card", "thread")}, ("preview",), 0.0)
"""A place that takes all there is to read."""
THREAD = 50
"""Updates of the thread that are shown, the newest ones."""
AT_ONCE = 1_000
_TO_READ = IncidentDeclared | SeverityChanged | PersonNeeded | PersonReleased | UpdatePosted
"""What an update in the thread looks at."""


class Previewing:
    """Composes by the very rules of the outbox, and records nothing."""

    def __init__(
        self, core: Core, around: Callable[[str, str], Circumstances], surroundings: Callable[[State], Surroundings],
        redact: Redactor,
    ) -> None:  # fmt: skip
        self._core = core
        self._around = around
        self._surroundings = surroundings
        self._redact = redact

    async def view(self, update: Update | None, actor: str) -> PreviewView:
        """The card and the thread, and with an update what it would make of them. JournalError without a journal."""
        state = self._core.shown
        around = self._surroundings(state)
        templates = around.publishing.templates
        around = replace(around, publishing=replace(PRETENDED, templates=templates))
        if not state.lifecycle.declared:
            return PreviewView(refusal=SafeText("no incident is open: declare one first"), now=around.moment.now)
        refusal = ""
        letters: Sequence[Letter] = restated(state, around)
        if update is not None:
            try:
                letters = would(state, masked(update, self._redact), self._around(actor, around.new_id), around)
            except Refusal as refused:
                refusal = refused.text
        told = [unpack(letter.payload) for letter in letters]
        return PreviewView(
            card=_text(told, "card"),
            post=_text(told, "thread"),
            thread=tuple(thread(await self._events(state.stream), self._redact, templates)),
            refusal=SafeText(refusal),
            letters=msgspec.Raw(msgspec.json.encode(told)),
            now=around.moment.now,
        )

    async def _events(self, stream: str) -> Sequence[Event]:
        """All that the thread is made of."""
        kept: list[Event] = []
        after = 0
        while events := await self._core.journal.read(stream, after=after, limit=AT_ONCE):
            after = events[-1].seq
            kept += to_read(events)
        return kept


def to_read(events: Iterable[Event]) -> list[Event]:
    """Those of these events that the thread is made of."""
    return [each for each in events if isinstance(each.body, _TO_READ | UpdateDelivered | UpdateUndelivered)]


def would(state: State, update: Update, around: Circumstances, beside: Surroundings) -> Sequence[Letter]:
    """The letters that the update would be told by; Refusal when it would not be taken."""
    bodies, _ = decide(state, update, around)
    _, letters = follow(state, [Draft(body=body, actor=around.actor) for body in bodies], beside)
    return letters


def _text(letters: Iterable[Outgoing], kind: Kind) -> SafeText:
    return SafeText("\n\n".join(letter.text for letter in letters if letter.kind == kind))


def thread(events: Iterable[Event], redact: Redactor, templates: Templates = PLAIN) -> Sequence[ToldView]:
    """The updates of these events as each was told, oldest first; `templates` are a team's own words."""
    state = State()
    posted: dict[str, tuple[int, SafeText]] = {}
    fates: dict[str, tuple[str, Tone]] = {}
    for event in events:
        match event.body:
            case UpdateDelivered(update=update, merged=merged):
                fates |= dict.fromkeys((update, *_become_one(update, merged, posted, fates)), ("told", "good"))
            case UpdateUndelivered(update=update, final=True) if update not in fates:
                fates[update] = "NOT SENT", "bad"
            case UpdatePosted() as said:
                state = apply(state, event)
                message = redacted(dressed(post(said, state), templates), redact)
                posted[said.update] = event.occurred_at, SafeText("\n".join(message.lines))
                if said.replaces:
                    fates[said.replaces] = "replaced", "muted"
            case _:
                state = apply(state, event)
    newest = list(posted.items())[-THREAD:]
    return [ToldView(at, text, *_word(fates.get(update))) for update, (at, text) in newest]


def _become_one(
    update: str, merged: int, posted: Iterable[str], fates: Mapping[str, tuple[str, Tone]]
) -> Sequence[str]:
    """The updates that the same message told: the nearest before it of those that were to be told at all."""
    before = takewhile(lambda each: each != update, posted)
    waited = [each for each in before if fates.get(each, ("",))[0] not in {"replaced", "NOT SENT"}]
    return waited[-merged:] if merged else ()


def _word(fate: tuple[str, Tone] | None) -> tuple[SafeText, Tone]:
    words, tone = fate or ("not told yet", "warn")
    return SafeText(words), tone
