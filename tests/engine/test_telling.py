"""Holding, letting go, another pace, an estimate, an update in place of one that waits."""

from __future__ import annotations

from typing import Any

import pytest

from cockpit.clock import SECOND
from cockpit.config.broadcasting import Cadence
from cockpit.engine import deciding
from cockpit.engine.circumstances import Circumstances, Refusal
from cockpit.incident.broadcasts import BroadcastHeld, BroadcastReleased, CadenceSet, UpdatePosted
from cockpit.incident.event import Body, Event
from cockpit.incident.fold import State, fold
from cockpit.incident.vocabulary import IncidentDeclared, IncidentResolved, StatusChanged
from cockpit.protocol import commands

NOW = 1_760_000_000 * SECOND
MINUTE = 60 * SECOND
DECLARED = IncidentDeclared(title="Logins fail", severity="SEV2")
HELD = BroadcastHeld(until=NOW + MINUTE)


def after(*bodies: Body, ago: int = 10 * MINUTE) -> State:
    return fold(Event("INC-1", seq, NOW - ago + seq, NOW, "ada", "h", body) for seq, body in enumerate(bodies, 1))


def around(*waiting: str) -> Circumstances:
    return Circumstances(
        actor="ada", now=NOW, new_id="id", watching=State().watching, figures={}, cadence=Cadence(), plans={},
        probes={}, waiting=waiting,
    )  # fmt: skip


def refused(state: State, command: commands.AnyCommand, *waiting: str) -> str:
    with pytest.raises(Refusal) as said:
        deciding.decide(state, command, around(*waiting))
    assert said.value.code == "invalid"
    return said.value.text


@pytest.mark.parametrize("minutes", [1, 10, 60])
def test_a_hold_ends_by_itself(minutes: float) -> None:
    bodies, words = deciding.decide(after(DECLARED), commands.Hold(minutes=minutes, reason=" wording "), around())
    assert list(bodies) == [BroadcastHeld(until=NOW + int(minutes * MINUTE), reason="wording")]
    assert "held until" in words


@pytest.mark.parametrize("minutes", [0, 0.9, 61, -5, float("nan"), float("inf")])
def test_nobody_holds_for_ever(minutes: float) -> None:
    assert "1 to 60 minutes" in refused(after(DECLARED), commands.Hold(minutes=minutes))


def test_what_waits_or_is_held_is_let_go() -> None:
    for state, waiting in ((after(DECLARED, HELD), ()), (after(DECLARED), ("u1",)), (after(DECLARED, HELD), ("u1",))):
        bodies, words = deciding.decide(state, commands.SendNow(), around(*waiting))
        assert list(bodies) == [BroadcastReleased()]
        assert words


def test_the_last_word_of_an_incident_that_is_held_can_still_be_let_go() -> None:
    over = after(DECLARED, HELD, IncidentResolved(note="mended"))
    assert list(deciding.decide(over, commands.SendNow(), around("u9"))[0]) == [BroadcastReleased()]
    assert "no incident is open" in refused(over, commands.Hold())


@pytest.mark.parametrize("state", [after(DECLARED), after(DECLARED, BroadcastHeld(until=NOW))])
def test_where_nothing_waits_there_is_nothing_to_send(state: State) -> None:
    assert "nothing waits and nothing is held" in refused(state, commands.SendNow())


def test_a_faster_pace_needs_no_reason_and_a_slower_one_a_reason_or_two_hours() -> None:
    fresh, old = after(DECLARED), after(DECLARED, ago=121 * MINUTE)
    slower = commands.SetCadence(minutes=60)
    assert list(deciding.decide(fresh, commands.SetCadence(minutes=10), around())[0]) == [CadenceSet(seconds=600)]
    assert "needs a reason" in refused(fresh, slower)
    assert "needs a reason" in refused(fresh, commands.SetCadence(minutes=60, why="  "))
    told = deciding.decide(fresh, commands.SetCadence(minutes=60, why=" we wait for a vendor "), around())[0]
    assert list(told) == [CadenceSet(seconds=3600, why="we wait for a vendor")]
    assert list(deciding.decide(old, slower, around())[0]) == [CadenceSet(seconds=3600)]


@pytest.mark.parametrize("minutes", [0, 0.5, 241, float("nan")])
def test_a_pace_that_makes_no_sense_is_refused(minutes: float) -> None:
    assert "1 to 240 minutes" in refused(after(DECLARED), commands.SetCadence(minutes=minutes, why="x"))


def posted(*waiting: str, **said: Any) -> UpdatePosted:
    bodies, _ = deciding.decide(after(DECLARED), commands.Update(**said), around(*waiting))
    update = bodies[-1]
    assert isinstance(update, UpdatePosted)
    return update


def test_an_estimate_belongs_to_whoever_gives_it() -> None:
    update = posted(know="x", eta=NOW + MINUTE)
    assert (update.eta, update.eta_by) == (NOW + MINUTE, "ada")
    plain = posted(know="x")
    assert (plain.eta, plain.eta_by, plain.replaces) == (0, "", "")


@pytest.mark.parametrize("eta", [NOW, NOW - MINUTE, -1])
def test_an_estimate_lies_ahead(eta: int) -> None:
    assert "lies ahead" in refused(after(DECLARED), commands.Update(know="x", eta=eta))


def test_an_update_takes_the_place_of_one_that_still_waits_and_of_no_other() -> None:
    assert posted("u1", "u2", know="x", replaces="u2").replaces == "u2"
    told = commands.Update(know="x", replaces="u3")
    assert "told already" in refused(after(DECLARED), told, "u1", "u2")


def test_whoever_mends_the_words_of_an_update_does_not_take_its_estimate_over() -> None:
    waits = UpdatePosted(update="u2", reason="update", headline="x", eta=NOW + MINUTE, eta_by="bo")
    for eta, whose in ((NOW + MINUTE, "bo"), (NOW + 2 * MINUTE, "ada"), (0, "")):
        (body,), _ = deciding.decide(
            after(DECLARED, waits), commands.Update(know="y", replaces="u2", eta=eta), around("u2")
        )
        assert isinstance(body, UpdatePosted) and (body.eta, body.eta_by) == (eta, whose)


@pytest.mark.parametrize(
    ("waits", "reason"),
    [("opened", "opened"), ("severity_up", "severity_up"), ("step", "update"), ("update", "update")],
)
def test_whoever_mends_the_words_of_something_urgent_does_not_make_it_less_so(waits: str, reason: str) -> None:
    automatic = UpdatePosted(update="u2", reason=waits, headline="x", automatic=True)
    mended = commands.Update(know="y", replaces="u2")
    (body,), _ = deciding.decide(after(DECLARED, automatic), mended, around("u2"))
    assert isinstance(body, UpdatePosted) and (body.reason, body.automatic) == (reason, False)


def test_a_status_that_is_so_already_is_not_told_again() -> None:
    same = commands.Update(doing="x", status="investigating")
    assert [type(body) for body in deciding.decide(after(DECLARED), same, around())[0]] == [UpdatePosted]
    other = commands.Update(doing="x", status="monitoring")
    assert deciding.decide(after(DECLARED), other, around())[0][0] == StatusChanged(status="monitoring")


def test_a_status_that_changes_with_an_update_is_told_in_its_first_words() -> None:
    changing = commands.Update(know="x", status="identified")
    status, update = deciding.decide(after(DECLARED), changing, around())[0]
    assert isinstance(update, UpdatePosted) and update.headline == "status identified: x"
    mended = commands.Update(know="y", status="identified", replaces="id")
    (body,), _ = deciding.decide(after(DECLARED, status, update), mended, around("id"))
    assert isinstance(body, UpdatePosted) and body.headline == "status identified: y"


def test_an_update_that_is_held_is_not_said_to_be_on_its_way() -> None:
    told = commands.Update(know="x")
    assert deciding.decide(after(DECLARED), told, around())[1] == "update on its way"
    assert deciding.decide(after(DECLARED, HELD), told, around())[1].startswith("the update waits: held until ")
