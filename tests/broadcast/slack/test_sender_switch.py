"""The word in Slack's own keeping: wound up, replaced and taken back, whatever races with it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from cockpit.broadcast.message import Switch
from cockpit.broadcast.sender import Absent, Ambiguous, Refused, Sent, Thread, Unsearchable
from cockpit.broadcast.senders.slack import SlackSender
from tests.broadcast.slack.conftest import Letter, MakeSender, card
from tests.slack import faults
from tests.slack.server import FakeSlack
from tests.slack.times import HandClock
from tests.slack.workspace import CHANNEL, SECOND_CHANNEL

Seconds = Callable[[float], int]
TEXT = "INC-7: the cockpit has been silent since 10:56 UTC & <nobody> spoke. Ask ada."


@pytest.fixture
async def root(sender: SlackSender, letter: Letter) -> str:
    """The address of the card."""
    sent = await sender.send(sender.wire(letter(card()), Thread()))
    assert isinstance(sent, Sent)
    return sent.where


async def test_it_is_scheduled_into_the_thread_for_all_to_see(
    sender: SlackSender, slack: FakeSlack, letter: Letter, clock: HandClock, root: str, in_seconds: Seconds
) -> None:
    sent = await sender.send(sender.wire(letter(Switch(in_seconds(1500), TEXT)), Thread(root)))
    (waiting,) = slack.books.waiting()
    assert sent == Sent(waiting.id) and waiting.message.metadata is None
    clock.advance(1501)
    assert slack.space.scheduled[0].state == "posted"
    (said,) = slack.books.thread(root.split("/")[1])
    assert said.broadcast and "silent since 10:56" in said.text


async def test_the_next_one_is_there_before_the_old_one_goes(
    sender: SlackSender, slack: FakeSlack, letter: Letter, root: str, in_seconds: Seconds
) -> None:
    old = await sender.send(sender.wire(letter(Switch(in_seconds(600), TEXT)), Thread(root)))
    assert isinstance(old, Sent)
    new = await sender.send(sender.wire(letter(Switch(in_seconds(1500), TEXT)), Thread(root, old.where)))
    assert [each.id for each in slack.books.waiting()] == [new.where] != [old.where]  # type: ignore[union-attr]
    assert slack.books.methods()[-2:] == ["chat.scheduleMessage", "chat.deleteScheduledMessage"]


async def test_at_the_end_it_is_taken_back(
    sender: SlackSender, slack: FakeSlack, letter: Letter, root: str, in_seconds: Seconds
) -> None:
    kept = await sender.send(sender.wire(letter(Switch(in_seconds(600), TEXT)), Thread(root)))
    assert isinstance(kept, Sent)
    end = letter(Switch(0, ""))
    wire = sender.wire(end, Thread(root, kept.where))
    slack.weather.add(faults.reset(), "chat.deleteScheduledMessage")
    assert isinstance(await sender.send(wire), Ambiguous)
    assert await sender.find(end, wire) == Absent(certain=True)
    assert await sender.send(wire) == Sent()
    assert not slack.books.waiting()


async def test_taking_back_what_has_been_said_is_no_fault(
    sender: SlackSender, slack: FakeSlack, letter: Letter, clock: HandClock, root: str, in_seconds: Seconds
) -> None:
    kept = await sender.send(sender.wire(letter(Switch(in_seconds(600), TEXT)), Thread(root)))
    assert isinstance(kept, Sent)
    clock.advance(601)
    assert await sender.send(sender.wire(letter(Switch(0, "")), Thread(root, kept.where))) == Sent()
    assert len(slack.books.thread(root.split("/")[1])) == 1


async def test_the_old_one_speaks_while_it_is_replaced(
    sender: SlackSender, slack: FakeSlack, letter: Letter, clock: HandClock, root: str, in_seconds: Seconds
) -> None:
    old = await sender.send(sender.wire(letter(Switch(in_seconds(600), TEXT)), Thread(root)))
    assert isinstance(old, Sent)
    clock.advance(600)
    new = await sender.send(sender.wire(letter(Switch(in_seconds(1500), TEXT)), Thread(root, old.where)))
    assert isinstance(new, Sent) and [each.id for each in slack.books.waiting()] == [new.where]


async def test_less_than_a_minute_is_left_of_the_old_one(
    sender: SlackSender, slack: FakeSlack, letter: Letter, clock: HandClock, root: str, in_seconds: Seconds
) -> None:
    old = await sender.send(sender.wire(letter(Switch(in_seconds(600), TEXT)), Thread(root)))
    assert isinstance(old, Sent)
    clock.advance(560)
    new = await sender.send(sender.wire(letter(Switch(in_seconds(1500), TEXT)), Thread(root, old.where)))
    assert isinstance(new, Sent) and new.where in {each.id for each in slack.books.waiting()}


@pytest.mark.parametrize("left", [-600, 0, 30, 59])
async def test_one_that_nobody_could_take_back_is_not_wound_up(
    sender: SlackSender, slack: FakeSlack, letter: Letter, root: str, in_seconds: Seconds, left: int
) -> None:
    old = await sender.send(sender.wire(letter(Switch(in_seconds(600), TEXT)), Thread(root)))
    assert isinstance(old, Sent)
    assert await sender.send(sender.wire(letter(Switch(in_seconds(left), TEXT)), Thread(root, old.where))) == Sent()
    assert not slack.books.waiting()


async def test_time_in_past_by_slacks_own_clock(
    make_sender: MakeSender, slack: FakeSlack, letter: Letter, clock: HandClock, in_seconds: Seconds
) -> None:
    behind = HandClock(clock.now() - 7_200_000_000)
    sender = make_sender(ours=behind)
    assert await sender.send(sender.wire(letter(Switch(in_seconds(-3600), TEXT)), Thread())) == Sent()
    assert not slack.books.waiting() and slack.books.methods() == ["chat.scheduleMessage"]


@pytest.mark.parametrize("fault", [faults.reset(), faults.bad_json(), faults.broken(503, commit=True)], ids=str)
async def test_one_that_may_have_been_scheduled_is_found(
    sender: SlackSender, slack: FakeSlack, letter: Letter, root: str, in_seconds: Seconds, fault: faults.Fault
) -> None:
    old = await sender.send(sender.wire(letter(Switch(in_seconds(600), TEXT)), Thread(root)))
    assert isinstance(old, Sent)
    slack.weather.add(fault, "chat.scheduleMessage")
    doubt = letter(Switch(in_seconds(1500), TEXT))
    wire = sender.wire(doubt, Thread(root, old.where))
    assert isinstance(await sender.send(wire), Ambiguous)
    assert len(slack.books.waiting()) == 2
    found = await sender.find(doubt, wire)
    assert [Sent(each.id) for each in slack.books.waiting()] == [found] != [old]


async def test_one_that_was_not_scheduled_is_absent_and_the_old_one_stays(
    sender: SlackSender, slack: FakeSlack, letter: Letter, root: str, in_seconds: Seconds
) -> None:
    old = await sender.send(sender.wire(letter(Switch(in_seconds(600), TEXT)), Thread(root)))
    assert isinstance(old, Sent)
    slack.weather.add(faults.reset(commit=False), "chat.scheduleMessage")
    doubt = letter(Switch(in_seconds(1500), TEXT))
    wire = sender.wire(doubt, Thread(root, old.where))
    assert isinstance(await sender.send(wire), Ambiguous)
    assert await sender.find(doubt, wire) == Absent()
    assert [each.id for each in slack.books.waiting()] == [old.where]


async def test_doubles_are_taken_back(
    sender: SlackSender, slack: FakeSlack, letter: Letter, root: str, in_seconds: Seconds
) -> None:
    doubt = letter(Switch(in_seconds(1500), TEXT))
    wire = sender.wire(doubt, Thread(root))
    await sender.send(sender.wire(letter(Switch(in_seconds(1500), "of another incident")), Thread(root)))
    for _ in range(3):
        assert isinstance(await sender.send(wire), Sent)
    found = await sender.find(doubt, wire)
    assert len(slack.books.waiting()) == 2
    assert isinstance(found, Sent) and found.where in {each.id for each in slack.books.waiting()}


async def test_a_doubt_that_outlasts_its_time_keeps_nothing(
    sender: SlackSender, slack: FakeSlack, letter: Letter, clock: HandClock, root: str, in_seconds: Seconds
) -> None:
    slack.weather.add(faults.reset(commit=False), "chat.scheduleMessage")
    doubt = letter(Switch(in_seconds(600), TEXT))
    wire = sender.wire(doubt, Thread(root))
    assert isinstance(await sender.send(wire), Ambiguous)
    clock.advance(700)
    assert await sender.find(doubt, wire) == Sent()


async def test_an_old_one_that_may_still_be_kept_is_in_doubt_until_it_is_gone(
    sender: SlackSender, slack: FakeSlack, letter: Letter, root: str, in_seconds: Seconds
) -> None:
    old = await sender.send(sender.wire(letter(Switch(in_seconds(600), TEXT)), Thread(root)))
    assert isinstance(old, Sent)
    slack.weather.add(faults.stall(commit=False), "chat.deleteScheduledMessage")
    slack.weather.rules[-1].fault = faults.reset(commit=False)
    doubt = letter(Switch(in_seconds(1500), TEXT))
    wire = sender.wire(doubt, Thread(root, old.where))
    assert isinstance(await sender.send(wire), Ambiguous)
    found = await sender.find(doubt, wire)
    assert [Sent(each.id) for each in slack.books.waiting()] == [found] != [old]


@pytest.mark.parametrize(
    ("code", "kind"), [("channel_not_found", Unsearchable), ("fatal_error", Ambiguous), ("token_revoked", Ambiguous)]
)
async def test_what_slack_keeps_cannot_always_be_listed(
    sender: SlackSender, slack: FakeSlack, letter: Letter, in_seconds: Seconds, code: str, kind: type
) -> None:
    slack.weather.add(faults.error(code), "chat.scheduledMessages.list")
    doubt = letter(Switch(in_seconds(1500), TEXT))
    assert isinstance(await sender.find(doubt, sender.wire(doubt, Thread())), kind)


@pytest.mark.parametrize(
    ("code", "fault"), [("restricted_too_many", "wait"), ("is_archived", "channel"), ("invalid_auth", "configuration")]
)
async def test_a_refusal_leaves_the_old_one(
    sender: SlackSender, slack: FakeSlack, letter: Letter, in_seconds: Seconds, code: str, fault: str
) -> None:
    old = await sender.send(sender.wire(letter(Switch(in_seconds(600), TEXT)), Thread()))
    assert isinstance(old, Sent)
    slack.weather.add(faults.error(code), "chat.scheduleMessage")
    refused = await sender.send(sender.wire(letter(Switch(in_seconds(1500), TEXT)), Thread("", old.where)))
    assert isinstance(refused, Refused) and refused.fault == fault
    assert [each.id for each in slack.books.waiting()] == [old.where]


async def test_the_end_cannot_be_told_while_the_token_is_revoked(
    sender: SlackSender, slack: FakeSlack, letter: Letter, in_seconds: Seconds
) -> None:
    kept = await sender.send(sender.wire(letter(Switch(in_seconds(600), TEXT)), Thread()))
    assert isinstance(kept, Sent)
    slack.weather.add(faults.error("token_revoked"), "chat.deleteScheduledMessage")
    refused = await sender.send(sender.wire(letter(Switch(0, "")), Thread("", kept.where)))
    assert isinstance(refused, Refused) and refused.fault == "configuration"


async def test_a_card_of_another_channel_is_no_thread_for_it(
    sender: SlackSender, slack: FakeSlack, letter: Letter, in_seconds: Seconds
) -> None:
    await sender.send(sender.wire(letter(Switch(in_seconds(600), TEXT)), Thread(f"{SECOND_CHANNEL}/1763635620.000001")))
    (waiting,) = slack.books.waiting(CHANNEL)
    assert not waiting.message.asked_thread
