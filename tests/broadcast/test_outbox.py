"""What becomes of a letter, and which ones are next."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace as replace_in

from cockpit.broadcast.message import Post, Switch
from cockpit.broadcast.outbox import (
    LONGEST_PAUSE,
    LetterState,
    Parcel,
    Place,
    Verdict,
    after_looking,
    after_sending,
    late_arrival,
    pause,
    ready,
    sent_anew,
    superseded,
)
from cockpit.broadcast.sender import (
    Absent,
    Ambiguous,
    Finding,
    Kind,
    Outcome,
    Outgoing,
    Refused,
    Sent,
    Thread,
    Unsearchable,
)
from cockpit.clock import SECOND

NOW = 1_700_000_000 * SECOND
ROOTED = Place(threaded=True, thread=Thread(root="C1/1.0", switch="Q1"))
ROOTLESS = Place(threaded=True)


def parcel(
    number: int, kind: Kind = "thread", reason: str = "step", stream: str = "INC-1", state: LetterState = "pending",
    not_before: int = 0, tries: int = 1, absences: int = 0, edits: str = "", plain: bool = False,
    repeated: bool = False,
) -> Parcel:  # fmt: skip
    message = Post(reason, f"update {number}") if kind == "thread" else Switch(NOW, "") if kind == "switch" else None
    outgoing = Outgoing(f"u{number}", kind, NOW, stream, "text", message, edits=edits, plain=plain, repeated=repeated)
    return Parcel(number, stream, f"u{number}", kind, state, outgoing, not_before, tries, absences)


def going(queue: Sequence[Parcel], places: Mapping[str, Place] | Place = Place(), now: int = NOW) -> list[list[int]]:  # noqa: B008
    known = {stream: places for stream in ("INC-1", "INC-2")} if isinstance(places, Place) else places
    return [[each.id for each in run] for run in ready(queue, known, now)]


@pytest.mark.parametrize(
    ("outcome", "then"),
    [
        (Sent("C1/1.2"), Verdict("sent", where="C1/1.2")),
        (Ambiguous("cut off"), Verdict("ambiguous", NOW + SECOND)),
        (Refused("reset"), Verdict("pending", NOW + SECOND)),
        (Refused("never", final=True), Verdict("dead", why="never")),
        (Refused("slowly", fault="wait", wait=7), Verdict("pending", NOW + 7 * SECOND)),
        (Refused("token_revoked", fault="configuration", final=True), Verdict("pending")),
        (Refused("is_archived", fault="channel", final=True), Verdict("pending")),
    ],
)
def test_after_sending(outcome: Outcome, then: Verdict) -> None:
    assert after_sending(parcel(1, state="sending"), outcome, ROOTED, NOW) == then


def test_a_form_that_is_refused_is_sent_once_more_plain_and_then_given_up() -> None:
    refused = Refused("invalid_blocks", fault="payload")
    first = after_sending(parcel(1, state="sending"), refused, ROOTED, NOW)
    assert first.state == "pending"
    assert first.outgoing is not None and first.outgoing.plain
    assert after_sending(parcel(1, state="sending", plain=True), refused, ROOTED, NOW) == Verdict(
        "dead", why="invalid_blocks"
    )


def test_what_is_gone_is_made_anew_but_not_for_ever() -> None:
    gone = Refused("message_not_found", fault="gone")
    for kind, missing in (("card", "card"), ("thread", "card"), ("switch", "switch")):
        said = parcel(1, kind, state="sending")  # type: ignore[arg-type]
        assert after_sending(said, gone, ROOTED, NOW) == Verdict("pending", uproot=missing)  # type: ignore[arg-type]
        again = parcel(1, kind, state="sending", tries=3)  # type: ignore[arg-type]
        assert after_sending(again, gone, ROOTED, NOW) == Verdict("dead", why="message_not_found")
    assert after_sending(parcel(1, state="sending", edits="C1/1.1"), gone, ROOTED, NOW) == Verdict("sent")
    assert after_sending(parcel(1, state="sending"), gone, ROOTLESS, NOW).state == "dead"


def test_what_cannot_be_edited_any_more_is_told_anew_but_a_secret_is_said_to_be_still_there() -> None:
    closed = Refused("edit_window_closed", fault="closed")
    assert after_sending(parcel(1, "card", state="sending"), closed, ROOTED, NOW) == Verdict("pending", uproot="card")
    still = after_sending(parcel(1, state="sending", edits="C1/1.1"), closed, ROOTED, NOW)
    assert still == Verdict("dead", why="what it said is STILL THERE: edit_window_closed")


WINDOW = 30.0


@pytest.mark.parametrize(
    ("finding", "absences", "left", "then"),
    [
        (Sent("C1/9"), 0, 9.0, Verdict("sent", where="C1/9")),
        (Absent(), 0, 9.0, Verdict("ambiguous", NOW + SECOND)),
        (Absent(), 0, 0.0, Verdict("ambiguous", NOW + 10 * SECOND, absences=1)),
        (Absent(), 1, 0.0, Verdict("pending")),
        (Absent(certain=True), 0, 9.0, Verdict("pending")),
        (Ambiguous("no answer"), 1, 0.0, Verdict("ambiguous", NOW + SECOND, absences=1)),
    ],
)
def test_after_looking(finding: Finding, absences: int, left: float, then: Verdict) -> None:
    assert after_looking(parcel(1, state="ambiguous", absences=absences), finding, NOW, left, WINDOW) == then


def test_where_nobody_can_know_only_what_is_urgent_goes_again_and_says_so() -> None:
    blind = Unsearchable("a webhook tells nothing back")
    # A card that arrived after the one sent anew would stand below it, with what was so before.
    assert after_looking(parcel(1, "card"), blind, NOW, 9.0, WINDOW) == Verdict("ambiguous", NOW + 9 * SECOND)
    for said in (parcel(1, reason="resolved"), parcel(1, "card"), parcel(1, "direct")):
        again = after_looking(said, blind, NOW, 0.0, WINDOW)
        assert again.state == "pending"
        assert again.outgoing is not None and again.outgoing.repeated
    third = after_looking(parcel(1, reason="resolved", repeated=True, tries=2), blind, NOW, 0.0, WINDOW)
    assert (third.state, third.not_before) == ("pending", NOW + 2 * SECOND), "what is urgent is not given up so soon"
    for said in (parcel(1), parcel(1, "switch"), parcel(1, reason="resolved", repeated=True, tries=6)):
        lost = after_looking(said, blind, NOW, 9.0, WINDOW)
        assert (lost.state, lost.why) == ("dead", "nobody can know whether it arrived: a webhook tells nothing back")


def test_an_edit_in_doubt_goes_again_once_it_cannot_arrive_late_any_more() -> None:
    edit = parcel(1, "card", state="ambiguous")
    assert sent_anew(edit, ROOTED)
    assert sent_anew(parcel(1, edits="C1/1.1"), ROOTLESS)
    assert not sent_anew(edit, ROOTLESS)
    assert not sent_anew(parcel(1), ROOTED)
    assert late_arrival(edit, NOW, 4.0) == Verdict("ambiguous", NOW + 4 * SECOND)
    assert late_arrival(edit, NOW, 0.0) == Verdict("pending")


@given(st.integers(0, 10**6))
def test_the_pause_grows_up_to_its_cap(attempts: int) -> None:
    assert 1 <= pause(attempts) <= pause(attempts + 1) <= LONGEST_PAUSE


def test_one_card_and_one_switch_wait_at_most() -> None:
    queue = [
        parcel(1, "card", state="sending"),
        parcel(2, "card"),
        parcel(3),
        parcel(4, "switch"),
        parcel(5, "card", stream="INC-2"),
        parcel(6, "card"),
        parcel(7, "switch"),
        parcel(8, "direct"),
        parcel(9, "direct"),
    ]
    assert superseded(queue) == (2, 4)


def test_updates_keep_their_order_and_a_doubt_holds_them_back() -> None:
    queue = [
        parcel(1, not_before=NOW + 1),
        parcel(2),
        parcel(5, state="ambiguous", stream="INC-2"),
        parcel(6, stream="INC-2"),
    ]
    assert going(queue) == [[5]]
    assert going(queue, now=NOW + 1) == [[1, 2], [5]]


def test_a_pause_set_by_a_clock_that_was_put_back_is_not_waited_for() -> None:
    assert going([parcel(1, not_before=NOW + int(LONGEST_PAUSE + 1) * SECOND)]) == [[1]]


def test_a_reply_waits_for_its_card_and_for_nothing_without_one() -> None:
    queue = [parcel(1), parcel(2, "switch"), parcel(3, "direct"), parcel(4, "card", not_before=NOW + 1)]
    assert going(queue, ROOTLESS) == [[3]]
    assert going(queue, ROOTED) == [[1], [2], [3]]
    assert going(queue[:2], ROOTLESS) == [[1], [2]]


def test_words_to_one_person_wait_for_no_thread() -> None:
    assert going([parcel(1, state="ambiguous", not_before=NOW + 1), parcel(2, "direct")], ROOTED) == [[2]]


def test_updates_become_one_up_to_the_first_urgent_one() -> None:
    queue = [parcel(1), parcel(2), parcel(3, reason="severity_up"), parcel(4), parcel(5, "card"), parcel(6)]
    assert going(queue, ROOTED) == [[1, 2], [5]]
    assert going(queue[2:], ROOTED) == [[3], [5]]
    assert going(queue[3:], ROOTED) == [[4, 6], [5]]


def test_a_labelled_repeat_and_an_edit_stay_themselves() -> None:
    assert going([parcel(1, repeated=True), parcel(2)], ROOTED) == [[1]]
    assert going([parcel(1, state="ambiguous", not_before=NOW + 9), parcel(2, edits="C1/1")], ROOTED) == [[2]]


def test_the_floor_is_waited_for_by_all_but_the_urgent() -> None:
    floor = Place(floor_end=NOW + SECOND)
    assert going([parcel(1)], floor) == []
    assert going([parcel(1)], floor, NOW + SECOND) == [[1]]
    assert going([parcel(1, reason="needed")], floor) == [[1]]
    assert going([parcel(1, reason="escalation")], floor) == [[1]], "a call for help"
    assert going([parcel(1), parcel(2, reason="resolved")], floor) == [[1]]
    assert going([parcel(1)], Place(floor_end=NOW + SECOND, released_at=NOW)) == [[1]]
    assert going([parcel(1)], Place(floor_end=NOW + SECOND, released_at=NOW - 1)) == []


@pytest.mark.parametrize(
    ("later", "needless"),
    [("update", (1,)), ("resolved", (1,)), ("step", ()), ("overdue", ())],
)
def test_that_nobody_wrote_is_not_told_once_somebody_has(later: str, needless: tuple[int, ...]) -> None:
    assert superseded([parcel(1, reason="overdue"), parcel(2, reason=later)]) == needless
    assert superseded([parcel(1, reason=later), parcel(2, reason="overdue")]) == ()
    assert superseded([parcel(1, reason="overdue", state="ambiguous"), parcel(2, reason=later)]) == ()


def test_what_a_person_wrote_waits_for_no_floor_and_takes_along_what_does() -> None:
    assert going([parcel(1), parcel(2, reason="update")], Place(floor_end=NOW + SECOND)) == [[1, 2]]


def test_a_hold_keeps_all_that_repeats_the_news_but_the_opening() -> None:
    held = Place(threaded=True, thread=Thread(root="C1/1"), held_until=NOW + SECOND, released_at=NOW)
    assert going([parcel(1, reason="needed"), parcel(2, "card"), parcel(3, "direct")], held) == [[3]]
    assert going([parcel(1, "card")], replace(held, thread=Thread())) == [[1]], "nobody has heard of it yet"
    assert going([parcel(1, reason="opened")], held) == [[1]]
    assert going([parcel(1)], held, NOW + SECOND) == [[1]]
    # What is in doubt is looked for all the same: that tells nobody anything.
    assert going([parcel(1, state="ambiguous")], held) == [[1]]
    assert going([parcel(1, edits="C1/1.1")], held) == [[1]]
    emptied = parcel(1, "card")
    assert going([replace(emptied, outgoing=replace_in(emptied.outgoing, anew=True))], held) == [[1]], "it was erased"
    assert going([parcel(1)], replace(held, held_until=NOW + 7200 * SECOND)) == [[1]], "by a clock put back since"


_QUEUES = st.lists(
    st.builds(
        parcel,
        st.integers(1, 50),
        st.sampled_from(("card", "thread", "switch", "direct")),
        st.sampled_from(("step", "resolved", "opened")),
        st.sampled_from(("INC-1", "INC-2")),
        st.sampled_from(("pending", "sending", "ambiguous")),
        st.sampled_from((0, NOW + SECOND)),
    ),
    unique_by=lambda one: one.id,
)
_PLACES = st.sampled_from((Place(), ROOTED, ROOTLESS, Place(held_until=NOW + 9), Place(floor_end=NOW + 9)))


@given(_QUEUES, _PLACES)
def test_nothing_overtakes_its_like(queue: list[Parcel], place: Place) -> None:
    gone = superseded(queue)
    for run in ready(queue, {"INC-1": place, "INC-2": place}, NOW):
        like = [one for one in queue if (one.stream, one.kind) == (run[0].stream, run[0].kind) and one.id not in gone]
        assert [one.id for one in run] == sorted(one.id for one in like)[: len(run)]
        assert len(run) == 1 or all(one.state == "pending" and not one.urgent for one in run)
