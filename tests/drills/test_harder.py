"""Each thing that makes a drill harder, played whole through the real engine on a clock that jumps.

Two plays of login-flag carry two of them each; both begin when the page is heard, as a person does.
"""

from __future__ import annotations

import json
import re
import tempfile
from functools import cache
from pathlib import Path
from typing import TypeVar

from cockpit.drills.harder import Modifier
from cockpit.drills.shelf import SCENARIOS, load
from cockpit.incident.attendance import PersonNeeded
from cockpit.incident.broadcasts import DestinationTurned, UpdateDelivered, UpdatePosted, UpdateUndelivered
from cockpit.incident.event import Body
from cockpit.incident.vocabulary import NoteAdded
from tests.drills.warp.ending import unfulfilled
from tests.drills.warp.played import Played, played

B = TypeVar("B", bound=Body)
EXPERT = """
experts:
  - {name: auth-lead, after: 4m, knows: the flag reads a variable, away: back tomorrow, fact: invented}
"""
ENDING = """
    ending:
      text: Logins are back, and everybody sees a feature that was not launched
      mitigated: true
      resolved: falsely
      holds: {auth.env: set}
      side_effects: [an unlaunched feature shown to everyone]
    moves:
      - when: {heard: failure rate}
        within: 30m
        do: declare
        with: {title: Logins fail, severity: SEV1}
      - when: {open: true}
        do: take_role
        with: {role: incident_commander}
"""
RESOLVES = """
      - when: {up: [login-synthetic]}
        do: resolve
        with: {note: Set the variable in production}
"""
PLAYS = f"""
  alone:
    title: Asks for an expert who cannot be had, and takes the harmful shortcut{ENDING}
      - do: need
        with: {{person: auth-lead, reason: what the flag reads}}
      - when: {{heard: "auth-lead: back tomorrow"}}
        by_hand: [svcctl, setenv, prod, USER_ONBOARDING_BETA=true]{RESOLVES}
  asked:
    title: Tells the channel once in half an hour, while somebody asks again and again{ENDING}
      - do: update
        with: {{know: Logins fail., doing: Looking at what changed.}}
      - when: {{minute: 30}}
        by_hand: [svcctl, setenv, prod, USER_ONBOARDING_BETA=true]{RESOLVES}
"""
HARDER: dict[str, tuple[Modifier, ...]] = {
    "alone": ("expert-unavailable", "first-page-missed"),
    "asked": ("slack-down", "colleague-asks"),
}


@cache
def seen(play: str) -> Played:
    """What came of that play, its stated ending held."""
    with tempfile.TemporaryDirectory(prefix="harder-") as directory:
        file = Path(directory) / "harder.yaml"
        source = (SCENARIOS / "login-flag.yaml").read_text()
        file.write_text(source.replace("\ncriteria:", f"{EXPERT}\ncriteria:", 1) + PLAYS)
        scenario, came = load(str(file)), played(str(file), play, HARDER[play])
    assert not unfulfilled(scenario.plays[play].ending, came, scenario)
    assert came.debrief is not None and came.debrief.modifiers == HARDER[play]
    return came


def told(play: str, kind: type[B]) -> list[tuple[float, B]]:
    """The incident's events of that kind, each with its minute after T0."""
    came = seen(play)
    minutes = [(round((each.occurred_at - came.t0) / 60e6, 1), each.body) for each in came.events]
    return [(minute, body) for minute, body in minutes if isinstance(body, kind)]


def notes(play: str, who: str) -> list[tuple[float, str]]:
    """What came from outside and begins so."""
    return [(minute, body.text) for minute, body in told(play, NoteAdded) if body.source and body.text.startswith(who)]


def test_an_expert_who_cannot_be_had_is_asked_and_nothing_of_what_they_know_comes() -> None:
    ((minute, body),) = told("alone", PersonNeeded)
    assert body.person == "auth-lead"
    ((answered, words),) = notes("alone", "auth-lead")
    assert words == "auth-lead: back tomorrow" and 4 <= answered - minute < 4.5
    assert "the flag reads a variable" not in seen("alone").said


def test_whoever_missed_the_first_page_begins_with_the_second() -> None:
    assert [minute for minute, _ in notes("alone", "Auth API failure rate")] == [10.0]
    debrief = seen("alone").debrief
    assert debrief is not None
    began, declared = debrief.score.minute_of("impact_start"), debrief.score.minute_of("declared")
    assert began is not None and began < 3.5
    assert declared is not None and 10 <= declared < 10.5


def test_a_channel_that_is_down_is_told_through_the_one_behind_it_with_nothing_lost() -> None:
    (_, turned), *others = told("asked", DestinationTurned)
    assert not others
    assert (turned.destination, turned.why, turned.instead) == ("slack", "HTTP 503", "chat")
    posted = [body.update for _, body in told("asked", UpdatePosted)]
    carried = [(body.update, body.destination) for _, body in told("asked", UpdateDelivered)]
    # The declaration and the first update waited until it was known that slack cannot be reached.
    assert carried == [(update, "chat") for update in posted]
    threads = [each["key"] for each in map(json.loads, seen("asked").letters.splitlines()) if each["kind"] == "thread"]
    assert threads == [f"{update}:chat:thread" for update in posted]
    assert not [body for _, body in told("asked", UpdateUndelivered) if body.final]


def test_a_colleague_who_keeps_asking_is_counted_where_nobody_told_anything() -> None:
    asked = [minute for minute, _ in notes("asked", "colleague: ")]
    assert asked == [8.0 + 3 * number for number in range(9)]
    debrief = seen("asked").debrief
    assert debrief is not None
    (silence,) = [each for each in debrief.findings if each.name.startswith("Silence")]
    (shown,) = silence.evidence
    assert 25 <= shown.minute < 25.5
    # Nine of the colleague's and two of the support's.
    words = r"an update was due and came at T32\.\d; since the last word 11 questions came from outside"
    assert re.fullmatch(words, shown.text)
