"""What becomes of a letter, and which one is next."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cockpit.broadcast.outbox import (
    LONGEST_PAUSE,
    LetterState,
    advance,
    late_seconds,
    late_words,
    pause,
    ready,
    superseded,
)
from cockpit.broadcast.sender import Absent, Ambiguous, Refused, Sent
from cockpit.clock import SECOND

NOW = 1_700_000_000 * SECOND
Kind = Literal["card", "thread"]


@dataclass(frozen=True)
class To:
    destination: str
    kind: Kind


@dataclass(frozen=True)
class Waiting:
    id: int
    letter: To
    stream: str = "INC-1"
    state: LetterState = "pending"
    not_before: int = 0


@pytest.mark.parametrize(
    ("state", "result", "then", "waits"),
    [
        ("sending", Sent(), "sent", 0),
        ("sending", Refused("busy"), "pending", 1),
        ("sending", Refused("gone", final=True), "dead", 0),
        ("sending", Ambiguous("cut off"), "ambiguous", 1),
        ("ambiguous", Sent(), "sent", 0),
        ("ambiguous", Absent(), "pending", 0),
        ("ambiguous", Ambiguous("still out of reach"), "ambiguous", 1),
    ],
)
def test_the_table(
    state: LetterState, result: Sent | Refused | Ambiguous | Absent, then: LetterState, waits: int
) -> None:
    assert advance(state, result, 1, NOW) == (then, NOW + waits * SECOND if waits else 0)


@pytest.mark.parametrize("state", ["pending", "sent", "superseded", "dead"])
def test_a_letter_at_rest_does_not_advance(state: LetterState) -> None:
    with pytest.raises(ValueError, match=state):
        advance(state, Sent(), 1, NOW)


@given(st.integers(0, 10**6))
def test_the_pause_grows_up_to_its_cap(attempts: int) -> None:
    assert 1 <= pause(attempts) <= pause(attempts + 1) <= LONGEST_PAUSE


def test_a_newer_card_supersedes_an_older_one_of_its_destination() -> None:
    queue = [
        Waiting(1, To("file", "card"), state="sending"),
        Waiting(2, To("file", "card")),
        Waiting(3, To("file", "thread")),
        Waiting(4, To("slack", "card")),
        Waiting(5, To("file", "card"), stream="INC-2"),
        Waiting(6, To("file", "card")),
    ]
    assert superseded(queue) == (2,)


def test_updates_keep_their_order_and_a_doubt_holds_them_back() -> None:
    queue = [
        Waiting(2, To("file", "thread")),
        Waiting(1, To("file", "thread"), not_before=NOW + 1),
        Waiting(3, To("slack", "thread"), state="sending"),
        Waiting(4, To("slack", "thread")),
        Waiting(5, To("mail", "thread"), state="ambiguous"),
        Waiting(6, To("mail", "thread")),
    ]
    assert [one.id for one in ready(queue, NOW)] == [5]
    assert [one.id for one in ready(queue, NOW + 1)] == [1, 5]


_QUEUES = st.lists(
    st.builds(
        Waiting,
        st.integers(1, 50),
        st.builds(To, st.sampled_from(("a", "b")), st.sampled_from(("card", "thread"))),
        st.just("INC-1"),
        st.sampled_from(("pending", "sending", "sent", "ambiguous", "dead")),
    ),
    unique_by=lambda one: one.id,
)


@given(_QUEUES)
def test_no_two_letters_travel_to_one_destination_at_once(queue: list[Waiting]) -> None:
    heads = ready(queue, NOW)
    gone = superseded(queue)
    assert len({head.letter.destination for head in heads}) == len(heads)
    for head in heads:
        ahead = [one for one in queue if one.id < head.id and one.letter.destination == head.letter.destination]
        assert all(one.state in {"sent", "dead"} or one.id in gone for one in ahead)


def test_a_late_letter_says_so() -> None:
    written = NOW - NOW % (86_400 * SECOND) + (10 * 60 + 2) * 60 * SECOND
    assert late_words(written, written + 12 * 60 * SECOND) == "delivered 12 min late, written 10:02 UTC"
    assert late_words(written, written + 7500 * SECOND) == "delivered 2 h 05 m late, written 10:02 UTC"
    assert late_words(written, written + 120 * SECOND) == ""
    assert late_seconds(written, written - SECOND) == 0
