"""What the hints say, read off the panes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import msgspec
import pytest

from cockpit.protocol.messages import Welcome
from cockpit.protocol.views import HeaderView, Offer, PeopleView, PersonView, RunView, ServicesView
from cockpit.text import SafeText
from cockpit.tui.clockface import Clockface
from cockpit.tui.frame import Frame
from cockpit.tui.hints import hint
from cockpit.tui.offering import suggestion

S = SafeText
changed = msgspec.structs.replace


@pytest.fixture
def frame(mid_incident: Callable[..., tuple[Any, ...]], world_parts: tuple[Any, Welcome, Any]) -> Frame:
    clock = Clockface(lambda: 0.0)
    clock.set(world_parts[1])
    frame = Frame(clock=clock)
    for view in mid_incident():
        frame.take(view)
    return frame


def test_a_running_command_is_waited_for_and_never_stopped(frame: Frame, offers: dict[str, Offer]) -> None:
    words = hint(replace(frame, run=changed(frame.run, offers=(offers["stop"],))))
    assert words.startswith("wait  the command is running") and "stop" not in words


def test_no_effect_is_explained_and_the_update_remembered(frame: Frame) -> None:
    words = hint(frame)
    assert words.startswith("Enter") and "may not be the cause" in words and "u " in words


@pytest.mark.parametrize(
    ("left", "start"), [(-30, "u  the update is overdue"), (60, "u  write the next update"), (600, "Enter")]
)
def test_the_promise_comes_first(frame: Frame, left: int, start: str) -> None:
    header = changed(frame.header, next_due=frame.clock.now() + left * 1_000_000)
    assert hint(replace(frame, header=header)).startswith(start)


@pytest.mark.parametrize(
    ("name", "start"),
    [("settle", "Enter  nobody but you"), ("undo", "x  "), ("done", "Enter  once"), ("choose", "Enter  decide"),
     ("end", "o  ")],
)  # fmt: skip
def test_each_offer_has_its_word(frame: Frame, offers: dict[str, Offer], name: str, start: str) -> None:
    run = changed(frame.run, offers=(offers[name], offers["skip"]), steps=())
    assert hint(replace(frame, run=run)).startswith(start)


def test_a_wait_is_started_and_not_done_by_hand(frame: Frame, offers: dict[str, Offer]) -> None:
    run = changed(frame.run, offers=(changed(offers["done"], waits=True),), steps=())
    assert hint(replace(frame, run=run)).startswith("Enter  start the watch")


def test_measuring_is_waited_for_although_it_could_be_undone(frame: Frame, offers: dict[str, Offer]) -> None:
    step = changed(frame.run.steps[2], word=S("verifying"))
    run = changed(frame.run, steps=(step,), offers=(offers["undo"], offers["end"]))
    assert hint(replace(frame, run=run)).startswith("wait  the cockpit measures whether it helped")
    assert suggestion(run, frame.clock.now()) == ("goes on by itself; o shows what else can be done", "plain")


def test_an_undo_that_comes_first_is_urged_only_while_there_is_a_way_on(offers: dict[str, Offer]) -> None:
    both = RunView(run="r", offers=(offers["undo"], offers["skip"], offers["end"]))
    assert suggestion(both, 0)[0].startswith("x  undo")
    assert suggestion(changed(both, offers=(offers["undo"],), outcome=S("done")), 0)[0] == ""


def test_a_stale_probe_is_not_well(frame: Frame) -> None:
    up = next(service for service in frame.services.services if service.state == "up" and not service.stale)
    done = changed(frame.run, outcome=S("done"), offers=())
    healthy = replace(frame, run=done, services=ServicesView((up,)))
    assert hint(healthy).startswith("R  resolve")
    assert not hint(replace(healthy, services=ServicesView((up, changed(up, stale=True))))).startswith("R")


def test_before_and_after(frame: Frame) -> None:
    shut = HeaderView(stream="watch", head=1, open=False, profile=S("p"))
    assert hint(replace(frame, header=shut)).startswith("d  declare")
    assert hint(replace(frame, header=shut, services=ServicesView())).startswith("wait")
    over = hint(replace(frame, header=changed(shut, stream="INC-7", ended=1)))
    assert "cockpit report INC-7" in over
    drill = hint(replace(frame, header=changed(shut, stream="INC-7", ended=1, drill=S("login-flag"))))
    assert drill.startswith("q  leave") and "cockpit report" not in drill
    nobody = changed(frame.header, lead=S(""))
    assert hint(replace(frame, header=nobody)).startswith("l  take the lead")
    assert hint(replace(frame, run=RunView())).startswith("r  start the runbook")


PERSON = PersonView(S("bo"), S("database"), True)


@pytest.mark.parametrize(
    "people, says",
    [
        (PeopleView((changed(PERSON, until=1),)), "p  bo was needed until 00:00: ask for longer, or let them go"),
        (PeopleView((changed(PERSON, needed=False, offered=True),)), "p  bo offers help: ask for them, or say no"),
        (PeopleView((PERSON,), relief=S("ada has led for 4 h 10 m: think of relief")), "l  ada has led for 4 h 10 m"),
        (PeopleView((PERSON,)), "r  start the runbook"),
    ],
)
def test_whoever_waits_for_a_word_is_named_while_no_run_goes_on(frame: Frame, people: PeopleView, says: str) -> None:
    assert hint(replace(frame, run=RunView(), people=people)).startswith(says)
