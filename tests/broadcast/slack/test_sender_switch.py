"""The word in Slack's own keeping: wound up, replaced and taken back, whatever races with it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from cockpit.broadcast.message import Switch
from cockpit.broadcast.sender import Absent, Ambiguous, Refused, Sent, Thread, Unsearchable
from cockpit.broadcast.senders.slack import SlackSender
from cockpit.clock import SECOND
from tests.broadcast.slack.conftest import Letter, MakeSender, card
from tests.slack import faults
from tests.slack.server import FakeSlack
from tests.slack.times import HandClock
from tests.slack.workspace import CHANNEL, SECOND_CHANNEL

Seconds = Callable[[float], int]
TEXT = "INC-7: the cockpit has been silent since 10:56 UTC & <nobody> spoke. Ask ada."
OTHER = "INC-7: the cockpit has been silent since 10:57 UTC. Ask bo."


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
    sender: SlackSender, slack: FakeSlack, letter: Letter, in_seconds: Seconds
) -> None:
    slack.weather.add(faults.error("time_in_past"), "chat.scheduleMessage")
    assert await sender.send(sender.wire(letter(Switch(in_seconds(600), TEXT)), Thread())) == Sent()
    assert not slack.books.waiting()


@pytest.mark.parametrize("ahead", [-7200, -400, 0, 400, 7200])
async def test_it_speaks_in_time_though_our_clock_is_wrong(
    make_sender: MakeSender, slack: FakeSlack, letter: Letter, clock: HandClock, in_seconds: Seconds, ahead: int
) -> None:
    sender = make_sender(ours=HandClock(clock.now() + ahead * SECOND))
    kept = await sender.send(sender.wire(letter(Switch(in_seconds(ahead + 300), TEXT)), Thread()))
    (waiting,) = slack.books.waiting()
    assert kept == Sent(waiting.id) and abs(waiting.post_at - in_seconds(300) // SECOND) <= 1


async def test_one_that_nobody_could_take_back_is_known_though_our_clock_is_wrong(
    make_sender: MakeSender, slack: FakeSlack, letter: Letter, clock: HandClock, in_seconds: Seconds
) -> None:
    sender = make_sender(ours=HandClock(clock.now() - 7200 * SECOND))
    assert await sender.send(sender.wire(letter(Switch(in_seconds(30 - 7200), TEXT)), Thread())) == Sent()
    assert not slack.books.waiting()


@pytest.mark.parametrize("ahead", [-7200, 7200])
@pytest.mark.parametrize("drift", [-2, 0, 2])
async def test_one_in_doubt_is_found_though_our_clock_is_wrong(
    make_sender: MakeSender, slack: FakeSlack, letter: Letter, clock: HandClock, in_seconds: Seconds,
    ahead: int, drift: int,
) -> None:  # fmt: skip
    ours = HandClock(clock.now() + ahead * SECOND)
    sender = make_sender(ours=ours)
    slack.weather.add(faults.reset(), "chat.scheduleMessage")
    doubt = letter(Switch(in_seconds(ahead + 900), TEXT))
    wire = sender.wire(doubt, Thread())
    assert isinstance(await sender.send(wire), Ambiguous)
    ours.advance(drift)
    # Another engine looks, which has not heard yet what time it is there.
    found = await make_sender(ours=ours).find(doubt, wire)
    assert [Sent(each.id) for each in slack.books.waiting()] == [found]


async def test_without_slacks_time_it_goes_by_ours(
    sender: SlackSender, slack: FakeSlack, letter: Letter, in_seconds: Seconds
) -> None:
    slack.weather.add(faults.reset(), "auth.test")
    at = in_seconds(600)
    assert isinstance(await sender.send(sender.wire(letter(Switch(at, TEXT)), Thread())), Sent)
    assert [each.post_at for each in slack.books.waiting()] == [at // SECOND]


@pytest.fixture
async def doubled(
    sender: SlackSender, make_sender: MakeSender, slack: FakeSlack, letter: Letter, root: str, in_seconds: Seconds
) -> Sent:
    """A word that was in doubt, and arrived after it was sent again; and one of another cockpit."""
    doubt = letter(Switch(in_seconds(600), TEXT))
    wire = sender.wire(doubt, Thread(root))
    slack.weather.add(faults.reset(commit=False), "chat.scheduleMessage")
    assert isinstance(await sender.send(wire), Ambiguous)
    assert await sender.find(doubt, wire) == Absent()
    kept = await sender.send(wire)
    other = make_sender()
    assert isinstance(await other.send(wire), Sent)
    for seconds, text in ((660, TEXT), (600, OTHER)):
        assert isinstance(await other.send(other.wire(letter(Switch(in_seconds(seconds), text)), Thread(root))), Sent)
    assert isinstance(kept, Sent)
    return kept


@pytest.mark.parametrize("end", [0, 1500])
async def test_a_double_that_came_after_the_one_sent_again_goes_with_the_next_word(
    sender: SlackSender, slack: FakeSlack, letter: Letter, root: str, in_seconds: Seconds, doubled: Sent, end: int
) -> None:
    others = slack.books.waiting()[2:]
    assert len(slack.books.waiting()) == 4
    last = letter(Switch(in_seconds(end), TEXT) if end else Switch(0, ""))
    sent = await sender.send(sender.wire(last, Thread(root, doubled.where)))
    wanted = {each.id for each in others} | ({sent.where} if isinstance(sent, Sent) and sent.where else set())
    assert {each.id for each in slack.books.waiting()} == wanted and len(wanted) == (3 if end else 2)


async def test_the_end_takes_back_a_double_though_nothing_was_known_to_be_kept(
    sender: SlackSender, slack: FakeSlack, letter: Letter, root: str, doubled: Sent
) -> None:
    assert await sender.send(sender.wire(letter(Switch(0, "")), Thread(root))) == Sent()
    assert len(slack.books.waiting()) == 2


async def test_the_end_is_not_told_until_the_doubles_are_gone(
    sender: SlackSender, slack: FakeSlack, letter: Letter, root: str, doubled: Sent
) -> None:
    slack.weather.add(faults.reset(), "chat.scheduledMessages.list")
    end = sender.wire(letter(Switch(0, "")), Thread(root, doubled.where))
    assert isinstance(await sender.send(end), Ambiguous)
    assert await sender.send(end) == Sent() and len(slack.books.waiting()) == 2


async def test_doubles_that_cannot_be_looked_for_keep_nothing_from_being_told(
    sender: SlackSender, slack: FakeSlack, letter: Letter, root: str, in_seconds: Seconds, doubled: Sent
) -> None:
    slack.weather.add(faults.error("no_permission"), "chat.scheduledMessages.list", times=None)
    kept = await sender.send(sender.wire(letter(Switch(in_seconds(1500), TEXT)), Thread(root, doubled.where)))
    assert isinstance(kept, Sent) and kept.where in {each.id for each in slack.books.waiting()}
    assert await sender.send(sender.wire(letter(Switch(0, "")), Thread(root, kept.where))) == Sent()


async def test_without_a_doubt_nothing_is_looked_for(
    sender: SlackSender, slack: FakeSlack, letter: Letter, root: str, in_seconds: Seconds
) -> None:
    kept = await sender.send(sender.wire(letter(Switch(in_seconds(600), TEXT)), Thread(root)))
    assert isinstance(kept, Sent)
    await sender.send(sender.wire(letter(Switch(0, "")), Thread(root, kept.where)))
    assert "chat.scheduledMessages.list" not in slack.books.methods()


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
