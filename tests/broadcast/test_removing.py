"""What is left of a text that was taken back."""

from __future__ import annotations

import msgspec
import pytest

from cockpit.broadcast.message import Card, Direct, Message, Post, Switch
from cockpit.broadcast.removing import REMOVED, erased, removed, repeated_in
from cockpit.broadcast.sender import Outgoing

SECRET = "hunter2"


@pytest.mark.parametrize(
    "message",
    [
        Card(
            SECRET,
            SECRET,
            SECRET,
            SECRET,
            SECRET,
            SECRET,
            SECRET,
            SECRET,
            SECRET,
            SECRET,
            SECRET,
            lead=SECRET,
            needed=(SECRET,),
            estimate=SECRET,
            severity="SEV1",
        ),
        Post("step", SECRET, know=SECRET, told=(SECRET,), needed=(SECRET,)),
        Switch(9, SECRET),
        Direct("ada", SECRET),
    ],
)
def test_nothing_of_it_is_left(message: Message) -> None:
    left = removed(message)
    assert left is not None and type(left) is type(message)
    assert SECRET not in str(msgspec.json.encode(left))
    assert erased(Outgoing("k", "thread", 0, "INC-1", REMOVED, left).pack())
    assert not erased(Outgoing("k", "thread", 0, "INC-1", REMOVED, left, edits="C1/1.2").pack())


def test_what_repeats_an_event_is_known_by_its_update_or_its_words() -> None:
    note = repeated_in({"text": f"the password is\n {SECRET}", "source": "cli"})
    assert note("u1", f"Know: the password is {SECRET}.")
    assert not note("u1", "SEV1: logins fail, told by cli")
    update = repeated_in({"update": "u1", "reason": "update", "headline": "x" * 600})
    assert update("u1", "whatever was cut")
    assert update("u2", "Know: " + "x" * 299)
    assert not update("u2", "the next update")
    assert not repeated_in({"text": "ok"})("u1", "all is ok")
    # Why somebody is needed is said in free words; an update's reason is only its sort.
    assert repeated_in({"person": "bo", "reason": SECRET})("u1", f"bo is needed, {SECRET}")
    assert not erased(b"torn")
