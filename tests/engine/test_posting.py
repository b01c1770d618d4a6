"""Letters on their way: a real journal, destinations that do as they are told."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from cockpit.broadcast import outbox
from cockpit.broadcast.outbox import Parcel
from cockpit.broadcast.removing import REMOVED
from cockpit.broadcast.sender import Absent, Ambiguous, Fault, Kind, Outcome, Refused, Sent, Unsearchable
from cockpit.broadcast.senders.file import FileSender
from cockpit.clock import SECOND, SystemClock
from cockpit.engine.carrying import Pace
from cockpit.engine.posting import Poster
from cockpit.incident.attendance import PersonNeeded
from cockpit.incident.broadcasts import (
    BroadcastHeld,
    BroadcastReleased,
    DestinationTurned,
    UpdateDelivered,
    UpdatePosted,
    UpdateUndelivered,
)
from cockpit.incident.event import Draft
from cockpit.incident.vocabulary import IncidentDeclared, IncidentResolved
from cockpit.journal.errors import StorageFull
from cockpit.journal.outbox import STATES
from cockpit.journal.store import Answered, Fate, Journal
from cockpit.text import Redactor
from tests.engine.chats import AT_ONCE, CHAT, Answer, Chat, Desk, Slow, Wire, arrives, letter

NEVER = Pace(floor=3600.0, late_arrival=0.0)


def refuses(why: str, fault: Fault = "transport") -> Answer:
    return lambda chat, wire: Refused(why, fault=fault)


def says_nothing(chat: Chat, wire: Wire) -> Outcome:
    return Ambiguous("no answer")


def arrives_unanswered(chat: Chat, wire: Wire) -> Outcome:
    arrives(chat, wire)
    return Ambiguous("no answer")


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cockpit.broadcast.outbox.pause", lambda attempts: 0.0)
    monkeypatch.setattr("cockpit.engine.carrying.LONGEST_NAP", 0.05)


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    opened = await Journal.open(tmp_path / "journal.sqlite", clock=SystemClock(), host="here")
    yield Desk(opened)
    await opened.close()


async def test_replies_wait_for_the_card_and_the_next_card_edits_it(desk: Desk) -> None:
    await desk.declare(letter("u1", reason="opened"), letter("u1", "card"), letter("u1", "switch"))
    chat = Chat()
    async with desk.posting(chat):
        await desk.until_empty()
        await desk.tell(letter("u2", "card"), letter("u2", "switch"))
        await desk.until_empty()
    assert [shown.text for shown in chat.shown.values()] == ["card u2", "u1", "switch u2"]
    assert next(shown for shown in chat.shown.values() if shown.text == "u1").root == "chat/0"
    (told,) = await desk.events(UpdateDelivered)
    assert isinstance(told, UpdateDelivered)
    assert (told.update, told.where, told.merged, told.repeated) == ("u1", "chat/1", 0, False)


async def test_what_is_sent_is_on_record_before_it_is_sent(desk: Desk) -> None:
    await desk.declare(letter("u1"))
    chat = Slow()
    async with desk.posting(chat):
        await chat.entered.wait()
        (kept,) = await desk.journal.letters({"sending"})
        assert b'"u1:chat:thread"' in kept.wire
    # The engine died there: whoever comes next looks for it first.
    other = Chat()
    other.findings.append(Sent("chat/7"))
    async with desk.posting(other):
        await desk.until_empty()
    assert other.asked == 0
    assert (await desk.journal.letters({"sent"}))[0].address == "chat/7"


async def test_a_slow_destination_blocks_no_other(desk: Desk) -> None:
    await desk.declare(letter("u1", place="slow"), letter("u1", place="quick"))
    slow, quick = Slow("slow"), Chat("quick")
    async with desk.posting(slow, quick):
        await desk.until(lambda: quick.texts == ["u1"])
        assert slow.texts == []
        slow.release.set()
        await desk.until_empty()
    assert slow.texts == ["u1"]


async def test_a_letter_in_doubt_is_looked_for_twice_and_goes_again_only_then(desk: Desk) -> None:
    await desk.declare(letter("u1", reason="opened"), letter("u2", reason="needed"))
    chat = Chat(CHAT, says_nothing)
    looks = 0
    finding = chat.find

    async def count(*args: object) -> object:
        nonlocal looks
        looks += 1
        return await finding(*args)  # type: ignore[arg-type]

    chat.find = count  # type: ignore[method-assign,assignment]
    async with desk.posting(chat):
        await desk.until_empty()
    assert (looks, chat.texts) == (2, ["u1", "u2"])


async def test_a_letter_that_arrived_unanswered_is_found_and_not_sent_again(desk: Desk) -> None:
    await desk.declare(letter("u1"))
    chat = Chat(CHAT, arrives_unanswered)
    async with desk.posting(chat):
        await desk.until_empty()
    assert chat.texts == ["u1"]
    (told,) = await desk.events(UpdateDelivered)
    assert isinstance(told, UpdateDelivered) and told.where == "chat/0"


async def test_absence_proves_nothing_while_it_may_still_arrive(desk: Desk) -> None:
    await desk.declare(letter("u1"))
    chat = Chat(CHAT, says_nothing)
    chat.findings.extend([Absent(), Absent(), Absent()])
    async with desk.posting(chat, pace=Pace(0.0, late_arrival=3600.0)):
        await desk.until(lambda: not chat.findings)
        assert await desk.journal.letters({"ambiguous"})
    assert chat.asked == 1


async def test_where_nobody_can_know_the_urgent_is_repeated_with_a_label_and_the_rest_told_to_the_engineer(
    desk: Desk,
) -> None:
    await desk.declare(letter("u1", reason="needed"), letter("u2"))
    chat = Chat(CHAT, arrives_unanswered, arrives, arrives_unanswered)
    chat.findings.extend([Unsearchable("no history"), Unsearchable("no history")])
    async with desk.posting(chat):
        await desk.until_empty()
    assert chat.texts == ["u1", "u1\n(may be repeated)", "u2"]
    (told,) = await desk.events(UpdateDelivered)
    (lost,) = await desk.events(UpdateUndelivered)
    assert isinstance(told, UpdateDelivered) and told.repeated
    assert lost == UpdateUndelivered(
        update="u2", destination=CHAT, why="nobody can know whether it arrived: no history", final=True
    )


async def test_what_a_lost_update_took_the_place_of_is_said_to_be_lost_too(desk: Desk) -> None:
    await desk.declare(letter("u1"), letter("u2"), letter("u3"))
    chat = Chat(CHAT, arrives_unanswered)
    chat.findings.append(Unsearchable("no history"))
    async with desk.posting(chat):
        await desk.until_empty()
    assert chat.texts == ["u3\n- u1\n- u2"]
    lost = [each.update for each in await desk.events(UpdateUndelivered)]  # type: ignore[attr-defined]
    assert lost == ["u1", "u2", "u3"]


async def test_an_edit_in_doubt_is_simply_made_again(desk: Desk) -> None:
    await desk.declare(letter("u1", "card"))
    chat = Chat(CHAT, arrives, says_nothing)
    async with desk.posting(chat):
        await desk.until_empty()
        await desk.tell(letter("u2", "card"))
        await desk.until_empty()
    assert [shown.text for shown in chat.shown.values()] == ["card u2"]
    assert chat.asked == 3


async def test_a_refused_form_goes_plain_and_a_refused_plain_form_is_given_up(desk: Desk) -> None:
    bad = refuses("invalid_blocks", "payload")
    await desk.declare(letter("u1", reason="opened"), letter("u2", reason="needed"))
    chat = Chat(CHAT, bad, arrives, bad, bad)
    async with desk.posting(chat):
        await desk.until_empty()
    assert [(shown.text, shown.plain) for shown in chat.arrived] == [("u1", True)]
    (lost,) = await desk.events(UpdateUndelivered)
    assert isinstance(lost, UpdateUndelivered) and lost.final and lost.why == "invalid_blocks"


async def test_what_cannot_be_composed_goes_plain_and_blocks_nothing(desk: Desk) -> None:
    await desk.declare(letter("u1", reason="opened"))
    chat = Chat()

    def broken(*_: object) -> bytes:
        raise IndexError("a fault of ours")

    chat.wire = broken  # type: ignore[method-assign,assignment]
    async with desk.posting(chat):
        await desk.until_empty()
    assert [shown.plain for shown in chat.arrived] == [True]


async def test_a_card_that_is_gone_is_posted_anew_before_the_reply(desk: Desk) -> None:
    await desk.declare(letter("u1", "card"))
    chat = Chat(CHAT, arrives, refuses("thread_not_found", "gone"))
    async with desk.posting(chat):
        await desk.until_empty()
        await desk.tell(letter("u2"))
        await desk.until_empty()
    assert [(shown.text, shown.root) for shown in chat.arrived] == [("card u1", ""), ("card u1", ""), ("u2", "chat/1")]


async def test_three_failures_turn_a_destination_to_its_stand_in_and_one_catch_up_follows(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cockpit.broadcast.breaker.FIRST_PROBE", 0.0)
    down = refuses("connection refused")
    chat, spare = Chat(CHAT, *[down] * 5), Chat("spare")
    await desk.declare(letter("u1"), letter("u2"))
    async with desk.posting(chat, spare, fallbacks={CHAT: ("spare",)}) as poster:
        await desk.until(lambda: bool(spare.texts))
        assert poster.queue
        await desk.until_empty()
        await desk.until(lambda: desk.core.shown.telling.standings[CHAT].state == "ok")
        assert poster.alarms == ()
    (caught_up,) = chat.texts
    first, *told = caught_up.splitlines()
    assert first.startswith("2 updates while Chat was unreachable, ")
    assert told == ["- u1", "- u2"]
    assert spare.texts == ["u2\n- u1"]
    turns = [(turn.state, turn.instead) for turn in await desk.events(DestinationTurned)]  # type: ignore[attr-defined]
    assert turns == [("unreachable", "spare"), ("ok", "")]


@pytest.mark.parametrize(("fault", "state"), [("configuration", "paused"), ("channel", "refused")])
async def test_a_destination_that_only_a_person_can_mend_is_left_alone_until_a_start(
    desk: Desk, fault: Fault, state: str
) -> None:
    await desk.declare(letter("u1", reason="opened"))
    chat = Chat(CHAT, refuses("token_revoked", fault))
    async with desk.posting(chat) as poster:
        await desk.until(lambda: CHAT in desk.core.shown.telling.standings)
        (alarm,) = poster.alarms
        assert "token_revoked" in alarm and "NOBODY IS TOLD" in alarm
        await desk.tell(letter("u2", reason="resolved"))
        await desk.until(lambda: len(poster.queue) == 2)
    assert chat.asked == 1
    assert desk.core.shown.telling.standings[CHAT].state == state
    async with desk.posting(chat):
        await desk.until_empty()
        await desk.until(lambda: desk.core.shown.telling.standings[CHAT].state == "ok")
    assert chat.texts == ["u1", "u2"]


async def test_a_stand_in_that_is_out_of_reach_has_a_stand_in_too(desk: Desk) -> None:
    await desk.declare(letter("u1", reason="opened"), letter("u1", "card"))
    chat = Chat(CHAT, refuses("account_inactive", "configuration"))
    spare = Chat("spare", refuses("account_inactive", "configuration"))
    last = Chat("last")
    async with desk.posting(chat, spare, last, fallbacks={CHAT: ("spare",), "spare": ("last", CHAT)}):
        await desk.until(lambda: "u1" in last.texts)
        await desk.until(lambda: desk.core.shown.telling.standings[CHAT].instead == "last")


async def test_a_stand_in_is_given_only_what_it_takes_and_no_secret_is_told(desk: Desk) -> None:
    await desk.declare(letter("u1", "card"), letter("u1", reason="opened"))
    chat, spare = Chat(CHAT, refuses("no channel for token hunter2", "channel")), Chat("spare", threaded=False)
    spare.takes = frozenset({"thread"})
    fallbacks = {CHAT: ("spare",)}
    async with desk.posting(chat, spare, fallbacks=fallbacks, redact=Redactor(["hunter2"])) as poster:
        await desk.until(lambda: spare.texts == ["u1"])
        (alarm,) = poster.alarms
        assert alarm.endswith("updates go to spare instead")
    assert [each.letter.destination for each in await desk.journal.letters({"pending"})] == [CHAT, CHAT]
    assert not any("hunter2" in str(event.body) for event in await desk.journal.read("INC-1"))


async def test_asked_for_patience_a_destination_is_left_alone_and_nothing_is_said_to_be_wrong(desk: Desk) -> None:
    await desk.declare(letter("u1"), letter("u1", "direct"))
    limited: Answer = lambda chat, wire: Refused("ratelimited", fault="wait", wait=50)  # noqa: E731
    chat, other = Chat(CHAT, limited), Chat("other")
    async with desk.posting(chat, other) as poster:
        await desk.until(lambda: chat.asked == 1)
        await desk.tell(letter("u2", place="other"))
        await desk.until(lambda: other.texts == ["u2"])
        assert poster.alarms == ()
    assert chat.asked == 1
    assert await desk.events(UpdateUndelivered) == []


@pytest.mark.parametrize("patience, waits", [(60.0, [300.0]), (0.05, [0.04, 0.04])])
async def test_asked_for_long_patience_its_stand_in_tells_meanwhile(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, patience: float, waits: list[float]
) -> None:
    monkeypatch.setattr("cockpit.broadcast.reach.PATIENCE", patience)
    monkeypatch.setattr("cockpit.broadcast.outbox.LONGEST_PAUSE", 0.0)
    await desk.declare(letter("u1", reason="opened"))
    chat, spare = Chat(CHAT), Chat("spare")
    for wait in waits:
        chat.answers.append(lambda chat, wire, wait=wait: Refused("ratelimited", fault="wait", wait=wait))  # type: ignore[misc]
    async with desk.posting(chat, spare, fallbacks={CHAT: ("spare",)}) as poster:
        await desk.until(lambda: spare.texts == ["u1"])
        assert chat.asked >= len(waits)
        if patience == 60.0:
            assert poster.alarms == ("chat cannot be reached (ratelimited): updates go to spare instead",)
        else:
            await desk.until(lambda: chat.texts == ["u1"] and poster.alarms == ())


async def test_a_fault_of_our_own_is_said_and_stood_in_for_and_ends_with_it(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    await desk.declare(letter("u1"))
    ready, broken = outbox.ready, asyncio.Event()
    chat, spare = Chat(), Chat("spare")

    def fails(queue: Sequence[Parcel], *more: Any) -> Any:
        if not broken.is_set() and queue[0].update == "u1" and chat.asked == 0 and spare.asked == 0:
            raise ZeroDivisionError
        return ready(queue, *more)

    monkeypatch.setattr(outbox, "ready", fails)
    async with desk.posting(chat, spare, fallbacks={CHAT: ("spare",)}) as poster:
        await desk.until(lambda: spare.texts == ["u1"] or bool(poster.alarms))
        (alarm,) = poster.alarms
        assert "a fault of the cockpit: ZeroDivisionError" in alarm and alarm.endswith("updates go to spare instead")
        broken.set()
        await desk.until(lambda: desk.core.shown.telling.standings[CHAT].state == "ok")
    assert chat.texts == ["u1"] and poster.alarms == ()
    turns = [(turn.state, turn.instead) for turn in await desk.events(DestinationTurned)]  # type: ignore[attr-defined]
    assert turns == [("unreachable", "spare"), ("ok", "")]


async def test_patience_asked_for_while_a_letter_is_looked_for_is_no_failure(desk: Desk) -> None:
    await desk.declare(letter("u1"))
    chat = Chat(CHAT, lambda chat, wire: Ambiguous("no answer"))
    chat.findings.extend([Ambiguous("ratelimited", wait=0.01)] * 5 + [Absent(certain=True)])
    async with desk.posting(chat) as poster:
        await desk.until(lambda: chat.texts == ["u1"])
        assert poster.alarms == ()
    assert await desk.events(DestinationTurned) == []


async def test_updates_within_the_floor_become_one_and_the_urgent_goes_at_once(desk: Desk) -> None:
    await desk.declare(letter("u1"))
    chat = Chat()
    async with desk.posting(chat, pace=NEVER) as poster:
        await desk.until_empty()
        await desk.tell(letter("u2"))
        await desk.tell(letter("u3"))
        await desk.until(lambda: len(poster.queue) == 2)
        assert chat.texts == ["u1"]
        await desk.tell(letter("u4", reason="severity_up"))
        await desk.until_empty()
    assert chat.texts == ["u1", "u3\n- u2", "u4"]
    merged = [told.merged for told in await desk.events(UpdateDelivered)]  # type: ignore[attr-defined]
    assert merged == [0, 1, 0]


async def test_a_hold_keeps_updates_until_they_are_let_go_and_the_card_goes_on(desk: Desk) -> None:
    await desk.declare(letter("u1", "card"))
    until = SystemClock().now() + 3600 * SECOND
    await desk.tell(letter("u2", reason="needed"), letter("u2", "card"), body=BroadcastHeld(until=until))
    chat = Chat()
    async with desk.posting(chat) as poster:
        await desk.until(lambda: len(poster.queue) == 1)
        assert chat.texts == ["card u2"]
        await desk.tell(body=BroadcastReleased())
        await desk.until_empty()
    assert chat.texts == ["card u2", "u2"]


async def test_an_update_that_waited_is_told_in_the_words_of_the_one_that_replaces_it(desk: Desk) -> None:
    until = SystemClock().now() + 3600 * SECOND
    await desk.declare(letter("u1"))
    await desk.tell(letter("u2"), body=BroadcastHeld(until=until))
    await desk.tell(letter("u3"), body=UpdatePosted(update="u3", reason="update", headline="u3", replaces="u2"))
    await desk.tell(body=BroadcastReleased())
    chat = Chat()
    async with desk.posting(chat):
        await desk.until_empty()
    assert chat.texts == ["u3\n- u1"]


async def test_a_late_update_says_so(desk: Desk) -> None:
    await desk.declare(letter("u1", at=SystemClock().now() - 720 * SECOND))
    chat = Chat()
    async with desk.posting(chat):
        await desk.until_empty()
    (text,) = chat.texts
    assert "(delivered 12 min late, written " in text
    (told,) = await desk.events(UpdateDelivered)
    assert isinstance(told, UpdateDelivered) and told.late_seconds >= 720


async def test_what_was_told_is_taken_back_when_it_is_erased(desk: Desk) -> None:
    await desk.declare(letter("u1", "card"))
    posted = UpdatePosted(update="u2", reason="update", headline="the password is hunter2")
    await desk.tell(letter("u2", text="the password is hunter2"), letter("u2", "card", text="hunter2"), body=posted)
    await desk.tell(letter("u3", reason="needed"))
    chat = Chat()
    async with desk.posting(chat):
        await desk.until_empty()
        (event,) = [each for each in await desk.journal.read("INC-1") if each.body == posted]
        await desk.core.redact("INC-1", event.seq, "a password", "ada", Answered("r1", b""))
        await desk.until_empty()
    assert sorted(shown.text for shown in chat.shown.values()) == ["[removed]", "card anew", "u3"]


async def test_a_card_that_waited_when_it_was_erased_is_told_anew(desk: Desk) -> None:
    posted = UpdatePosted(update="u1", reason="update", headline="the password is hunter2")
    await desk.declare()
    await desk.tell(letter("u1", "card", text="hunter2"), body=posted)
    await desk.core.redact("INC-1", 2, "a password", "ada", Answered("r1", b""))
    chat = Chat()
    async with desk.posting(chat):
        await desk.until_empty()
    assert chat.texts == ["card anew"]


async def test_an_engine_that_died_before_the_card_was_told_anew_leaves_an_empty_one(desk: Desk) -> None:
    await desk.declare(letter("u1", "card", text="hunter2"))
    chat = Chat()
    async with desk.posting(chat):
        await desk.until_empty()
        await desk.journal.redact("INC-1", 1, "a password", "ada")
        await desk.until_empty()
    assert [shown.text for shown in chat.shown.values()] == ["[removed]"]


async def test_the_next_incident_learns_that_a_destination_is_out_of_reach(desk: Desk) -> None:
    await desk.declare(letter("u1", reason="opened"))
    chat, spare = Chat(CHAT, refuses("account_inactive", "configuration")), Chat("spare")
    async with desk.posting(chat, spare, fallbacks={CHAT: ("spare",)}):
        await desk.until(lambda: spare.texts == ["u1"])
        await desk.tell(body=IncidentResolved(note="over"))
        said = IncidentDeclared(title="Again", severity="SEV2")
        await desk.core.declare(lambda _: ((Draft(body=said, actor="ada"),), Answered("d2", b"")))
        await desk.until(lambda: CHAT in desk.core.shown.telling.standings)
    assert desk.core.shown.stream == "INC-2"
    assert desk.core.shown.telling.standings[CHAT].instead == "spare"


async def test_what_is_erased_while_it_is_on_its_way_is_taken_back_once_it_is_there(desk: Desk) -> None:
    posted = UpdatePosted(update="u1", reason="update", headline="the password is hunter2")
    await desk.declare()
    await desk.tell(letter("u1", text="the password is hunter2"), body=posted)
    chat = Slow()
    async with desk.posting(chat):
        await chat.entered.wait()
        await desk.core.redact("INC-1", 2, "a password", "ada", Answered("r1", b""))
        chat.release.set()
        await desk.until_empty()
    assert [shown.text for shown in chat.shown.values()] == ["[removed]"]


async def test_a_first_card_that_is_on_its_way_when_it_is_erased_is_told_anew(desk: Desk) -> None:
    await desk.declare(letter("u1", "card", text="hunter2"))
    chat = Slow()
    async with desk.posting(chat):
        await chat.entered.wait()
        await desk.core.redact("INC-1", 1, "a password", "ada", Answered("r1", b""))
        chat.release.set()
        await desk.until_empty()
    assert [shown.text for shown in chat.shown.values()] == ["card anew"]


async def test_a_hold_does_not_keep_on_show_what_was_erased(desk: Desk) -> None:
    posted = UpdatePosted(update="u1", reason="update", headline="the password is hunter2")
    await desk.declare()
    await desk.tell(letter("u1", "card", text="hunter2"), body=posted)
    chat = Chat()
    async with desk.posting(chat):
        await desk.until_empty()
        await desk.tell(body=BroadcastHeld(until=SystemClock().now() + 3600 * SECOND))
        await desk.journal.redact("INC-1", 2, "a password", "ada")
        await desk.until_empty()
    assert [shown.text for shown in chat.shown.values()] == [REMOVED]


async def test_an_edit_of_the_card_in_doubt_when_it_is_erased_leaves_no_empty_card(desk: Desk) -> None:
    await desk.declare(letter("u1", "card"))
    chat = Chat()
    posted = UpdatePosted(update="u2", reason="update", headline="the password is hunter2")
    async with desk.posting(chat, pace=Pace(floor=0.0, late_arrival=0.2)):
        await desk.until_empty()
        chat.answers.append(arrives_unanswered)
        await desk.tell(letter("u2", "card", text="hunter2"), body=posted)
        await desk.until(lambda: chat.texts == ["card u1", "card hunter2"])
        (event,) = [each for each in await desk.journal.read("INC-1") if each.body == posted]
        await desk.core.redact("INC-1", event.seq, "a password", "ada", Answered("r1", b""))
        await desk.until_empty()
    assert [shown.text for shown in chat.shown.values()] == ["card anew"]


@pytest.mark.parametrize("kind", ["card", "switch", "direct"])
async def test_a_refused_form_does_not_bring_back_what_was_erased_meanwhile(desk: Desk, kind: Kind) -> None:
    posted = UpdatePosted(update="u1", reason="update", headline="the password is hunter2")
    await desk.declare()
    await desk.tell(letter("u1", kind, text="hunter2"), body=posted)
    chat, entered, release = Chat(), asyncio.Event(), asyncio.Event()
    sending = chat.send

    async def refuse(wire: bytes) -> Outcome:
        entered.set()
        await release.wait()
        chat.send = sending  # type: ignore[method-assign]
        return Refused("invalid_blocks", fault="payload")

    chat.send = refuse  # type: ignore[method-assign]
    async with desk.posting(chat):
        await entered.wait()
        await desk.core.redact("INC-1", 2, "a password", "ada", Answered("r1", b""))
        release.set()
        await desk.until_empty()
    assert all("hunter2" not in text for text in chat.texts)
    assert all(b"hunter2" not in each.letter.payload for each in await desk.journal.letters(STATES))


async def test_the_word_in_keeping_is_taken_down_though_that_was_erased_before_it_went(desk: Desk) -> None:
    await desk.declare(letter("u1", "card"), letter("u1", "switch"))
    chat = Chat()
    async with desk.posting(chat):
        await desk.until_empty()
        chat.answers.append(refuses("no network"))
        chat.answers.append(refuses("no network"))
        resolved = UpdatePosted(update="u2", reason="resolved", headline="the password is hunter2")
        await desk.tell(letter("u2", "switch", text="down"), body=resolved)
        (event,) = [each for each in await desk.journal.read("INC-1") if each.body == resolved]
        await desk.core.redact("INC-1", event.seq, "a password", "ada", Answered("r1", b""))
        await desk.until_empty()
    # The tests' chat edits what it keeps: nothing of the first word may be left.
    assert [shown.text for shown in chat.shown.values()] == ["card u1", REMOVED]


async def test_what_one_person_was_told_alone_is_taken_back_too(desk: Desk) -> None:
    asked = PersonNeeded(person="bo", reason="the password is hunter2")
    await desk.declare()
    await desk.tell(letter("u1", "direct", text="You are needed for the password is hunter2"), body=asked)
    chat = Chat()
    async with desk.posting(chat):
        await desk.until_empty()
        await desk.core.redact("INC-1", 2, "a password", "ada", Answered("r1", b""))
        await desk.until_empty()
    assert [shown.text for shown in chat.shown.values()] == [REMOVED]


async def test_a_stand_in_does_not_take_back_what_stands_elsewhere(desk: Desk) -> None:
    posted = UpdatePosted(update="u1", reason="update", headline="the password is hunter2")
    await desk.declare()
    await desk.tell(letter("u1", text="the password is hunter2"), body=posted)
    chat, spare = Chat(), Chat("spare")
    async with desk.posting(chat, spare, fallbacks={CHAT: ("spare",)}):
        await desk.until_empty()
        chat.answers.append(refuses("account_inactive", "configuration"))
        await desk.core.redact("INC-1", 2, "a password", "ada", Answered("r1", b""))
        await desk.tell(letter("u2"))

        async def settled_there() -> bool:
            return bool(spare.arrived) and not any(":spare:" in key for key in await desk.waiting())

        await desk.until_true(settled_there)
    assert spare.texts == ["u2"]


async def test_a_stand_in_does_not_say_what_only_the_other_made_of_a_letter(desk: Desk) -> None:
    await desk.declare(letter("u1", reason="opened"))
    chat = Chat(CHAT, refuses("invalid_blocks", "payload"), refuses("account_inactive", "configuration"))
    spare = Chat("spare")
    async with desk.posting(chat, spare, fallbacks={CHAT: ("spare",)}):
        await desk.until(lambda: bool(spare.arrived))
    assert [shown.plain for shown in spare.arrived] == [False]


async def test_letters_for_a_destination_that_is_no_more_are_said_to_be_lost(desk: Desk) -> None:
    await desk.declare(letter("u1", place="elsewhere"))
    async with desk.posting(Chat()) as poster:
        await desk.until_empty()
        assert poster.queue == ()
    (lost,) = await desk.events(UpdateUndelivered)
    assert isinstance(lost, UpdateUndelivered) and lost.final and "config" in lost.why


async def test_a_letter_whose_arrival_could_not_be_recorded_does_not_hold_back_those_behind_it(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    await desk.declare(letter("u1", reason="opened"), letter("u2", reason="needed"))
    settle = desk.journal.settle

    def breaks(chat: Chat, wire: Wire) -> Outcome:
        async def full(*_: object, **__: object) -> None:
            monkeypatch.setattr(desk.journal, "settle", settle)
            raise StorageFull("there is no room left")

        monkeypatch.setattr(desk.journal, "settle", full)
        return arrives(chat, wire)

    chat = Chat(CHAT, breaks)
    async with desk.posting(chat):
        await desk.until_empty()
    assert chat.texts == ["u1", "u2"]


async def test_a_card_that_arrives_at_last_is_no_longer_called_waiting(desk: Desk) -> None:
    await desk.declare(letter("u1", "card"))
    chat = Chat(CHAT, refuses("the disk is full"))
    async with desk.posting(chat):
        await desk.until(lambda: CHAT in desk.core.shown.telling.deliveries)
        await desk.until(lambda: desk.core.shown.telling.deliveries[CHAT].state == "delivered")
    (refused,) = await desk.events(UpdateUndelivered)
    assert isinstance(refused, UpdateUndelivered) and not refused.final


async def test_a_clock_set_back_does_not_put_a_letter_off(desk: Desk) -> None:
    await desk.declare(letter("u1"))
    (waits,) = await desk.journal.letters({"pending"})
    later = SystemClock().now() + 3600 * SECOND
    await desk.core.settle("INC-1", [Fate(waits.id, "pending", "pending", not_before=later)])
    chat = Chat()
    async with desk.posting(chat):
        await desk.until_empty()
    assert chat.texts == ["u1"]


async def test_a_file_gets_each_line_once_through_a_death_in_between(desk: Desk, tmp_path: Path) -> None:
    await desk.declare(letter("u1", "card", "file"), letter("u1", place="file"))
    card, _ = await desk.journal.letters({"pending"})
    # As an engine leaves it that died between this record and the first byte.
    await desk.core.settle("INC-1", [Fate(card.id, "pending", "sending", wire=card.letter.payload)])
    sender = FileSender("file", tmp_path / "told.jsonl")
    poster = Poster(desk.core, {"file": sender}, SystemClock(), AT_ONCE)
    async with asyncio.timeout(15), asyncio.TaskGroup() as tasks:
        running = tasks.create_task(poster.run())
        await desk.until_empty()
        running.cancel()
    lines = (tmp_path / "told.jsonl").read_text().splitlines()
    assert [line.split('"')[3] for line in lines] == ["u1:file:card", "u1:file:thread"]
    assert len(await desk.events(UpdateDelivered)) == 1
