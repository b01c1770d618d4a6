"""What a letter says of its own delivery, and what of it is no longer true."""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace

from cockpit.broadcast.lateness import as_of, late_seconds, late_words
from cockpit.broadcast.message import Card, Direct, Message, Post, Section, Switch
from cockpit.broadcast.sender import Outgoing
from cockpit.clock import SECOND

MINUTE = 60 * SECOND
WRITTEN = 1_700_042_400 * SECOND + 2 * MINUTE
CARD = Card("h", "", "", "", "", "", "", "", "", "Next update by 10:10 UTC.", "INC-1", next_due=WRITTEN + 8 * MINUTE)


def outgoing(message: Message, **changes: Any) -> Outgoing:
    return replace(Outgoing("k", "thread", WRITTEN, "INC-1", "\n".join(message.lines), message), **changes)


def test_a_late_letter_says_so() -> None:
    assert late_words(WRITTEN, WRITTEN + 12 * MINUTE) == "delivered 12 min late, written 10:02 UTC"
    assert late_words(WRITTEN, WRITTEN + 125 * MINUTE) == "delivered 2 h 05 m late, written 10:02 UTC"
    assert late_words(WRITTEN, WRITTEN + 2 * MINUTE) == ""
    assert late_seconds(WRITTEN, WRITTEN - SECOND) == 0


def test_in_time_it_says_nothing_of_itself() -> None:
    for message in (Post("step", "a", next_due=WRITTEN + 8 * MINUTE), CARD, Direct("ada", "come")):
        assert as_of(outgoing(message), WRITTEN, 0) == outgoing(message)


def test_a_late_post_says_since_when_and_promises_nothing_that_is_over() -> None:
    post = Post("step", "a", next_due=WRITTEN + 8 * MINUTE)
    late = WRITTEN + 12 * MINUTE
    assert as_of(outgoing(post), late, 0).text == "a\n(delivered 12 min late, written 10:02 UTC)"
    again = as_of(outgoing(post), late, late + MINUTE).text
    assert again == "a\nNext update by 10:15 UTC.\n(delivered 12 min late, written 10:02 UTC)"
    assert "Next" not in as_of(outgoing(Post("resolved", "over")), late, late + MINUTE).text


def test_a_repeat_says_so_whatever_it_is() -> None:
    post = outgoing(Post("needed", "a"), repeated=True)
    assert as_of(post, WRITTEN, 0).text == "a\n(may be repeated)"
    assert (
        as_of(post, WRITTEN + 12 * MINUTE, 0).text == "a\n(may be repeated, delivered 12 min late, written 10:02 UTC)"
    )
    assert as_of(outgoing(CARD, repeated=True), WRITTEN, 0).text.endswith("INC-1 (may be repeated)")
    assert as_of(outgoing(Direct("ada", "come"), repeated=True), WRITTEN, 0).text == "come (may be repeated)"


def test_what_tells_of_several_updates_names_their_times_itself() -> None:
    merged = outgoing(Post("step", "2 updates", told=("a", "b")), since=WRITTEN)
    assert as_of(merged, WRITTEN + 12 * MINUTE, 0).text == "2 updates\n- a\n- b"


def test_a_card_promises_nothing_that_is_over_in_a_teams_words_neither() -> None:
    late = WRITTEN + 12 * MINUTE
    assert "The next update was due at 10:10 UTC." in as_of(outgoing(CARD), late, 0).text
    assert "Next update by 10:15 UTC." in as_of(outgoing(CARD), late, late + MINUTE).text
    own = replace(CARD, own=(Section("due", "When:", CARD.due),))
    assert "When: Next update by 10:15 UTC." in as_of(outgoing(own), late, late + MINUTE).text
    resolved = replace(CARD, resolved=True)
    assert as_of(outgoing(resolved), late, 0) == outgoing(resolved)


def test_a_switch_for_a_moment_that_is_over_takes_back_the_one_before() -> None:
    switch = outgoing(Switch(WRITTEN + 5 * MINUTE, "silent"))
    assert as_of(switch, WRITTEN, 0) == switch
    assert as_of(switch, WRITTEN + 6 * MINUTE, 0).message == Switch(0, "")
