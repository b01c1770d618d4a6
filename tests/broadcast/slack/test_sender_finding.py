"""A letter in doubt is found by its key, however far back, whatever the clocks say, or is said to be unfindable."""

from __future__ import annotations

import pytest

from cockpit.broadcast.message import Direct, Post
from cockpit.broadcast.sender import Absent, Ambiguous, Sent, Thread, Unsearchable
from cockpit.broadcast.senders.slack import SlackSender
from cockpit.clock import SECOND
from tests.broadcast.slack.conftest import Letter, MakeSender, card
from tests.slack import faults
from tests.slack.server import FakeSlack
from tests.slack.times import HandClock
from tests.slack.workspace import CHANNEL, WRITE_ONLY


async def test_the_answer_is_lost_after_the_commit(sender: SlackSender, slack: FakeSlack, letter: Letter) -> None:
    slack.weather.add(faults.reset(), "chat.postMessage")
    first = letter(card())
    wire = sender.wire(first, Thread())
    assert isinstance(await sender.send(wire), Ambiguous)
    found = await sender.find(first, wire)
    assert found == Sent(f"{CHANNEL}/{slack.books.top()[0].ts}")
    assert list(slack.books.pins()) == [slack.books.top()[0].ts]


async def test_a_reply_is_found_in_its_thread(sender: SlackSender, slack: FakeSlack, letter: Letter) -> None:
    sent = await sender.send(sender.wire(letter(card()), Thread()))
    assert isinstance(sent, Sent)
    thread = Thread(sent.where)
    for number in range(40):
        await sender.send(sender.wire(letter(Post("step", f"SEV1: news {number}")), thread))
    slack.weather.add(faults.truncated(), "chat.postMessage")
    doubt = letter(Post("status", "SEV1: in doubt"))
    wire = sender.wire(doubt, thread)
    assert isinstance(await sender.send(wire), Ambiguous)
    for number in range(40):
        await slack.people.say("U0EVE", f"any news? {number}", thread=sent.where.split("/")[1])
    assert await sender.find(doubt, wire) == Sent(f"{CHANNEL}/{slack.books.thread(sent.where.split('/')[1])[40].ts}")
    absent = letter(Post("status", "SEV1: never sent"))
    assert await sender.find(absent, sender.wire(absent, thread)) == Absent()


async def test_a_card_is_found_many_pages_back(
    sender: SlackSender, slack: FakeSlack, letter: Letter, clock: HandClock
) -> None:
    slack.weather.add(faults.bad_json(), "chat.postMessage")
    first = letter(card())
    wire = sender.wire(first, Thread())
    await slack.people.say("U0EVE", "logins fail?")
    assert isinstance(await sender.send(wire), Ambiguous)
    for number in range(100):
        clock.advance(1)
        await slack.people.say("U0EVE", f"hello {number}")
    assert await sender.find(first, wire) == Sent(f"{CHANNEL}/{slack.books.top()[1].ts}")


async def test_a_word_for_one_person_is_found(sender: SlackSender, slack: FakeSlack, letter: Letter) -> None:
    slack.weather.add(faults.reset(), "chat.postMessage")
    summons = letter(Direct("ada", "You are needed."))
    wire = sender.wire(summons, Thread())
    assert isinstance(await sender.send(wire), Ambiguous)
    assert await sender.find(summons, wire) == Sent(f"D0ADA/{slack.books.everything('D0ADA')[0].ts}")


async def test_what_history_does_not_show_yet_is_absent_and_then_there(
    sender: SlackSender, slack: FakeSlack, letter: Letter, clock: HandClock
) -> None:
    slack.weather.add(faults.reset(hidden=10), "chat.postMessage")
    first = letter(card())
    wire = sender.wire(first, Thread())
    assert isinstance(await sender.send(wire), Ambiguous)
    assert await sender.find(first, wire) == Absent()
    clock.advance(11)
    assert isinstance(await sender.find(first, wire), Sent)


@pytest.mark.parametrize("message", [card(), Post("status", "SEV1: news"), Direct("ada", "You are needed.")])
async def test_without_the_scope_nobody_can_look(
    make_sender: MakeSender, slack: FakeSlack, letter: Letter, message: object
) -> None:
    sender = make_sender(WRITE_ONLY)
    sent = await sender.send(sender.wire(letter(card()), Thread()))
    assert isinstance(sent, Sent)
    doubt = letter(message)
    found = await sender.find(doubt, sender.wire(doubt, Thread("" if doubt.kind == "card" else sent.where)))
    assert isinstance(found, Unsearchable) and "history" in found.why


async def test_a_bot_that_was_removed_cannot_look(sender: SlackSender, slack: FakeSlack, letter: Letter) -> None:
    slack.space.channels[CHANNEL].members.discard("U0COCKPIT")
    first = letter(card())
    assert isinstance(await sender.find(first, sender.wire(first, Thread())), Unsearchable)


@pytest.mark.parametrize("code", ["token_revoked", "fatal_error", "ratelimited", "invalid_cursor"])
async def test_what_may_be_mended_stays_in_doubt(
    sender: SlackSender, slack: FakeSlack, letter: Letter, code: str
) -> None:
    slack.weather.add(faults.error(code), "conversations.history")
    first = letter(card())
    found = await sender.find(first, sender.wire(first, Thread()))
    assert isinstance(found, Ambiguous)


async def test_one_page_a_minute_comes_to_an_end(
    sender: SlackSender, slack: FakeSlack, letter: Letter, clock: HandClock
) -> None:
    slack.space.rules.history_every = 60
    slack.weather.add(faults.reset(), "chat.postMessage")
    first = letter(card())
    wire = sender.wire(first, Thread())
    await sender.send(wire)
    for number in range(40):
        await slack.people.say("U0EVE", f"hello {number}")
    for _ in range(10):
        clock.advance(61)
        found = await sender.find(first, wire)
        if isinstance(found, Sent):
            break
        assert isinstance(found, Ambiguous)
    assert found == Sent(f"{CHANNEL}/{slack.books.top()[0].ts}")
    assert len(slack.books.called("conversations.history")) <= 6


@pytest.mark.parametrize("ahead", [-7200, -30, 0, 30, 7200])
async def test_a_clock_that_is_wrong_hides_no_letter(
    make_sender: MakeSender, slack: FakeSlack, letter: Letter, clock: HandClock, ahead: int
) -> None:
    ours = HandClock(clock.now() + ahead * SECOND)
    slack.weather.add(faults.reset(), "chat.postMessage")
    sender = make_sender(ours=ours)
    first = letter(card())
    first = type(first)(first.key, first.kind, ours.now(), first.incident, first.text, first.message)
    wire = sender.wire(first, Thread())
    assert isinstance(await sender.send(wire), Ambiguous)
    # Long enough for what is new on Slack's clock to be older than the margin.
    clock.advance(1000)
    ours.advance(1000)
    assert isinstance(await sender.find(first, wire), Sent)


async def test_a_clock_put_right_in_between_hides_no_letter(
    sender: SlackSender, slack: FakeSlack, letter: Letter, clock: HandClock
) -> None:
    slack.weather.add(faults.reset(), "chat.postMessage")
    first = letter(card())
    early = type(first)(first.key, first.kind, first.at + 3600 * SECOND, first.incident, first.text, first.message)
    wire = sender.wire(early, Thread())
    assert isinstance(await sender.send(wire), Ambiguous)
    clock.advance(20)
    assert isinstance(await sender.find(early, wire), Sent)


async def test_somebody_elses_message_is_not_taken_for_ours(
    sender: SlackSender, slack: FakeSlack, letter: Letter
) -> None:
    first, second = letter(card()), letter(card())
    await sender.send(sender.wire(first, Thread()))
    message = slack.books.top()[0]
    assert await sender.find(second, sender.wire(second, Thread())) == Absent()
    message.metadata = {"event_type": "other_app", "event_payload": {"key": second.key}}
    assert await sender.find(second, sender.wire(second, Thread())) == Absent()
    message.metadata = {"event_type": "cockpit_update", "event_payload": {"key": second.key}}
    assert isinstance(await sender.find(second, sender.wire(second, Thread())), Sent)


@pytest.mark.parametrize(
    "body",
    ['{"ok":true,"messages":null}', '{"ok":true,"messages":[7,{},{"metadata":[]},{"metadata":{"event_payload":1}}]}'],
)
async def test_a_history_of_another_shape_breaks_nothing(
    sender: SlackSender, slack: FakeSlack, letter: Letter, body: str
) -> None:
    slack.weather.add(faults.Fault(name="odd", answer=faults.Answer(200, body)), "conversations.history")
    first = letter(card())
    assert await sender.find(first, sender.wire(first, Thread())) == Absent()
