"""How the telling stands, in the words of the header and of the pane: never better than it is known to be."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from cockpit.broadcast.compose import Draft
from cockpit.clock import SECOND, hhmm
from cockpit.engine.broadcastview import Dispatch, broadcast, delivery
from cockpit.incident.broadcasts import (
    BroadcastHeld,
    BroadcastReleased,
    DestinationState,
    DestinationTurned,
    UpdateDelivered,
    UpdatePosted,
    UpdateUndelivered,
)
from cockpit.incident.event import Body, Event
from cockpit.incident.fold import State, fold
from cockpit.incident.vocabulary import IncidentDeclared, IncidentResolved
from cockpit.protocol.views import BroadcastView
from cockpit.text import SafeText

NOW = 1_760_000_000 * SECOND
MINUTE = 60 * SECOND
DECLARED = IncidentDeclared(title="Logins fail", severity="SEV2")
CARD = SafeText("SEV2 - Logins fail")


def after(*bodies: Body) -> State:
    return fold(Event("INC-1", seq, NOW - MINUTE, NOW, "ada", "h", body) for seq, body in enumerate(bodies, 1))


def told(where: str, update: str = "u") -> UpdateDelivered:
    return UpdateDelivered(update=update, destination=where)


def lost(where: str, *, final: bool = False) -> UpdateUndelivered:
    return UpdateUndelivered(update="u", destination=where, why="503", final=final)


def turned(where: str, state: DestinationState, instead: str = "") -> DestinationTurned:
    return DestinationTurned(destination=where, state=state, why="no answer", instead=instead)


HELD = BroadcastHeld(until=NOW + 10 * MINUTE)
HELD_WORDS = f"HELD until {hhmm(HELD.until)}"


@pytest.mark.parametrize(
    "bodies, queued, words, tone",
    [
        ([], 0, "nothing sent yet", "muted"),
        ([], 4, "4 waiting", "warn"),
        ([told("slack"), told("file")], 0, "slack ok file ok", "good"),
        ([told("file")], 0, "slack not yet", "warn"),
        ([told("file"), lost("slack")], 1, "1 waiting", "warn"),
        ([told("file"), lost("slack", final=True)], 0, "slack NOT SENT", "bad"),
        ([told("slack"), turned("slack", "unreachable", "hook")], 9, "slack DOWN, to hook", "warn"),
        ([told("slack"), turned("slack", "unreachable")], 9, "slack DOWN, NOT SENT", "bad"),
        ([told("slack"), told("file"), turned("slack", "paused", "hook")], 0, "slack PAUSED, to hook", "warn"),
        ([told("file"), turned("slack", "refused")], 0, "slack REFUSED, NOT SENT", "bad"),
        ([told("slack"), told("file"), turned("slack", "unreachable"), turned("slack", "ok")], 0, "slack ok file ok",
         "good"),
        ([told("slack"), told("file"), HELD], 2, HELD_WORDS, "warn"),
        ([turned("slack", "unreachable", "hook"), HELD], 2, HELD_WORDS, "warn"),
        ([turned("file", "unreachable"), HELD], 2, "file DOWN, NOT SENT", "bad"),
        ([told("slack"), told("file"), HELD, BroadcastReleased()], 0, "slack ok file ok", "good"),
        ([told("slack"), told("file"), BroadcastHeld(until=NOW)], 0, "slack ok file ok", "good"),
        ([told("gone from the config")], 0, "slack not yet", "warn"),
    ],
)  # fmt: skip
def test_the_header_says_the_worst_there_is(bodies: Sequence[Body], queued: int, words: str, tone: str) -> None:
    dispatch = Dispatch(("slack", "file"), ("hook",), {"slack": queued})
    assert delivery(after(DECLARED, *bodies), dispatch, NOW) == (words, tone)


def test_without_a_destination_nothing_is_called_ok() -> None:
    assert delivery(after(DECLARED, told("old")), Dispatch(), NOW) == ("no destination", "muted")


def test_many_destinations_that_are_well_leave_room_in_the_header() -> None:
    names = ("chat", "file", "hook", "portal")
    state = after(DECLARED, *(told(name) for name in names))
    assert delivery(state, Dispatch(names), NOW) == ("all 4 ok", "good")
    assert delivery(state, Dispatch(names[:2]), NOW) == ("chat ok file ok", "good")


def view(*bodies: Body, dispatch: Dispatch | None = None) -> BroadcastView:
    dispatch = dispatch or Dispatch(("slack", "file"), ("hook",), {"slack": 2}, grace=300.0)
    return broadcast(after(DECLARED, *bodies), CARD, Draft("", "", ""), dispatch)


def test_every_destination_has_its_word_its_age_and_its_queue() -> None:
    shown = view(told("slack"), lost("slack"), told("file"), turned("slack", "unreachable", "hook"), told("hook"))
    slack, file, hook = shown.destinations
    assert (slack.name, slack.word, slack.tone, slack.why) == ("slack", "unreachable", "warn", "no answer")
    assert (slack.delivered_at, slack.queued, slack.instead) == (NOW - MINUTE, 2, "hook")
    assert (file.word, file.tone, file.queued, file.instead) == ("ok", "good", 0, "")
    assert (hook.name, hook.word) == ("hook", "ok")
    assert (shown.queued, shown.delivered_at, shown.route) == (2, NOW - MINUTE, "slack, file")


@pytest.mark.parametrize(
    "bodies, word, tone",
    [
        ([], "not used yet", "muted"),
        ([lost("slack")], "retrying", "warn"),
        ([lost("slack", final=True)], "NOT SENT", "bad"),
        ([told("slack")], "ok", "good"),
        ([told("slack"), turned("slack", "paused")], "paused", "bad"),
        ([turned("slack", "refused", "hook")], "refused", "warn"),
        ([told("slack"), turned("slack", "refused"), turned("slack", "ok")], "ok", "good"),
    ],
)
def test_a_destination_that_nobody_tried_is_not_called_ok(bodies: Sequence[Body], word: str, tone: str) -> None:
    slack, _, hook = view(*bodies).destinations
    assert (slack.word, slack.tone) == (word, tone)
    assert (hook.word, hook.tone) == ("in reserve", "muted")


@pytest.mark.parametrize(
    "bodies, copied",
    [
        ([], False),
        ([turned("slack", "unreachable")], False),
        ([turned("slack", "unreachable"), turned("file", "paused")], True),
        ([turned("slack", "unreachable", "hook"), turned("file", "paused")], False),
        ([lost("slack", final=True), lost("file", final=True)], True),
    ],
)
def test_there_is_text_to_copy_where_nobody_can_be_told(bodies: Sequence[Body], copied: bool) -> None:
    assert view(*bodies).copy_text == (CARD if copied else "")


def test_without_any_destination_there_is_text_to_copy() -> None:
    shown = view(dispatch=Dispatch())
    assert shown.copy_text == CARD
    assert "nowhere" in shown.route


def test_the_moment_of_silence_is_told_only_where_a_chat_keeps_it() -> None:
    update = UpdatePosted(update="u", reason="update", headline="x", next_due=NOW + MINUTE, eta=NOW + 9, eta_by="ada")
    shown = view(update)
    assert (shown.silent_at, shown.eta, shown.eta_by) == (NOW + MINUTE + 300 * SECOND, NOW + 9, "ada")
    assert view(update, dispatch=Dispatch(("file",))).silent_at == 0
    over = view(update, IncidentResolved())
    assert (over.silent_at, over.eta, over.next_due) == (0, 0, 0)


def test_the_last_delivery_is_remembered_through_later_trouble() -> None:
    state = after(told("slack", "u1"), lost("slack"), told("hook", "u2"), told("slack", "u1"))
    assert state.telling.told == ("u2", "u1")
    assert state.telling.delivered_at == {"slack": NOW - MINUTE, "hook": NOW - MINUTE}
