"""A team's own words change how a message reads, and never what it must say."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from cockpit.broadcast.compose import card, post
from cockpit.broadcast.message import CARD_SECTIONS, Card, Direct, Link
from cockpit.broadcast.slack.blocks import payload
from cockpit.broadcast.templates import dressed
from cockpit.config.templates import PLAIN, CardTemplate, PostTemplate, TemplateLink, Templates
from cockpit.incident.broadcasts import UpdatePosted
from cockpit.incident.event import Body, Event
from cockpit.incident.fold import State, fold
from cockpit.incident.vocabulary import IncidentDeclared
from tests.broadcast.slack.whole import check_whole

Events = Callable[..., tuple[Event, ...]]
At = Callable[[float], int]
Story = tuple[tuple[float, Body], ...]
SAID = UpdatePosted(update="u", reason="update", headline="h", know="k")


def worn(told: Card, templates: Templates) -> Card:
    own = dressed(told, templates)
    assert isinstance(own, Card)
    return own


def for_card(**parts: Any) -> Templates:
    return Templates(card=(CardTemplate(**parts),))


def test_without_templates_the_words_are_the_programs_own(state: State, at: At) -> None:
    told = card(state, at(10))
    assert dressed(told, PLAIN) == told
    assert dressed(Direct("ana", "x"), for_card(lines=("x",))) == Direct("ana", "x")


def test_words_headings_order_and_lines(state: State, at: At) -> None:
    own = for_card(
        words={"act": "{text} Support: send {severity} callers to {lead}.", "headline": "[{incident}] {text}"},
        headings={"act": "", "doing": "Under way:"},
        order=("doing", "lines"),
        lines=("{title} is {status}.",),
    )
    told = worn(card(state, at(10)), own)
    assert told.lines[0] == "[INC-7] SEV1 - Logins failing - Investigating"
    assert told.lines[1:4] == (
        "Under way: Roll back: running Revert config 4711 since 10:06 UTC.",
        "Logins failing is investigating.",
        "Needed: ana, ops-2. Everyone else: no need to join the call, follow here. Support: send SEV1 callers to ana.",
    )
    assert told.lines[-1] == "INC-7, update 0, as of 10:10 UTC"


def test_no_section_is_lost_because_a_template_forgot_it(state: State, at: At) -> None:
    told = worn(card(state, at(10)), for_card(order=("due",)))
    assert [section.name for section in told.own] == ["due", *(name for name in CARD_SECTIONS if name != "due")]


def test_what_is_empty_stays_away(state: State, at: At) -> None:
    told = worn(card(state, at(10)), for_card(words={"estimate": "By {text}, hopefully"}))
    assert all(section.name != "estimate" for section in told.sections)


def test_the_first_that_fits_counts(state: State, at: At) -> None:
    rules = Templates(
        card=(
            CardTemplate(severity=("SEV2",), lines=("two",)),
            CardTemplate(severity=("SEV1",), status=("resolved",), lines=("over",)),
            CardTemplate(severity=("SEV1",), lines=("one",)),
            CardTemplate(lines=("any",)),
        ),
        post=(PostTemplate(reason=("resolved",), lines=("review",)),),
    )
    assert worn(card(state, at(10)), rules).own[-1].text == "one"
    told = post(SAID, state)
    assert dressed(told, rules) == told
    over = post(UpdatePosted(update="u", reason="resolved", headline="h"), state)
    assert dressed(over, rules).lines[-1] == "review"


def test_a_drill_is_called_one_whatever_the_words(events: Events, at: At) -> None:
    told = fold(events((0, IncidentDeclared(title="T", severity="SEV1", drill="login-flag"))))
    own = Templates(
        card=(CardTemplate(words={"headline": "All is lost: {title}"}),),
        post=(PostTemplate(words={"headline": "Lost: {text}"}),),
    )
    assert worn(card(told, at(0)), own).lines[0] == "DRILL - All is lost: T"
    assert dressed(post(SAID, told), own).lines[0] == "DRILL - Lost: SEV1: h"


def test_a_promise_is_always_the_current_one(state: State, at: At) -> None:
    told = post(UpdatePosted(update="u", reason="update", headline="h", next_due=at(20)), state)
    own = dressed(told, Templates(post=(PostTemplate(order=("due",)),)))
    assert own.lines[1] == "Next update by 10:20 UTC."


def test_links_stand_on_every_card(state: State, at: At) -> None:
    own = Templates(links=(TemplateLink(label="Board", url="https://board.example/"),))
    told = worn(card(state, at(10)), own)
    assert told.links == (Link("Board", "https://board.example/"),)
    assert "Board: https://board.example/" in told.lines


@given(st.text(min_size=1, max_size=300), st.text(max_size=60))
def test_any_words_make_a_message_that_is_taken(words: str, heading: str) -> None:
    template = words.replace("{", "").replace("}", "") + "{text}"
    told = fold([Event("INC-1", 1, 1, 1, "ana", "host", IncidentDeclared(title=words, severity="SEV2"))])
    own = for_card(
        words={"act": template, "headline": template}, headings={"act": heading}, lines=(template[:-6] or "-",) * 10
    )
    built = worn(card(told, 1), own)
    check_whole(payload(built))
    assert all(len(line.splitlines()) == 1 for line in built.lines)
