"""People: what each command means, what a double click does, and what time does by itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from cockpit.broadcast.compose import card, post
from cockpit.clock import SECOND
from cockpit.config.broadcasting import Cadence
from cockpit.engine import deciding
from cockpit.engine.circumstances import Circumstances, Refusal
from cockpit.engine.gathering import expired, relief
from cockpit.engine.peopleview import people
from cockpit.incident.attendance import (
    HelpOffered,
    PersonNeeded,
    PersonReleased,
    PresenceDeclared,
    RoleTaken,
    TimerEnded,
    TimerSet,
)
from cockpit.incident.broadcasts import UpdatePosted
from cockpit.incident.event import Body, Event
from cockpit.incident.fold import State, fold
from cockpit.incident.vocabulary import IncidentDeclared, IncidentResolved
from cockpit.incident.watching import Watching
from cockpit.incident.words import describe
from cockpit.protocol import commands
from cockpit.text import SafeText

NOW = 1_760_000_000 * SECOND
MINUTE = 60 * SECOND
DECLARED = IncidentDeclared(title="Logins fail", severity="SEV2")
LEAD = RoleTaken(person="ada", role="incident_commander")
BO = PersonNeeded(person="bo", reason="database")
CY = PersonNeeded(person="cy", reason="network")
LOOK = TimerSet(timer="t1", what="database latency", who="bo", until=NOW + 10 * MINUTE)


def after(*bodies: Body, at: int = NOW - MINUTE) -> State:
    return fold(Event("INC-1", seq, at, at, "ada", "h", body) for seq, body in enumerate((DECLARED, *bodies), 1))


def around(actor: str = "ada", now: int = NOW) -> Circumstances:
    return Circumstances(
        actor=actor, now=now, new_id="id", watching=Watching(), figures={}, cadence=Cadence(), plans={}, probes={}
    )


def decided(state: State, command: commands.AnyCommand, actor: str = "ada") -> tuple[list[Body], str]:
    bodies, words = deciding.decide(state, command, around(actor))
    assert words
    return list(bodies), words


def refused(state: State, command: commands.AnyCommand, actor: str = "ada") -> str:
    with pytest.raises(Refusal) as refusal:
        deciding.decide(state, command, around(actor))
    assert refusal.value.code == "invalid"
    return refusal.value.text


def test_claiming_answers_whether_somebody_is_looking_into_it() -> None:
    made, words = decided(after(), commands.TakeRole())
    assert made == [LEAD]
    assert words == "ada leads: the card says so, nobody needs to ask"


def test_a_claim_that_comes_twice_is_done_once() -> None:
    assert decided(after(LEAD), commands.TakeRole()) == ([], "ada is lead already")


def test_a_hand_over_says_who_held_it_and_what_the_next_one_must_know() -> None:
    made, words = decided(after(LEAD), commands.TakeRole(person=" bo ", note=" the flag is back, watch until 11:10 "))
    assert made == [
        RoleTaken(
            person="bo", role="incident_commander", previous="ada", note="the flag is back, watch until 11:10"
        )
    ]  # fmt: skip
    assert "bo leads" in words and "before: ada" in words
    line = describe(Event("INC-1", 3, NOW, NOW, "ada", "h", made[0])).text
    assert line == "bo is lead  handed over by ada  the flag is back, watch until 11:10"


def test_who_handed_the_lead_over_stays_and_is_called_the_lead_nowhere() -> None:
    handed = after(LEAD, RoleTaken(person="bo", role="incident_commander", previous="ada"))
    assert card(handed, NOW).people == "Lead: bo. On it: bo (incident commander), ada."
    shown = {person.name: (person.needed, person.roles, person.reason) for person in people(handed).people}
    assert shown[SafeText("ada")] == (True, (), "")
    # Who is needed for something else besides still is.
    also = after(LEAD, PersonNeeded(person="ada", reason="database"), RoleTaken(person="bo", role="incident_commander"))
    assert also.roster.needed["ada"] == "database"


def test_what_is_handed_over_to_who_holds_it_already_is_not_lost_unsaid() -> None:
    assert "put what is to be known into a note" in refused(after(LEAD), commands.TakeRole(note="the flag"))


def test_two_who_claim_at_once_do_not_take_it_from_each_other_unseen() -> None:
    (taken,) = (Event("INC-1", 2, NOW, NOW, "bo", "h", RoleTaken(person="bo", role="incident_commander")),)
    assert "bo took it while you looked (lead)" in deciding.stale(commands.TakeRole(), (taken,), actor="ada")
    assert not deciding.stale(commands.TakeRole(), (taken,), actor="bo"), "a double click of one's own"
    assert not deciding.stale(commands.TakeRole(role="operations"), (taken,), actor="ada")
    assert not deciding.stale(commands.TakeRole(person="bo"), (taken,), actor="ada")


def test_somebody_is_needed_for_something_until_when() -> None:
    until = NOW + 30 * MINUTE
    made, words = decided(after(), commands.Need(person=" bo ", reason=" database ", until=until))
    assert made == [PersonNeeded(person="bo", reason="database", until=until)]
    assert words == "bo is needed until 09:23 UTC"


def test_who_is_needed_twice_in_the_same_words_is_asked_for_once() -> None:
    assert decided(after(BO), commands.Need(person="bo", reason="database")) == ([], "bo is asked for already")
    assert decided(after(BO), commands.Need(person="bo"))[0] == [], "without a reason the known one stays"
    assert decided(after(BO), commands.Need(person="bo", reason="locks"))[0] == [
        PersonNeeded(person="bo", reason="locks")
    ]
    longer = commands.Need(person="bo", until=NOW + MINUTE)
    assert decided(after(BO), longer)[0] == [PersonNeeded(person="bo", reason="database", until=NOW + MINUTE)]


@pytest.mark.parametrize("until", [NOW, NOW - 1, -1])
def test_nobody_is_needed_until_a_moment_that_has_passed(until: int) -> None:
    assert "has passed" in refused(after(), commands.Need(person="bo", until=until))


def test_nobody_is_needed_for_ever_by_a_slip_of_the_finger() -> None:
    assert "more than 30 days" in refused(after(), commands.Need(person="bo", until=1 << 70))


def test_a_name_is_the_same_name_in_other_capitals_or_cut_by_a_screen() -> None:
    long = "x" * 90
    state = after(LEAD, BO, PersonNeeded(person=long), HelpOffered(person="Cy"))
    shown = {person.name for person in people(state).people}
    assert decided(state, commands.Need(person="BO"))[0] == []
    assert decided(state, commands.Need(person="cy"))[0] == [PersonNeeded(person="Cy")]
    assert decided(state, commands.TakeRole(), "ADA") == ([], "ada is lead already")
    assert decided(state, commands.Release(person=next(name for name in shown if "x" in name)))[0] == [
        PersonReleased(person=long)
    ]
    assert decided(state, commands.StandDown(stay=tuple(sorted(shown - {"Cy"}))))[0] == []
    (named,), _ = decided(after(), commands.Need(person="\x1b[31meve\n"))
    assert isinstance(named, PersonNeeded) and "\x1b" not in named.person and "eve" in named.person


def test_a_name_is_spelt_as_the_chat_knows_it_or_else_the_link_of_the_call_would_reach_nobody() -> None:
    known = replace(around("ADA"), people={"ada": "U0ADA", "bo": "U0BO"})
    (needed,), words = deciding.decide(after(), commands.Need(person="Bo"), known)
    assert (needed, words) == (PersonNeeded(person="bo"), "bo is needed")
    (taken,), _ = deciding.decide(after(), commands.TakeRole(), known)
    assert taken == RoleTaken(person="ada", role="incident_commander")
    _, words = deciding.decide(after(), commands.Need(person="cy"), known)
    assert words.startswith("cy is needed; ") and "tell them yourself" in words


def test_an_offer_of_help_is_taken_up_by_asking_for_them() -> None:
    offered = after(HelpOffered(person="cy", user="U1CY", words="I know auth"))
    made, _ = decided(offered, commands.Need(person="cy", reason="auth"))
    asked = after(HelpOffered(person="cy", user="U1CY", words="I know auth"), *made)
    assert asked.roster.offers == {} and asked.roster.needed == {"cy": "auth"}


def test_somebody_is_released_once_and_told_apart_from_who_never_was_needed() -> None:
    assert decided(after(BO), commands.Release(person="bo"))[0] == [PersonReleased(person="bo")]
    gone = after(BO, PersonReleased(person="bo"))
    assert decided(gone, commands.Release(person="bo")) == ([], "bo may leave already")
    assert refused(after(BO), commands.Release(person="eve")) == "eve is not on the roster: needed are bo"
    assert refused(after(), commands.Release(person="eve")) == "eve is not on the roster: nobody is"


def test_an_offer_can_be_declined() -> None:
    offered = HelpOffered(person="cy")
    made, _ = decided(after(offered), commands.Release(person="cy"))
    assert after(offered, *made).roster.offers == {}


def test_when_the_lead_is_released_the_answer_says_that_nobody_leads() -> None:
    assert "nobody leads now" in decided(after(LEAD), commands.Release(person="ada"))[1]


def test_standing_down_releases_everybody_else_with_thanks_in_one_update() -> None:
    state = after(LEAD, BO, CY, PersonNeeded(person="di"))
    made, words = decided(state, commands.StandDown(stay=("ada", " bo ", "bo")))
    *released, told = made
    assert released == [PersonReleased(person="cy"), PersonReleased(person="di")]
    assert isinstance(told, UpdatePosted)
    assert (told.reason, told.automatic, told.update) == ("released", True, "id")
    assert told.headline == ("ada (lead) and bo (database) stay. Thank you, everyone else: you may leave, follow here.")
    assert words == "released, with thanks: cy, di"
    later = fold([Event("INC-1", 9, NOW, NOW, "ada", "h", each) for each in made], state)
    assert (list(later.roster.needed), later.roster.released) == (["ada", "bo"], ("cy", "di"))
    assert "Thank you" in post(told, later).headline


def test_standing_down_says_nothing_new_of_the_incident_and_keeps_its_promise() -> None:
    said = UpdatePosted(
        update="u", reason="update", headline="80 % fail", know="80 % fail", doing="rolling back",
        next_due=NOW + 4 * MINUTE, eta=NOW + 9 * MINUTE, eta_by="ada",
    )  # fmt: skip
    state = after(LEAD, BO, said)
    *_, told = decided(state, commands.StandDown(stay=("ada",)))[0]
    assert isinstance(told, UpdatePosted)
    assert (told.know, told.doing, told.next_due) == ("80 % fail", "rolling back", NOW + 4 * MINUTE)
    telling = fold([Event("INC-1", 9, NOW, NOW, "ada", "h", told)], state).telling
    assert (telling.eta, telling.by_person_at) == (NOW + 9 * MINUTE, NOW - MINUTE)


def test_whoever_was_asked_for_while_somebody_chose_who_stays_is_not_sent_home_unseen() -> None:
    chosen = commands.StandDown(stay=("ada",))
    for body in (CY, RoleTaken(person="cy", role="operations")):
        assert "look again" in deciding.stale(chosen, [Event("INC-1", 9, NOW, NOW, "bo", "h", body)])
    assert not deciding.stale(chosen, [Event("INC-1", 9, NOW, NOW, "bo", "h", PersonReleased(person="bo"))])


def test_standing_down_twice_is_harmless() -> None:
    state = after(LEAD, BO, PersonReleased(person="bo"))
    assert decided(state, commands.StandDown(stay=("ada",))) == ([], "nobody else is needed: nobody to release")


@pytest.mark.parametrize(
    "stay, says",
    [
        ((), "say who stays"),
        ((" ",), "say who stays"),
        (("bo",), "ada leads and has to stay"),
        (("ada", "eve"), "eve is not on the roster: needed are ada, bo"),
    ],
)
def test_standing_down_never_lets_the_lead_go_nor_everybody(stay: tuple[str, ...], says: str) -> None:
    assert says in refused(after(LEAD, BO), commands.StandDown(stay=stay))


def test_presence_is_declared_by_whoever_it_is_and_twice_is_once() -> None:
    here = commands.DeclarePresence(presence="here")
    made, words = decided(after(), here, "bo")
    assert (made, words) == ([PresenceDeclared(person="bo", presence="here")], "bo is here, on the call")
    assert decided(after(*made), here, "bo") == ([], words)
    assert decided(after(*made), here, "cy")[0] == [PresenceDeclared(person="cy", presence="here")]
    away = commands.DeclarePresence(presence="away")
    assert decided(after(*made), away, "bo")[0] == [PresenceDeclared(person="bo", presence="away")]


def test_presence_that_has_aged_can_be_declared_anew() -> None:
    here = PresenceDeclared(person="bo", presence="here")
    assert decided(after(here, at=NOW - 6 * MINUTE), commands.DeclarePresence(presence="here"), "bo")[0] == [here]


def test_presence_is_never_inferred_from_anything_else() -> None:
    state = after(LEAD, BO, LOOK, PersonReleased(person="bo"))
    assert state.roster.presence == {}


def test_a_look_has_an_end_and_belongs_to_whoever_asks_unless_said() -> None:
    made, words = decided(after(), commands.SetTimer(what=" database latency ", minutes=10))
    assert made == [TimerSet(timer="id", what="database latency", who="ada", until=NOW + 10 * MINUTE)]
    assert words == "ada looks into database latency until 09:03 UTC"
    assert decided(after(), commands.SetTimer(what="x", minutes=1, who=" bo "))[0] == [
        TimerSet(timer="id", what="x", who="bo", until=NOW + MINUTE)
    ]


def test_a_look_that_is_set_twice_is_one_look_and_can_be_made_longer() -> None:
    again = commands.SetTimer(what="database latency", minutes=10, who="bo")
    made, words = decided(after(LOOK), again)
    assert (made, words) == ([], "bo looks into database latency already, until 09:03 UTC")
    longer = commands.SetTimer(what="database latency", minutes=20, who="bo")
    (body,) = decided(after(LOOK), longer)[0]
    assert isinstance(body, TimerSet) and (body.timer, body.until) == ("t1", NOW + 20 * MINUTE)


@pytest.mark.parametrize("minutes", [0, -5, 0.5, 24 * 60 + 1, float("nan"), float("inf")])
def test_a_look_without_a_sensible_end_is_refused(minutes: float) -> None:
    assert "1 minute to 24 hours" in refused(after(), commands.SetTimer(what="x", minutes=minutes))


@pytest.mark.parametrize("name", ["t1", "database latency", " Database Latency "])
def test_a_look_is_ended_by_its_id_or_by_what_it_is_about(name: str) -> None:
    made, _ = decided(after(LOOK), commands.EndTimer(timer=name, found=" replication lag "))
    assert made == [TimerEnded(timer="t1", found="replication lag", what="database latency", who="bo")]
    assert after(LOOK, *made).roster.timers == {}
    line = describe(Event("INC-1", 3, NOW, NOW, "bo", "h", made[0])).text
    assert line == "looked into database latency  replication lag"


def test_an_unknown_look_is_refused_and_so_is_one_of_several() -> None:
    assert "no such look goes on" in refused(after(), commands.EndTimer(timer="t1"))
    assert "these go on: database latency" in refused(after(LOOK), commands.EndTimer(timer="t2"))
    other = TimerSet(timer="t2", what="database latency", who="cy", until=NOW + MINUTE)
    assert "several people" in refused(after(LOOK, other), commands.EndTimer(timer="database latency"))


def test_a_look_whose_time_is_over_is_ended_and_says_whom_to_ask() -> None:
    state = after(LOOK)
    assert expired(state, NOW + 10 * MINUTE - 1) == ()
    (ended,) = expired(state, NOW + 10 * MINUTE)
    assert ended == TimerEnded(timer="t1", expired=True, what="database latency", who="bo")
    line = describe(Event("INC-1", 3, NOW, NOW, "cockpit", "h", ended))
    assert (line.text, line.tone) == ("the time for database latency is over  ask bo", "warn")
    assert expired(after(LOOK, ended), NOW + 20 * MINUTE) == ()
    assert expired(after(LOOK, IncidentResolved()), NOW + 20 * MINUTE) == ()


def test_whose_until_has_passed_is_never_released_by_itself() -> None:
    state = after(PersonNeeded(person="bo", until=NOW))
    assert expired(state, NOW + 60 * MINUTE) == ()
    assert list(state.roster.needed) == ["bo"]


@pytest.mark.parametrize(
    "bodies, minutes, says",
    [
        ((LEAD,), 239, ""),
        ((LEAD,), 240, "ada has led for 4 h 00 m: think of relief"),
        ((LEAD,), 250, "ada has led for 4 h 10 m: think of relief"),
        ((), 999, ""),
        ((RoleTaken(person="bo", role="operations"),), 999, ""),
        ((LEAD, PersonReleased(person="ada")), 999, ""),
        ((LEAD, IncidentResolved()), 999, ""),
    ],
)
def test_relief_is_thought_of_after_hours_in_the_lead(bodies: Sequence[Body], minutes: int, says: str) -> None:
    assert relief(after(*bodies, at=NOW), NOW + minutes * MINUTE, 4 * 3600.0) == says


def test_who_takes_over_starts_their_own_hours() -> None:
    first = Event("INC-1", 9, NOW + 200 * MINUTE, NOW, "bo", "h", RoleTaken(person="bo", role="incident_commander"))
    state = fold([first], after(LEAD, at=NOW))
    assert relief(state, NOW + 300 * MINUTE, 4 * 3600.0) == ""


@pytest.mark.parametrize(
    "command",
    [
        commands.TakeRole(), commands.Need(person="bo"), commands.Release(person="bo"),
        commands.StandDown(stay=("ada",)), commands.DeclarePresence(presence="here"),
        commands.SetTimer(what="x", minutes=5), commands.EndTimer(timer="t1"),
    ],
)  # fmt: skip
def test_people_belong_to_an_open_incident(command: commands.AnyCommand) -> None:
    for state in (State(stream="watch"), after(LEAD, BO, LOOK, IncidentResolved())):
        assert "declare one first" in refused(state, command)


@pytest.mark.parametrize(
    "command", [commands.Need(person=" "), commands.SetTimer(what=" ", minutes=5), commands.StandDown(stay=("",))]
)
def test_what_needs_words_is_refused_without(command: commands.AnyCommand) -> None:
    assert refused(after(LEAD), command)
