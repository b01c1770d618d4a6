"""What people press, pin and ask in a Slack that is not real: taken in once, answered, and never obeyed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from cockpit.broadcast.compose import card
from cockpit.broadcast.slack.blocks import payload
from cockpit.broadcast.slack.ears import Ear
from cockpit.broadcast.slack.room import Room
from cockpit.broadcast.slack.socket_mode import SocketMode
from cockpit.broadcast.slack.web import Web
from cockpit.clock import SystemClock
from cockpit.config.load import parse
from cockpit.config.templates import Templates
from cockpit.engine.core import Core
from cockpit.engine.listening import Listening
from cockpit.engine.recording import Recorder
from cockpit.incident.attendance import HelpOffered, PersonNeeded, PresenceDeclared
from cockpit.incident.event import WATCH, Body, Draft, Event
from cockpit.incident.fold import State
from cockpit.incident.vocabulary import ImpactChanged, IncidentDeclared, IncidentResolved, NoteAdded
from cockpit.journal.store import Answered, Journal, Letter
from cockpit.tasks import TaskSet
from cockpit.text import Redactor
from tests.slack import faults
from tests.slack.blocks import faults as faults_of
from tests.slack.server import FakeSlack
from tests.slack.sockets import Envelope
from tests.slack.workspace import APP_LEVEL, CHANNEL, FULL, SECOND_CHANNEL, WRITE_ONLY, Message

CLOCK = SystemClock()
WORDS = parse("card: [{lines: [Page 7 of the handbook.]}]", "words.yaml", Templates)


def _answered() -> Answered:
    return Answered(uuid4().hex, b"")


def _alone(state: State, drafts: Sequence[Draft]) -> tuple[Sequence[Draft], Sequence[Letter]]:
    return drafts, ()


class Bench:
    """A fake Slack, a core with a journal, and the listening between them."""

    def __init__(self, slack: FakeSlack, core: Core, listening: Listening, journal: Journal) -> None:
        self.slack, self.core, self.listening, self.journal = slack, core, listening, journal

    async def until(self, so: Callable[[], bool]) -> None:
        """Wait for what the state, or the fake Slack, says soon."""
        waker = self.core.waker()
        async with asyncio.timeout(20):
            while not so():
                waker.clear()
                try:
                    async with asyncio.timeout(0.02):
                        await waker.wait()
                except TimeoutError:
                    pass
        self.core.forget(waker)

    async def happens(self, *bodies: Body) -> None:
        """Record that at the cockpit itself."""
        await self.core.act(lambda _: ([Draft(body=body, actor="ada") for body in bodies], _answered()))

    async def declare(self, title: str = "Logins <!here> fail") -> str:
        body = IncidentDeclared(title=title, severity="SEV1")
        await self.core.declare(lambda _: ([Draft(body=body, actor="ada")], _answered()))
        return self.core.shown.stream

    async def card(self) -> Message:
        """The card of the incident, as the cockpit would post it."""
        made = payload(card(self.core.shown, CLOCK.now()), listening=True)
        assert not faults_of(made["blocks"])
        message = Message(ts="", channel="", text="card", blocks=made["blocks"])
        return self.slack.space.post(message, self.slack.space.channels[CHANNEL], CLOCK.now())

    async def click(self, user: str, message: Message, button: str = "help") -> Envelope:
        return await self.slack.people.click(user, message.ts, f"cockpit.{button}")

    async def events(self, stream: str = "") -> list[Event]:
        return list(await self.journal.read(stream or self.core.shown.stream))

    async def said(self, kind: type[Body]) -> list[Any]:
        return [event.body for event in await self.events() if isinstance(event.body, kind)]

    @property
    def whispers(self) -> list[tuple[str, str]]:
        """Whom the fake Slack told something alone, and what."""
        return [(each.user, each.text) for each in self.slack.books.space.ephemerals]


@asynccontextmanager
async def bench_at(
    place: Path, slack: FakeSlack, bot: str = FULL, app: str = APP_LEVEL, latest: str = ""
) -> AsyncIterator[Bench]:
    journal = await Journal.open(place, clock=CLOCK, host="here")
    tasks = TaskSet()
    try:
        known = await journal.load(latest) if latest else None
        core = Core(journal, CLOCK, _alone, await journal.load(WATCH), known)
        recorder = Recorder(core)
        line = SocketMode("slack", app, slack.api, {}, CLOCK, within=2.0, again=0.02, ping=0.2)
        ear = Ear(line, {CHANNEL: Room(Web(bot, slack.api, {}, CLOCK, 2.0))})
        listening = Listening(
            core, recorder, [ear], {"ada": "U0ADA"}, lambda now: {}, CLOCK, Redactor(["swordfish"]), WORDS,
            patience=(0.01,),
        )  # fmt: skip
        tasks.spawn(recorder.run(), "recorder")
        listening.start(tasks)
        yield Bench(slack, core, listening, journal)
    finally:
        await tasks.close()
        await journal.close()


@pytest.fixture
async def slack() -> AsyncIterator[FakeSlack]:
    async with FakeSlack() as fake:
        yield fake


@pytest.fixture
async def bench(tmp_path: Path, slack: FakeSlack) -> AsyncIterator[Bench]:
    async with bench_at(tmp_path / "journal.sqlite", slack) as made:
        await slack.sockets.connected.wait()
        await made.declare()
        yield made


async def test_a_press_is_acknowledged_noted_and_answered_to_whoever_pressed(bench: Bench) -> None:
    told = await bench.click("U0EVE", await bench.card())
    await bench.until(lambda: bool(bench.whispers))
    assert await bench.said(HelpOffered) == [HelpOffered(person="eve", user="U0EVE")]
    ((user, words),) = bench.whispers
    assert user == "U0EVE" and "your offer for INC-1 is noted" in words
    assert told.acks == [None]


@pytest.mark.parametrize(("button", "presence"), [("away", "away"), ("follow", "following")])
async def test_not_needed_and_follow_say_where_somebody_stands(bench: Bench, button: str, presence: Any) -> None:
    await bench.click("U0ADA", await bench.card(), button)
    await bench.until(lambda: bool(bench.whispers))
    assert await bench.said(PresenceDeclared) == [PresenceDeclared(person="ada", presence=presence, user="U0ADA")]


async def test_a_redelivered_envelope_is_taken_in_once(bench: Bench) -> None:
    told = await bench.click("U0EVE", await bench.card())
    await bench.until(lambda: bool(bench.whispers))
    for _ in range(3):
        await bench.slack.sockets.redeliver(told)
    await bench.until(lambda: len(told.acks) == 4)
    # What came later was taken in, so nothing of the others is still on its way.
    await bench.click("U0BEN", await bench.card())
    await bench.until(lambda: len(bench.whispers) == 2)
    assert [body.person for body in await bench.said(HelpOffered)] == ["eve", "ben"]
    assert [user for user, _ in bench.whispers] == ["U0EVE", "U0BEN"]


async def test_an_envelope_redelivered_after_a_restart_is_taken_in_once(tmp_path: Path, slack: FakeSlack) -> None:
    place = tmp_path / "journal.sqlite"
    async with bench_at(place, slack) as first:
        await slack.sockets.connected.wait()
        stream = await first.declare()
        told = await first.click("U0EVE", await first.card())
        await first.until(lambda: bool(first.whispers))
    async with bench_at(place, slack, latest=stream) as second:
        await slack.sockets.connected.wait()
        await slack.sockets.redeliver(told)
        await second.until(lambda: len(second.whispers) == 2)
        assert len(await second.said(HelpOffered)) == 1
        assert "already" in second.whispers[1][1]


async def test_a_double_click_is_one_offer_and_answered_twice(bench: Bench) -> None:
    message = await bench.card()
    await bench.click("U0EVE", message)
    await bench.click("U0EVE", message)
    await bench.until(lambda: len(bench.whispers) == 2)
    assert len(await bench.said(HelpOffered)) == 1
    assert "is noted already" in bench.whispers[1][1]


async def test_a_click_from_a_non_responder_is_an_offer_and_makes_nobody_needed(bench: Bench) -> None:
    bench.slack.space.people["U0STRANGER"] = "stranger"
    bench.slack.space.channels[CHANNEL].members.add("U0STRANGER")
    await bench.click("U0STRANGER", await bench.card())
    await bench.until(lambda: bool(bench.whispers))
    roster = bench.core.shown.roster
    assert "stranger" in roster.offers and not roster.needed and not roster.roles


async def test_sixty_responders_click_at_once(bench: Bench) -> None:
    message = await bench.card()
    people = [f"U0P{number:02}" for number in range(60)]
    bench.slack.space.people |= {user: f"person{user[3:]}" for user in people}
    bench.slack.space.channels[CHANNEL].members.update(people)
    for user in people:
        await bench.click(user, message)
    await bench.until(lambda: len(bench.whispers) == 60)
    assert len(await bench.said(HelpOffered)) == 60
    assert {user for user, _ in bench.whispers} == set(people)


async def test_a_click_on_the_card_of_a_resolved_incident_is_answered_so(bench: Bench) -> None:
    message = await bench.card()
    await bench.happens(IncidentResolved())
    before = await bench.events("INC-1")
    await bench.click("U0EVE", message)
    await bench.until(lambda: bool(bench.whispers))
    assert "INC-1 is resolved" in bench.whispers[0][1]
    assert await bench.events("INC-1") == before and not await bench.events(WATCH)


async def test_a_click_on_the_card_of_an_earlier_incident_is_answered_so(bench: Bench) -> None:
    message = await bench.card()
    await bench.happens(IncidentResolved())
    await bench.declare("Search is slow")
    await bench.click("U0EVE", message)
    await bench.until(lambda: bool(bench.whispers))
    assert "it follows INC-2 now" in bench.whispers[0][1]
    assert not await bench.said(HelpOffered)


async def test_one_who_is_needed_and_clicks_not_needed_is_told_that_they_are_asked_for(bench: Bench) -> None:
    await bench.happens(PersonNeeded(person="ada", reason="database"))
    await bench.click("U0ADA", await bench.card(), "away")
    await bench.until(lambda: bool(bench.whispers))
    assert "You are still asked for (database)" in bench.whispers[0][1]


async def test_a_pushpin_puts_a_message_on_the_timeline_with_its_author_link_and_time(bench: Bench) -> None:
    message = await bench.slack.people.say(
        "U0BEN", "disk of db-1 is full, see <https://graph.test/x|graph> &amp; <@U0ADA>"
    )
    await bench.slack.people.react("U0EVE", message.ts)
    await bench.until(lambda: bench.core.shown.seq == 2)
    (event,) = [each for each in await bench.events() if isinstance(each.body, NoteAdded)]
    assert isinstance(event.body, NoteAdded)
    assert event.body.text == "disk of db-1 is full, see graph (https://graph.test/x) & @ada"
    assert event.body.source.startswith("ben, http") and message.ts.replace(".", "") in event.body.source
    assert event.actor == "eve"
    assert event.occurred_at == int(message.ts.replace(".", "")) <= event.recorded_at


async def test_a_pushpin_added_removed_and_repeated_is_one_note(bench: Bench) -> None:
    first = await bench.slack.people.say("U0BEN", "the first")
    await bench.slack.people.react("U0EVE", first.ts)
    await bench.slack.people.unreact("U0EVE", first.ts)
    again = await bench.slack.people.react("U0EVE", first.ts)
    await bench.slack.sockets.redeliver(again)
    await bench.slack.people.react("U0ADA", first.ts)
    last = await bench.slack.people.say("U0BEN", "the last")
    await bench.slack.people.react("U0EVE", last.ts)
    await bench.until(lambda: bench.core.shown.seq == 3)
    assert [note.text for note in await bench.said(NoteAdded)] == ["the first", "the last"]


async def test_a_pushpin_repeated_after_a_restart_is_one_note(tmp_path: Path, slack: FakeSlack) -> None:
    place = tmp_path / "journal.sqlite"
    async with bench_at(place, slack) as first:
        await slack.sockets.connected.wait()
        stream = await first.declare()
        message = await slack.people.say("U0BEN", "the first")
        await slack.people.react("U0EVE", message.ts)
        await first.until(lambda: first.core.shown.seq == 2)
    async with bench_at(place, slack, latest=stream) as second:
        await slack.sockets.connected.wait()
        await slack.people.react("U0ADA", message.ts)
        last = await slack.people.say("U0BEN", "the last")
        await slack.people.react("U0EVE", last.ts)
        await second.until(lambda: second.core.shown.seq == 3)
        assert [note.text for note in await second.said(NoteAdded)] == ["the first", "the last"]


async def test_a_pushpin_on_a_message_within_a_thread(bench: Bench) -> None:
    root = await bench.slack.people.say("U0BEN", "root")
    reply = await bench.slack.people.say("U0BEN", "within the thread", thread=root.ts)
    await bench.slack.people.react("U0EVE", reply.ts)
    await bench.until(lambda: bench.core.shown.seq == 2)
    assert [note.text for note in await bench.said(NoteAdded)] == ["within the thread"]


async def test_a_pushpin_while_no_incident_is_open_is_none(bench: Bench) -> None:
    message = await bench.slack.people.say("U0BEN", "too late")
    await bench.happens(IncidentResolved())
    told = await bench.slack.people.react("U0EVE", message.ts)
    await told.acked.wait()
    await bench.declare("Search is slow")
    later = await bench.slack.people.say("U0BEN", "in time")
    await bench.slack.people.react("U0EVE", later.ts)
    await bench.until(lambda: bench.core.shown.seq == 2)
    assert [note.text for note in await bench.said(NoteAdded)] == ["in time"]
    assert not await bench.events(WATCH)


async def test_a_pushpin_before_any_incident_is_none(tmp_path: Path, slack: FakeSlack) -> None:
    async with bench_at(tmp_path / "journal.sqlite", slack) as bench:
        await slack.sockets.connected.wait()
        message = await slack.people.say("U0BEN", "too early")
        await slack.people.react("U0EVE", message.ts)
        await slack.people.click("U0EVE", (await bench.card()).ts, "cockpit.help")
        await bench.until(lambda: bool(bench.whispers))
        assert not slack.books.called("conversations.replies") and not await bench.events(WATCH)


async def test_a_pushpin_that_the_token_may_not_read_is_noted_with_what_is_known(
    tmp_path: Path, slack: FakeSlack
) -> None:
    async with bench_at(tmp_path / "journal.sqlite", slack, bot=WRITE_ONLY) as bench:
        await slack.sockets.connected.wait()
        await bench.declare()
        message = await slack.people.say("U0ADA", "nobody may read this")
        await slack.people.react("U0EVE", message.ts)
        await bench.until(lambda: bench.core.shown.seq == 2)
        (note,) = await bench.said(NoteAdded)
        assert "could not be read" in note.text and "missing_scope" in note.text
        assert note.source.startswith("ada, http")
        (alarm,) = bench.listening.alarms
        assert alarm.startswith("pinned messages cannot be read: Slack: missing_scope")


async def test_a_pushpin_is_read_again_when_slack_fails_at_first(bench: Bench) -> None:
    bench.slack.weather.add(faults.broken(502), "conversations.replies")
    message = await bench.slack.people.say("U0BEN", "read the second time")
    await bench.slack.people.react("U0EVE", message.ts)
    await bench.until(lambda: bench.core.shown.seq == 2)
    assert [note.text for note in await bench.said(NoteAdded)] == ["read the second time"]
    assert not bench.listening.alarms


@pytest.mark.parametrize("words", ["status", "", "STATUS"])
async def test_status_is_answered_to_the_asker_alone_within_the_acknowledgement(bench: Bench, words: str) -> None:
    told = await bench.slack.people.command("U0EVE", words)
    await told.acked.wait()
    ((answer,),) = [told.acks]
    assert answer["response_type"] == "ephemeral"
    assert answer["text"].startswith("SEV1 - Logins &lt;!here&gt; fail - Investigating\nDo you need to act?")
    # It is the card, in the team's own words too.
    assert "Page 7 of the handbook." in answer["text"]
    assert not bench.slack.space.messages


async def test_status_while_no_incident_is_open(tmp_path: Path, slack: FakeSlack) -> None:
    async with bench_at(tmp_path / "journal.sqlite", slack):
        await slack.sockets.connected.wait()
        told = await slack.people.command("U0EVE", "status")
        await told.acked.wait()
        assert told.acks[0]["text"] == "No incident is open."


async def test_status_tells_no_secret(bench: Bench) -> None:
    await bench.happens(ImpactChanged(impact="swordfish leaked"))
    told = await bench.slack.people.command("U0EVE", "status")
    await told.acked.wait()
    assert "[redacted] leaked" in told.acks[0]["text"]


async def test_status_in_another_channel_tells_nothing(bench: Bench) -> None:
    told = await bench.slack.people.command("U0EVE", "status", channel=SECOND_CHANNEL)
    await told.acked.wait()
    assert "own channel alone" in told.acks[0]["text"] and "INC-1" not in told.acks[0]["text"]


@pytest.mark.parametrize("words", ["resolve", "run restart-db", "freeze all", "update all is well", "status; resolve"])
async def test_strangers_command_nothing(bench: Bench, words: str) -> None:
    before = await bench.events()
    told = await bench.slack.people.command("U0EVE", words)
    await told.acked.wait()
    assert "There is one word for this" in told.acks[0]["text"]
    assert await bench.events() == before and not await bench.events(WATCH)


async def test_another_channel_does_not_count(bench: Bench) -> None:
    made = payload(card(bench.core.shown, CLOCK.now()), listening=True)
    second = bench.slack.space.channels[SECOND_CHANNEL]
    message = bench.slack.space.post(
        Message(ts="", channel="", text="a copy", blocks=made["blocks"]), second, CLOCK.now()
    )
    press = await bench.slack.people.click("U0EVE", message.ts, "cockpit.help", channel=SECOND_CHANNEL)
    pin = await bench.slack.people.react("U0EVE", message.ts, channel=SECOND_CHANNEL)
    await press.acked.wait()
    await pin.acked.wait()
    await bench.click("U0BEN", await bench.card())
    await bench.until(lambda: bool(bench.whispers))
    assert [event.body.kind for event in await bench.events() if isinstance(event.body, Body)] == [
        "incident.declared", "help.offered",
    ]  # fmt: skip
    assert [user for user, _ in bench.whispers] == ["U0BEN"]


async def test_an_envelope_of_an_unknown_kind_is_acknowledged_and_does_nothing(bench: Bench) -> None:
    strange = await bench.slack.sockets.tell("hologram", {"type": "gesture"})
    shapeless = await bench.slack.sockets.tell("interactive", {"type": "block_actions", "actions": "none"})
    await strange.acked.wait()
    await shapeless.acked.wait()
    assert len(await bench.events()) == 1 and not bench.listening.alarms


async def test_hostile_text_is_harmless_on_the_timeline_and_in_the_answer(bench: Bench) -> None:
    bench.slack.space.people["U0EVE"] = "<!channel>\x1b[2J\u202e"
    hostile = "&lt;!channel&gt; \x1b]0;owned\x07 \u202e <script> token xoxb-1234567890-abc " + "A" * 9000
    message = await bench.slack.people.say("U0BEN", hostile)
    await bench.slack.people.react("U0EVE", message.ts)
    await bench.click("U0EVE", await bench.card())
    await bench.until(lambda: bench.core.shown.seq == 3 and bool(bench.whispers))
    (note,) = await bench.said(NoteAdded)
    (offer,) = await bench.said(HelpOffered)
    for text in (note.text, note.source, offer.person):
        assert not {"\x1b", "\u202e", "\x07"} & set(text)
    assert len(note.text) <= 4000
    assert "<!channel>" not in bench.whispers[0][1] and "&lt;!channel&gt;" in bench.whispers[0][1]


async def test_a_stranger_of_the_name_of_a_responder_is_not_taken_for_them(bench: Bench) -> None:
    bench.slack.space.people["U0EVE"] = "ada"
    await bench.click("U0EVE", await bench.card(), "away")
    await bench.until(lambda: bool(bench.whispers))
    assert set(bench.core.shown.roster.presence) == {"ada (U0EVE)"}


async def test_an_answer_that_cannot_be_delivered_loses_nothing(bench: Bench) -> None:
    bench.slack.weather.add(faults.error("user_not_in_channel"), "chat.postEphemeral")
    await bench.click("U0EVE", await bench.card())
    await bench.click("U0BEN", await bench.card())
    await bench.until(lambda: bool(bench.whispers))
    assert len(await bench.said(HelpOffered)) == 2 and not bench.listening.alarms


async def test_no_secret_is_whispered(bench: Bench) -> None:
    await bench.happens(PersonNeeded(person="eve", reason="knows swordfish"))
    bench.slack.space.people["U0EVE"] = "ada2"
    await bench.happens(PersonNeeded(person="ada", reason="knows swordfish"))
    await bench.click("U0ADA", await bench.card())
    await bench.until(lambda: bool(bench.whispers))
    assert "swordfish" not in bench.whispers[0][1] and "[redacted]" in bench.whispers[0][1]


async def test_unreachable_at_start_is_an_alarm_until_slack_is_there(tmp_path: Path, slack: FakeSlack) -> None:
    await slack.down()
    async with bench_at(tmp_path / "journal.sqlite", slack) as bench:
        await bench.until(lambda: bool(bench.listening.alarms))
        assert bench.listening.alarms[0].startswith(
            "slack: buttons and pushpins are not heard: Slack cannot be reached"
        )
        await bench.declare()
        await slack.up()
        await slack.sockets.connected.wait()
        await bench.until(lambda: not bench.listening.alarms)
        await bench.click("U0EVE", await bench.card())
        await bench.until(lambda: bool(bench.whispers))


@pytest.mark.parametrize("reason", ["refresh_requested", "warning"])
async def test_a_disconnect_frame_is_followed_by_another_line(bench: Bench, reason: str) -> None:
    await bench.slack.sockets.disconnect(reason)
    await bench.until(lambda: len(bench.slack.books.called("apps.connections.open")) == 2)
    await bench.until(lambda: bench.slack.sockets.links == 1)
    await bench.click("U0EVE", await bench.card())
    await bench.until(lambda: bool(bench.whispers))
    assert not bench.listening.alarms


async def test_a_line_that_breaks_is_followed_by_another(bench: Bench) -> None:
    await bench.slack.sockets.drop()
    await bench.until(lambda: len(bench.slack.books.called("apps.connections.open")) == 2)
    await bench.until(lambda: bench.slack.sockets.links == 1)
    await bench.click("U0EVE", await bench.card())
    await bench.until(lambda: bool(bench.whispers))


@pytest.mark.parametrize("code", ["invalid_auth", "token_revoked", "not_allowed_token_type", "missing_scope"])
async def test_an_app_token_that_no_longer_counts_is_an_alarm_that_names_it(bench: Bench, code: str) -> None:
    bench.slack.space.tokens[APP_LEVEL].refused = code
    await bench.slack.sockets.disconnect()
    await bench.until(lambda: bool(bench.listening.alarms))
    assert f"Slack: {code}" in bench.listening.alarms[0]
    bench.slack.space.tokens[APP_LEVEL].refused = ""
    await bench.until(lambda: not bench.listening.alarms)


@pytest.mark.parametrize("fault", [faults.captive_portal(), faults.plain(), faults.bad_json(), faults.truncated(),
                                   faults.broken(503, html=True), faults.reset(), faults.too_many("soon")],
                         ids=lambda fault: fault.name)  # fmt: skip
async def test_an_answer_that_is_no_answer_is_an_alarm_and_tried_again(
    tmp_path: Path, slack: FakeSlack, fault: faults.Fault
) -> None:
    slack.weather.add(fault, "apps.connections.open")
    async with bench_at(tmp_path / "journal.sqlite", slack) as bench:
        await bench.until(lambda: bool(bench.listening.alarms))
        await bench.until(lambda: not bench.listening.alarms)
        assert slack.sockets.links == 1


async def test_no_token_and_no_address_of_a_line_gets_into_the_log(
    tmp_path: Path, slack: FakeSlack, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    slack.weather.add(faults.error("token_revoked"), "apps.connections.open")
    async with bench_at(tmp_path / "journal.sqlite", slack) as bench:
        await slack.sockets.connected.wait()
        await bench.declare()
        await bench.click("U0EVE", await bench.card())
        await bench.until(lambda: bool(bench.whispers))
    assert APP_LEVEL not in caplog.text and FULL not in caplog.text and "ticket=" not in caplog.text
    assert "trigger_id" not in caplog.text
