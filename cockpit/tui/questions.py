"""The question that each thing that may be done in a run brings up; nothing is sent before the answer."""

from __future__ import annotations

import os
from collections.abc import Callable

from cockpit.clock import hhmm
from cockpit.protocol.commands import AnyCommand
from cockpit.protocol.taking import Reply, command_of
from cockpit.protocol.views import Offer, RunView
from cockpit.tui.attachment import Attachment
from cockpit.tui.offering import between_batches, verb
from cockpit.tui.screens.confirm import Confirmation, Given, Question
from cockpit.tui.screens.menu import MenuScreen
from cockpit.tui.screens.modal import Modal
from cockpit.tui.screens.reasons import Because, ReasonForm, SettleForm


def question(desk: Attachment, run: RunView, offer: Offer, ask: Callable[[Modal], None]) -> Modal:
    """What to ask before taking up the offer; `ask` brings up what comes after a choice."""
    match offer.action:
        case "settle":
            return SettleForm(desk, run.run, offer)
        case "skip" | "object" | "accept" | "take_over":
            return ReasonForm(desk, _because(run.run, offer))
        case "choose":
            entries = [("", option.title) for option in offer.options]

            def chosen(place: int) -> None:
                ask(_decided(desk, run.run, offer, place))

            return MenuScreen(desk, _deciding(offer), entries, chosen, offer.said)
    return Confirmation(desk, _last_look(run, offer))


def _because(run: str, offer: Offer) -> Because:
    title = offer.title.line

    def command(why: str) -> AnyCommand:
        return command_of(Reply(offer, reason=why), run, os.environ)

    match offer.action:
        case "object":
            return Because(
                f"Object: {title}", "What stands against it", "Say what stands against it: who announced it will ask.",
                command, (offer.said,),
            )  # fmt: skip
        case "accept":
            return Because(
                f"Something else serves: {title}", "Who deployed that, or why it may be restored over",
                "Say who deployed it, or why it may be restored over.",
                command, (offer.said,),
            )  # fmt: skip
        case "take_over":
            return Because(
                "Take the lock back", "Why you take it, and who agreed", "Say why: whoever holds it will ask.",
                command, (offer.holder or offer.said,),
            )  # fmt: skip
    if offer.began:
        return Because(
            f"Go on after: {title}", "Why it can stay as it is", "Say why: the report will want to know.",
            command,
        )  # fmt: skip
    return Because(
        f"Skip: {title}", "Why it can be left out", "Say why: the report will want to know.",
        command,
    )  # fmt: skip


def _deciding(offer: Offer) -> str:
    by = f"    decide by {hhmm(offer.until)}" if offer.until else ""
    return f"{offer.title.line or 'Decide'}{by}"


def _decided(desk: Attachment, run: str, offer: Offer, place: int) -> Modal:
    option = offer.options[place]
    rejected = "; ".join(each.title for each in offer.options if each is not option)
    facts = (("Question", (offer.said or offer.title).line), ("Turned down", rejected))

    def command(given: Given) -> AnyCommand:
        return command_of(Reply(offer, option=option.id, reason=given.reason), run, os.environ)

    return Confirmation(desk, Question("Decide for", option.title, facts, command, reason="Why (may stay empty)"))


def _last_look(run: RunView, offer: Offer) -> Question:
    facts = (
        ("Know", offer.said),
        ("Step", offer.title if offer.command or offer.manual else ""),
        ("For", offer.role),
        ("Changes", offer.consequence),
        ("Undone by", offer.undo),
        ("Gets from you", ", ".join(name for name in offer.env if name in os.environ)),
        ("Not set here", ", ".join(name for name in offer.env if name not in os.environ)),
    )
    return Question(
        _heading(run, offer),
        offer.command or offer.manual or offer.title or verb(offer),
        facts,
        lambda given: command_of(
            Reply(offer, typed=given.typed, reason=given.reason, secrets=given.secrets), run.run, os.environ
        ),
        offer.typed,
        final=f"CANNOT BE UNDONE: {offer.irreversible.line}" if offer.irreversible else "",
        secrets=offer.secrets,
        reason="Why (may stay empty, unless it goes below a barrier)" if offer.action == "approve" else "",
    )


def _heading(run: RunView, offer: Offer) -> str:
    if offer.action == "stop" and between_batches(run):
        return "Stop the series? No further batch is run."
    return _HEADINGS.get(offer.action, f"{verb(offer).capitalize()}?")


_HEADINGS = {
    "run": "Run this command?",
    "undo": "Undo with this command?",
    "stop": "Stop the running command?",
    "approve": "Approve this very command? Somebody runs it then; you are on record.",
}
