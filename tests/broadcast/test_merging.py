"""What updates that waited together become."""

from __future__ import annotations

import pytest

from cockpit.broadcast.merging import headlines, merge, mergeable, titled, without_last
from cockpit.broadcast.message import LOUD, Post
from cockpit.broadcast.sender import Outgoing
from cockpit.clock import SECOND

TEN_O_CLOCK = 1_700_042_400 * SECOND


def letter(headline: str, minute: int, reason: str = "step") -> Outgoing:
    at = TEN_O_CLOCK + minute * 60 * SECOND
    return Outgoing(f"{headline}:chat:thread", "thread", at, "INC-1", headline, Post(reason, headline, know="so"))


def said(outgoing: Outgoing) -> Post:
    assert isinstance(outgoing.message, Post)
    return outgoing.message


def test_three_updates_while_a_chat_was_unreachable_are_one() -> None:
    one = titled(merge([letter("a", 2), letter("b", 5), letter("c", 14)]), "Slack")
    assert one.text.splitlines() == [
        "3 updates while Slack was unreachable, 10:02-10:14", "- a", "- b", "- c", "Know: so",
    ]  # fmt: skip
    assert one.key == "c:chat:thread"


def test_what_was_merged_merges_again() -> None:
    earlier = merge([letter("a", 2), letter("b", 5)])
    again = merge([earlier, letter("c", 14)])
    assert headlines(again) == ("a", "b", "c")
    assert (earlier.merged, again.merged) == (("a",), ("a", "b"))
    assert said(titled(again, "Slack")).headline == "3 updates while Slack was unreachable, 10:02-10:14"


def test_updates_that_only_waited_for_one_another_are_just_told() -> None:
    one = titled(merge([letter("a", 2), letter("b", 3)]), "")
    assert one.text.splitlines() == ["b", "- a", "Know: so"]


def test_what_was_said_again_and_again_stands_once_and_what_all_begin_with_only_above() -> None:
    silent, asked = "SEV2: No word from ana", "SEV2: No word from ana. Somebody else is asked"
    whole = merge([letter(silent, 2), letter(asked, 5), letter(asked, 8), letter("SEV2: status monitoring", 14)])
    assert titled(whole, "Slack").text.splitlines() == [
        "4 updates while Slack was unreachable, 10:02-10:14", "- No word from ana",
        "- No word from ana. Somebody else is asked (2 times)", "- status monitoring", "Know: so",
    ]  # fmt: skip
    assert titled(whole, "").text.splitlines()[:2] == ["SEV2: status monitoring", "- No word from ana"]
    assert len(headlines(whole)) == 4


def test_one_alone_stays_as_it_is() -> None:
    alone = letter("a", 2)
    assert titled(merge([alone]), "Slack") == alone


@pytest.mark.parametrize("reason", sorted(LOUD))
def test_what_is_urgent_is_never_merged_away(reason: str) -> None:
    assert not mergeable(letter("a", 2, reason))


def test_an_update_that_is_replaced_leaves_those_it_told_of() -> None:
    three = merge([letter("a", 2), letter("b", 3), letter("c", 4)])
    two = without_last(three)
    assert two is not None and headlines(two) == ("a", "b")
    one = without_last(two)
    assert one is not None and headlines(one) == ("a",) and one.text == "a"
    assert without_last(one) is None
    assert without_last(letter("a", 2)) is None
