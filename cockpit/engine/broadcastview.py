"""From what was told, and how it fared, to what there is to see of it. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from cockpit.broadcast.compose import Draft
from cockpit.clock import SECOND, hhmm
from cockpit.incident.fold import State
from cockpit.incident.telling import Telling
from cockpit.protocol.views import EMPTY, BroadcastView, DestinationView, Tone, WaitingView
from cockpit.text import SafeText

NAMED = 3
"""So many destinations that are well are told by name."""
FEW = 3
"""Letters that may wait without anything being wrong: those of one update."""
_TURNED = {"unreachable": "DOWN", "paused": "PAUSED", "refused": "REFUSED"}


@dataclass(frozen=True)
class Dispatch:
    """How the outbox stands: letters by destination, and updates that nobody was told yet.

    `routes` get every update, `spares` stand in for them. `grace` are the seconds after a promised update that did not
    come until a chat says so by itself, None where none does.
    """

    routes: tuple[str, ...] = ()
    spares: tuple[str, ...] = ()
    queued: Mapping[str, int] = field(default_factory=dict)
    waiting: tuple[WaitingView, ...] = ()
    grace: float | None = None

    @property
    def letters(self) -> int:
        """All that wait."""
        return sum(self.queued.values())


def delivery(state: State, dispatch: Dispatch, now: int) -> tuple[str, Tone]:
    """The one thing to know of delivery, in a few words: the worst there is."""
    telling = state.telling
    troubles = [trouble for route in dispatch.routes if (trouble := _trouble(telling, route)) is not None]
    for words, tone in troubles:
        if tone == "bad":
            return words, tone
    if telling.held_until > now:
        return f"HELD until {hhmm(telling.held_until)}", "warn"
    if troubles:
        return troubles[0]
    retrying = [route for route in dispatch.routes if _fate(telling, route) == "retrying"]
    if retrying or dispatch.letters > FEW:
        return f"{max(dispatch.letters, len(retrying))} waiting", "warn"
    if not dispatch.routes:
        return "no destination", "muted"
    if not telling.deliveries:
        return "nothing sent yet", "muted"
    told = [route for route in dispatch.routes if _fate(telling, route) == "delivered"]
    if missing := [route for route in dispatch.routes if route not in told]:
        return f"{missing[0]} not yet", "warn"
    return (" ".join(f"{route} ok" for route in told) if len(told) <= NAMED else f"all {len(told)} ok"), "good"


def _fate(telling: Telling, name: str) -> str:
    found = telling.deliveries.get(name)
    return found.state if found is not None else ""


def _trouble(telling: Telling, route: str) -> tuple[str, Tone] | None:
    standing = telling.standings.get(route)
    if standing is not None and standing.state != "ok":
        turned = f"{route} {_TURNED[standing.state]}"
        return (f"{turned}, to {standing.instead}", "warn") if standing.instead else (f"{turned}, NOT SENT", "bad")
    return (f"{route} NOT SENT", "bad") if _fate(telling, route) == "undelivered" else None


def broadcast(state: State, card: SafeText, drafted: Draft, dispatch: Dispatch) -> BroadcastView:
    """The card as readers see it, how each destination stands, what waits, and what the next update could say."""
    telling, due = state.telling, state.telling.next_due if state.lifecycle.open else 0
    return BroadcastView(
        preview=card,
        route=SafeText(", ".join(dispatch.routes) or "nowhere: no destination in the config", 120).line,
        queued=dispatch.letters,
        posted=telling.posted,
        delivered_at=max(telling.delivered_at.values(), default=0),
        next_due=due,
        draft_know=SafeText(drafted.know),
        draft_doing=SafeText(drafted.doing),
        draft_unknown=SafeText(drafted.unknown),
        held_until=telling.held_until,
        waiting=dispatch.waiting,
        destinations=tuple(_destination(telling, name, dispatch) for name in (*dispatch.routes, *dispatch.spares)),
        copy_text=EMPTY if _told_somewhere(telling, dispatch) else card,
        silent_at=due + int(dispatch.grace * SECOND) if due and dispatch.grace is not None else 0,
        eta=telling.eta if state.lifecycle.open else 0,
        eta_by=SafeText(telling.eta_by, 40).line,
    )


def _told_somewhere(telling: Telling, dispatch: Dispatch) -> bool:
    """Whether readers can be reached by any route, or by what stands in for one."""
    return any((trouble := _trouble(telling, route)) is None or trouble[1] != "bad" for route in dispatch.routes)


def _destination(telling: Telling, name: str, dispatch: Dispatch) -> DestinationView:
    standing, last = telling.standings.get(name), telling.deliveries.get(name)
    word, tone = _word(telling, name, dispatch)
    bad = standing is not None and standing.state != "ok"
    why = standing.why if standing is not None and bad else last.why if last is not None else ""
    return DestinationView(
        name=SafeText(name, 60).line,
        word=SafeText(word),
        tone=tone,
        why=SafeText(why, 200).line,
        delivered_at=telling.delivered_at.get(name, 0),
        queued=dispatch.queued.get(name, 0),
        instead=SafeText(standing.instead if standing is not None and bad else "", 60).line,
    )


def _word(telling: Telling, name: str, dispatch: Dispatch) -> tuple[str, Tone]:
    """How it stands, in a word: never `ok` for what nobody has tried."""
    standing = telling.standings.get(name)
    if standing is not None and standing.state != "ok":
        return standing.state, "warn" if standing.instead or name in dispatch.spares else "bad"
    match _fate(telling, name):
        case "delivered":
            return "ok", "good"
        case "retrying":
            return "retrying", "warn"
        case "undelivered":
            return "NOT SENT", "bad"
    return ("in reserve", "muted") if name in dispatch.spares else ("not used yet", "muted")
