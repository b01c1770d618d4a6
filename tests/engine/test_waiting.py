"""Which updates can still be replaced."""

from __future__ import annotations

from cockpit.broadcast.compose import post
from cockpit.broadcast.message import Post
from cockpit.broadcast.sender import Kind, Outgoing
from cockpit.clock import SECOND
from cockpit.engine.waiting import SHOWN, waiting
from cockpit.incident.attendance import TimerSet
from cockpit.incident.broadcasts import BroadcastHeld, UpdateDelivered, UpdatePosted
from cockpit.incident.event import Body, Event
from cockpit.incident.fold import State, fold
from cockpit.incident.vocabulary import IncidentDeclared
from cockpit.journal.store import Letter, LetterState, StoredLetter

NOW = 1_760_000_000 * SECOND


def letter(
    place: int, update: str, to: str = "slack", *, state: LetterState = "pending", kind: Kind = "thread",
    stream: str = "INC-1", reason: str = "step", not_before: int = 0,
) -> StoredLetter:  # fmt: skip
    told = Outgoing(f"{update}:{to}", kind, NOW, stream, "", Post(reason=reason, headline=f"SEV2: {update}"))
    return StoredLetter(place, Letter(update, to, kind, told.pack()), stream, place, state, not_before, 0, NOW)


def after(*bodies: Body) -> State:
    events = (Event("INC-1", seq, NOW, NOW, "ada", "h", body) for seq, body in enumerate(bodies, 1))
    return fold(events, State(stream="INC-1"))


def names(*queue: StoredLetter, state: State | None = None) -> list[str]:
    return [each.update for each in waiting(queue, state or after(), NOW)]


def test_an_update_waits_until_the_first_destination_begins_with_it() -> None:
    one, two = letter(1, "one"), letter(2, "two", reason="update")
    first, second = waiting([one, letter(3, "one", "file"), two], after(), NOW)
    assert (first.update, first.headline, first.automatic, first.at) == ("one", "SEV2: one", True, 0)
    assert (second.update, second.automatic) == ("two", False)
    for begun in ("sending", "ambiguous"):
        assert names(one, letter(3, "one", "file", state=begun), two) == ["two"]


def test_what_is_edited_is_what_was_written_and_not_what_was_added_to_it() -> None:
    eta = NOW + 600 * SECOND
    said = UpdatePosted(update="one", reason="update", headline="rolling back", doing="rolling back", eta=eta)
    look = TimerSet(timer="t", what="latency", who="bo", until=NOW + 60 * SECOND)
    state = after(IncidentDeclared(title="x", severity="SEV2"), look, said)
    told = Outgoing("one:slack", "thread", NOW, "INC-1", "", post(said, state))
    queue = [StoredLetter(1, Letter("one", "slack", "thread", told.pack()), "INC-1", 1, "pending", 0, 0, NOW)]
    (seen,) = waiting(queue, state, NOW)
    assert (seen.know, seen.doing, seen.unknown, seen.eta) == ("", "rolling back", "", eta)
    step = UpdatePosted(update="one", reason="step", headline="no effect", know="80 % fail", automatic=True)
    (seen,) = waiting([letter(1, "one")], after(step), NOW)
    assert seen.know == "no effect. 80 % fail"


def test_what_one_destination_took_is_told_although_another_has_not() -> None:
    told = after(UpdateDelivered(update="one", destination="file"))
    assert names(letter(1, "one"), letter(2, "two"), state=told) == ["two"]


def test_cards_and_letters_of_other_incidents_are_no_updates_that_wait() -> None:
    assert names(letter(1, "one", kind="card"), letter(2, "two", stream="INC-0")) == []


def test_an_erased_letter_can_not_be_replaced() -> None:
    erased = StoredLetter(1, Letter("one", "slack", "thread", b""), "INC-1", 1, "pending", 0, 0, NOW)
    assert names(erased, letter(2, "two")) == ["two"]


def test_it_waits_for_its_pause_and_for_the_hold() -> None:
    held = after(BroadcastHeld(until=NOW + 600 * SECOND))
    (seen,) = waiting([letter(1, "one", not_before=NOW + SECOND)], held, NOW)
    assert seen.at == NOW + 600 * SECOND
    (seen,) = waiting([letter(1, "one", not_before=NOW + SECOND)], after(BroadcastHeld(until=NOW)), NOW)
    assert seen.at == NOW + SECOND


def test_of_very_many_the_newest_are_shown() -> None:
    queue = [letter(place, f"u{place}") for place in range(1, 3 * SHOWN)]
    assert names(*queue) == [f"u{place}" for place in range(2 * SHOWN, 3 * SHOWN)]
