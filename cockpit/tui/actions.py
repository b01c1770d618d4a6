"""Everything a person can do on the cockpit's screen: keys, footer, help and palette all come from this one list."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from textual.binding import Binding, BindingType

from cockpit.tui import deeds, gathering, telling, winding
from cockpit.tui.frame import Frame
from cockpit.tui.hints import well
from cockpit.tui.offering import HELD, forward, held, offered

if TYPE_CHECKING:
    from cockpit.tui.screens.cockpit import CockpitScreen

NO_OFFER = "Nothing waits for you: r starts a runbook."
Check = Callable[[Frame], str]
"""Says why something cannot be done now; nothing when it can."""


def always(frame: Frame) -> str:
    """Nothing stands against it."""
    return ""


def incident(frame: Frame) -> str:
    """It takes an open incident."""
    return "" if frame.header.open else "No incident is open: d declares one."


def needed(frame: Frame) -> str:
    """It takes two who are needed: one of them stays."""
    several = sum(person.needed for person in frame.people.people) > 1
    return incident(frame) or ("" if several else "Nobody else is needed: nobody to stand down.")


def no_incident(frame: Frame) -> str:
    """It takes that none is open."""
    return f"{frame.header.stream} is still open." if frame.header.open else ""


def step(frame: Frame) -> str:
    """It takes a run that waits for a person to go on."""
    if forward(frame.run):
        return ""
    if offered(frame.run, "object"):
        return "It runs by itself unless somebody objects; ctrl+k does."
    if held(frame.run):
        return "The command is still running; ctrl+k stops it."
    if frame.run.offers:
        return "Nothing waits for Enter: o shows what can be done."
    return NO_OFFER if frame.header.open else f"Nothing waits for you. {incident(frame)}"


def offer(frame: Frame) -> str:
    """It takes a run in which there is more to do than to stop it."""
    return "" if any(each.action not in HELD for each in frame.run.offers) else step(frame)


def running(frame: Frame) -> str:
    """It takes a command that is running, or about to."""
    return "" if held(frame.run) else "No command is running."


def undo(frame: Frame) -> str:
    """It takes a step that can be undone."""
    return "" if offered(frame.run, "undo") else "There is nothing that can be undone."


def row(frame: Frame) -> str:
    """It takes a timeline."""
    return "" if frame.header.head else "Nothing has happened yet."


def watched(frame: Frame) -> str:
    """It takes a service."""
    return "" if frame.services.services else "Nothing is watched: the configuration says what is."


def unwell(frame: Frame) -> str:
    """It takes a service that is not well."""
    return "" if any(not well(service) for service in frame.services.services) else "Everything is up."


def frozen(frame: Frame) -> str:
    """It takes a freeze."""
    return "" if frame.header.freeze else "Nothing is frozen: f freezes."


def waits(frame: Frame) -> str:
    """It takes an update that nobody was told yet."""
    return "" if frame.broadcast.waiting else "No update waits: what was written is told."


def stuck(frame: Frame) -> str:
    """It takes something that waits, or is held."""
    view = frame.broadcast
    held = view.held_until > frame.clock.now()
    return "" if view.waiting or view.queued or held else "Nothing waits and nothing is held."


def declared(frame: Frame) -> str:
    """It takes a card."""
    return "" if frame.broadcast.preview else "Nothing has been told: no incident is open."


def recalled(frame: Frame) -> str:
    """It takes an earlier incident like this one."""
    return "" if frame.past.past else "No earlier incident looks like this one."


def engine(frame: Frame) -> str:
    """It takes an engine of another version, or one that somebody stopped."""
    if frame.misfit or frame.older or frame.stopped:
        return ""
    if frame.lost:
        return "No engine answers; this terminal tries again by itself."
    return "The engine fits this terminal; cockpit restart starts it anew all the same."


LOOKS = frozenset({"card", "alarms", "changes", "past", "readers", "copy", "help", "detach"})
"""Actions of other groups that change nothing either."""


@dataclass(frozen=True)
class Action:
    """One thing to do. `label` is its word in the footer, empty for none; `check` says why not."""

    name: str
    keys: str
    shown: str
    title: str
    group: str
    do: Callable[[CockpitScreen], None]
    check: Check = always
    label: str = ""

    @property
    def looks(self) -> bool:
        """Whether it changes nothing."""
        return self.group in {"Look", "Replay"} or self.name in LOOKS

    def why_not(self, frame: Frame) -> str:
        """Why it cannot be done now; empty when it can."""
        only = "" if self.looks else frame.only_looks
        return only or self.check(frame)


ACTIONS: tuple[Action, ...] = (
    Action("declare", "d", "d", "Declare an incident", "Incident", deeds.declare, no_incident, "declare"),
    Action("claim", "l", "l", "Take the lead, or hand over a role", "Incident", gathering.claim, incident, "lead"),
    Action("update", "u", "u", "Post a status update", "Incident", telling.update, incident, "update"),
    Action("edit", "e", "e", "Edit the update that waits", "Broadcast", telling.edit, waits, "edit"),
    Action("hold", "h", "h", "Hold what waits 10 minutes; again: let it go", "Broadcast", telling.hold, incident),
    Action("send_now", "N", "N", "Send now what waits or is held", "Broadcast", telling.send_now, stuck, "send now"),
    Action("readers", "b", "b", "What readers see: the card and the thread", "Broadcast", telling.readers, declared),
    Action("copy", "Y", "Y", "Copy the card as plain text", "Broadcast", telling.copy, declared),
    Action("cadence", "C", "C", "How often updates come", "Broadcast", telling.cadence, incident),
    Action("note", "n", "n", "Add a note to the timeline", "Incident", deeds.note, always, "note"),
    Action("state", "s", "s", "Change status, severity or impact", "Incident", deeds.state, incident, "status"),
    Action("people", "p", "p", "Ask for somebody, or let somebody go", "People", gathering.people, incident, "people"),
    Action(
        "stand_down", "S", "S", "Stand down: these stay, thanks everyone else", "People", gathering.stand_down, needed
    ),
    Action("presence", "P", "P", "Say where you are: here, away, following", "People", gathering.presence, incident),
    Action("look", "w", "w", "Look into something for some minutes", "People", gathering.look, incident),
    Action("resolve", "R", "R", "Resolve the incident", "Incident", deeds.resolve, incident, "resolve"),
    Action("start", "r", "r", "Start a runbook", "Run", deeds.start, incident, "runbook"),
    Action("next", "enter", "Enter", "Take the next step, after a look at it", "Run", deeds.next_step, step, "step"),
    Action("stop", "ctrl+k", "ctrl+k", "Stop the command, or object to it", "Run", deeds.stop, running, "stop"),
    Action("undo", "x", "x", "Undo the last step that can be undone", "Run", deeds.undo, undo, "undo"),
    Action("offers", "o", "o", "Everything that can be done in this run", "Run", deeds.offers, offer, "choices"),
    Action("card", "i", "i", "Look closer at the chosen service", "Watch", deeds.card, watched, "service"),
    Action("probe", "t", "t", "Probe the chosen service now", "Watch", deeds.probe, watched),
    Action("probe_unwell", "T", "T", "Probe everything that is not well now", "Watch", deeds.probe_unwell, unwell),
    Action("alarms", "a", "a", "Alarms of other systems", "Watch", deeds.alarms, always, "alarms"),
    Action("changes", "c", "c", "What changed, and what is about to", "Watch", deeds.changes, always, "changes"),
    Action("past", "H", "H", "Earlier incidents like this one", "Watch", deeds.past, recalled, "seen before"),
    Action("mark", "m", "m", "Mark a change: a deploy, a config edit, a flag", "Watch", deeds.mark),
    Action("freeze", "f", "f", "Freeze changes", "Watch", deeds.freeze, always, "freeze"),
    Action("lift", "F", "F", "Lift the freeze", "Watch", deeds.lift, frozen),
    Action("override", "O", "O", "Let one change through the freeze", "Watch", deeds.override, frozen),
    *(
        Action(f"pane{number}", str(number), str(number), f"Show {pane}", "Look", partial(deeds.show, pane))
        for number, pane in enumerate(("services", "timeline", "run", "broadcast", "people"), 1)
    ),
    Action("turn", "tab", "Tab", "Show the next pane", "Look", partial(deeds.turn, 1)),
    Action("turn_back", "shift+tab", "Shift+Tab", "Show the pane before", "Look", partial(deeds.turn, -1)),
    Action("down", "j,down", "j", "Down", "Look", partial(deeds.scroll, 1)),
    Action("up", "k,up", "k", "Up", "Look", partial(deeds.scroll, -1)),
    Action("page_down", "pagedown,ctrl+f", "PgDn", "A page down", "Look", partial(deeds.scroll, 10)),
    Action("page_up", "pageup,ctrl+b", "PgUp", "A page up", "Look", partial(deeds.scroll, -10)),
    Action("bottom", "G,end", "G", "To the end; the timeline follows again", "Look", partial(deeds.scroll, 10**9)),
    Action("top", "g,home", "g", "To the start", "Look", partial(deeds.scroll, -(10**9))),
    Action("filter", "slash", "/", "Filter the timeline", "Look", deeds.narrow, row),
    Action("back", "escape", "Esc", "End the filter", "Look", deeds.widen),
    Action("view", "v", "v", "Show the chosen line of the timeline in full", "Look", deeds.view, row),
    Action(
        "restart", "E", "E", "Start a stopped engine, or one that fits", "Cockpit", deeds.restart, engine, "new engine"
    ),
    Action("help", "question_mark", "?", "Show every key", "Cockpit", deeds.show_help),
    Action("detach", "q,ctrl+d,ctrl+q", "q", "Detach; the engine goes on", "Cockpit", deeds.detach),
)
REPLAYING: tuple[Action, ...] = (
    Action("play", "space", "Space", "Play, or stand still", "Replay", winding.play, label="play"),
    Action(
        "next_event", "right", "right", "The next event", "Replay", winding.to("next_event"), label="event",
    ),
    Action("previous_event", "left", "left", "The event before", "Replay", winding.to("previous_event")),
    Action(
        "next_step", "right_square_bracket,shift+right", "]", "Where the next step begins or ends", "Replay",
        winding.to("next_step"), label="step",
    ),
    Action(
        "previous_step", "left_square_bracket,shift+left", "[", "Where the step before begins or ends", "Replay",
        winding.to("previous_step"),
    ),
    Action(
        "next_change", "greater_than_sign", ">", "The next change of how something stands", "Replay",
        winding.to("next_change"), label="change",
    ),
    Action("previous_change", "less_than_sign", "<", "The change before", "Replay", winding.to("previous_change")),
    Action("seek", "g", "g", "Go to a time or an event", "Replay", winding.seek, label="go to"),
    Action("faster", "plus,equals_sign", "+", "Faster", "Replay", winding.to("faster"), label="faster"),
    Action("slower", "minus", "-", "Slower", "Replay", winding.to("slower")),
    Action("replay_start", "home", "Home", "To its first event", "Replay", winding.to("start")),
    Action("replay_end", "end", "End", "To its last event", "Replay", winding.to("end")),
    Action("leave", "q,ctrl+d,ctrl+q", "q", "Leave the replay", "Replay", deeds.detach),
)  # fmt: skip
"""What a replay has besides; where both have a key, a replay's own goes before."""
BY_NAME = {action.name: action for action in (*ACTIONS, *REPLAYING)}


def actions(frame: Frame) -> tuple[Action, ...]:
    """What there is to do on this screen: in a replay no more than to look."""
    if not frame.replaying:
        return ACTIONS
    taken = {action.shown for action in REPLAYING}
    return (*REPLAYING, *(each for each in ACTIONS if each.looks and each.shown not in taken))


def bindings() -> list[BindingType]:
    """The keys of the cockpit's screen, each with what it does outside a replay and within."""
    usual, within = (
        {key: action for action in each for key in action.keys.split(",")} for each in (ACTIONS, REPLAYING)
    )
    return [
        Binding(key, f"act('{_name(usual.get(key))}', '{_name(within.get(key))}')", show=False)
        for key in dict.fromkeys((*usual, *within))
    ]


def _name(action: Action | None) -> str:
    return action.name if action is not None else ""


def footer(frame: Frame) -> tuple[tuple[str, str], ...]:
    """Key and word of what can be done now."""
    possible = [action for action in actions(frame) if action.label and not action.why_not(frame)]
    possible.sort(key=lambda action: _order(action, frame))
    return tuple((action.shown, action.label) for action in possible)


def _order(action: Action, frame: Frame) -> int:
    """The run first, or how to start one; then who leads, as long as nobody does; then as they are listed."""
    idle = not frame.run.run or bool(frame.run.outcome)
    if action.group == "Replay":
        return -1
    if action.name == "start":
        return 0 if idle else 4
    if action.name == "claim":
        return 4 if frame.header.lead else 1
    return 0 if action.group == "Run" else 2 if action.name != "resolve" else 3


def keys_help(frame: Frame) -> tuple[tuple[str, str, str], ...]:
    """Group, key and meaning of every action, and of the keys that Textual gives."""
    own = tuple((action.group, action.shown, action.title) for action in actions(frame))
    return (*own, ("Cockpit", "Ctrl+P", "Find any of these by name"), ("Cockpit", "Ctrl+Z", "Suspend; fg comes back"))
