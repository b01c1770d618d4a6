"""What an offer is called, and which one comes next. Pure."""

from __future__ import annotations

from cockpit.clock import hhmm, span
from cockpit.protocol.taking import FORWARD
from cockpit.protocol.views import Offer, RunView, StepView
from cockpit.tui.frame import Frame
from cockpit.tui.words import SERIES, Said, seconds_since

VERBS: dict[str, str] = {
    "run": "run",
    "done": "mark done",
    "choose": "decide",
    "skip": "skip",
    "undo": "undo",
    "settle": "say what became of it",
    "stop": "stop",
    "end": "end the run",
    "approve": "approve",
    "object": "object",
    "accept": "go on all the same",
    "take_over": "take the lock back",
}
GOING_ON = frozenset({"waiting", "verifying", "sending"})
"""How a step reads that ends by itself."""
HELD = frozenset({"stop", "object"})
"""What ctrl+k takes: it keeps something from going on."""


def forward(run: RunView) -> Offer | None:
    """What Enter takes, if the run waits for a person: never a stop, an objection, an undo or an end."""
    return next((offer for offer in run.offers if offer.action in FORWARD), None)


def offered(run: RunView, action: str) -> Offer | None:
    """The first offer of that action."""
    return next((offer for offer in run.offers if offer.action == action), None)


def held(run: RunView) -> Offer | None:
    """What ends what goes on, or keeps it from beginning."""
    return next((offer for offer in run.offers if offer.action in HELD), None)


def urged(run: RunView) -> Offer | None:
    """The undo that comes before the ways on. Where there are none, as while it is measured, it is only possible."""
    ways_on = any(offer.action in FORWARD | {"skip"} for offer in run.offers)
    return run.offers[0] if ways_on and run.offers[0].action == "undo" else None


def suggestion(run: RunView, now: int) -> Said:
    """What to do next in the run with its key, or what is running; nothing when the run goes on by itself."""
    busy = active(run)
    if (waits := offered(run, "object")) is not None:
        return f"runs at {hhmm(waits.until)} unless somebody objects; ctrl+k objects", "plain"
    if offered(run, "stop"):
        if between_batches(run):
            return "the next batch follows by itself; ctrl+k stops the series", "plain"
        return f"running {span(seconds_since(busy.since, now)) if busy else ''}; ctrl+k stops it", "plain"
    if (back := urged(run)) is not None:
        return f"x  {caption(back)}", "act"
    if (offer := forward(run)) is not None:
        return f"Enter  {caption(offer)}", "act"
    if (going := active(run)) is not None and going.word in GOING_ON:
        return "goes on by itself; o shows what else can be done", "plain"
    if (left := offered(run, "skip")) is not None and left.began:
        return f"o  {caption(left)}, or end the run", "act"
    return "", "plain"


def to_do(frame: Frame) -> Said:
    """The same for whoever sits here: without its keys where they are of no use."""
    words, tone = suggestion(frame.run, frame.clock.now())
    if not frame.read_only or not words:
        return words, tone
    if tone == "act":
        return f"waits for somebody:  {words.partition('  ')[2]}", "plain"
    return words.partition(";")[0], tone


def active(run: RunView) -> StepView | None:
    """The step that the run stands at."""
    return next((step for step in run.steps if step.active), None)


def between_batches(run: RunView) -> bool:
    """Whether a series goes on, and none of its batches is running just now."""
    stop = offered(run, "stop")
    return stop is not None and any(step.id == stop.step and step.word == SERIES for step in run.steps)


def caption(offer: Offer) -> str:
    """The offer on one line: the verb, then the command itself where there is one."""
    about = offer.command.line or offer.title.line
    return f"{verb(offer)}  {about}".rstrip()


def verb(offer: Offer) -> str:
    """The offer in a word or two."""
    if offer.waits:
        return "start waiting"
    if offer.action == "done" and offer.consequence:
        return "send"
    return "go on after" if offer.began else VERBS[offer.action]
