"""What an expert would try on the whole way from an event to the channel: the real outbox against a fake Slack."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from cockpit.broadcast import breaker
from cockpit.broadcast.senders.slack import SlackSender
from cockpit.clock import SECOND, DrillClock
from cockpit.config.broadcasting import Cadence, SlackDestination
from cockpit.config.fields import EnvReference
from cockpit.engine import carrying
from cockpit.engine.carrying import Pace
from cockpit.engine.core import Core
from cockpit.engine.following import Publishing, Surroundings, follow
from cockpit.engine.posting import Poster
from cockpit.incident.attendance import PersonNeeded
from cockpit.incident.event import WATCH, Body, Draft
from cockpit.incident.fold import State
from cockpit.incident.vocabulary import ImpactChanged, IncidentDeclared, IncidentResolved, StatusChanged
from cockpit.journal.store import Answered, Journal, Letter
from cockpit.runbooks.moment import Moment
from cockpit.tasks import TaskSet
from cockpit.text import Redactor
from tests.slack import faults
from tests.slack.server import FakeSlack
from tests.slack.workspace import BOT_USER, CHANNEL, FULL, SECOND_CHANNEL, Message

TEN = 1_763_719_200 * SECOND
IDENTIFIED = StatusChanged(status="identified", why="a bad release")
MITIGATING = StatusChanged(status="mitigating", why="rolling back")
MONITORING = StatusChanged(status="monitoring", why="it went down")


class Clock(DrillClock):
    """Runs twenty times as fast, and can be set."""

    def __init__(self) -> None:
        super().__init__(20.0, 0)
        self.ahead = TEN - super().now()

    def now(self) -> int:
        return super().now() + self.ahead


class Cockpit:
    """An engine's worth of state, letters and poster."""

    def __init__(self, slack: FakeSlack, journal: Journal, clock: Clock, latest: State | None, spare: bool) -> None:
        self.slack, self.journal, self.clock = slack, journal, clock
        places = {"ops": CHANNEL} | ({"second": SECOND_CHANNEL} if spare else {})
        fallbacks: Mapping[str, Sequence[str]] = {"ops": ("second",)} if spare else {}
        senders = {
            name: SlackSender(
                SlackDestination(kind="slack", name=name, channel=channel, token=EnvReference(env="T"), api=slack.api),
                FULL, {"ada": "U0ADA"}, environ={}, clock=clock, deadline=0.5,
            )
            for name, channel in places.items()
        }  # fmt: skip
        takes = {name: sender.takes for name, sender in senders.items()}
        self._publishing = Publishing(takes, ("ops",), 300.0)
        self.core = Core(journal, clock, self._follow, State(stream=WATCH), latest)
        self.poster = Poster(self.core, senders, clock, Pace(floor=0.0, late_arrival=0.1), fallbacks)

    def _follow(self, state: State, drafts: Sequence[Draft]) -> tuple[Sequence[Draft], Sequence[Letter]]:
        around = Surroundings(
            moment=Moment(self.clock.now()), new_id=uuid4().hex[:12], plans={}, cadence=Cadence(),
            publishing=self._publishing, redact=Redactor(["hunter2"]),
        )  # fmt: skip
        return follow(state, drafts, around)

    async def declare(self, title: str = "Logins fail") -> None:
        said = [Draft(body=IncidentDeclared(title=title, severity="SEV1"), actor="ada")]
        await self.core.declare(lambda _: (said, Answered(uuid4().hex, b"")))

    async def happens(self, *bodies: Body) -> None:
        """One after the other."""
        for body in bodies:
            await self.happens_at_once(body)

    async def happens_at_once(self, *bodies: Body) -> None:
        said = [Draft(body=body, actor="ada") for body in bodies]
        await self.core.act(lambda _: (said, Answered(uuid4().hex, b"")))

    async def until(self, so: Callable[[], bool]) -> None:
        async with asyncio.timeout(20):
            while not so():  # noqa: ASYNC110 - what is waited for is within the fake
                await asyncio.sleep(0.01)

    async def told(self) -> None:
        """Nothing waits any more."""
        async with asyncio.timeout(20):
            while await self.journal.letters({"pending", "sending", "ambiguous"}):  # noqa: ASYNC110
                await asyncio.sleep(0.01)

    @property
    def card(self) -> Message:
        """The only card there is."""
        (found,) = [each for each in self.slack.books.top() if "card" in each.key]
        return found

    def thread(self) -> list[str]:
        return [each.text for each in self.slack.books.thread(self.card.ts)]


@pytest.fixture(autouse=True)
def _soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(breaker, "FIRST_PROBE", 0.05)
    monkeypatch.setattr(carrying, "LONGEST_NAP", 0.02)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def slack(clock: Clock) -> AsyncIterator[FakeSlack]:
    async with FakeSlack(clock=clock) as fake:
        yield fake


@asynccontextmanager
async def running(
    place: Path, slack: FakeSlack, clock: Clock, latest: str = "", *, spare: bool = False
) -> AsyncIterator[Cockpit]:
    journal = await Journal.open(place / "journal.sqlite", clock=clock, host="here")
    tasks = TaskSet()
    try:
        cockpit = Cockpit(slack, journal, clock, await journal.load(latest) if latest else None, spare)
        tasks.spawn(cockpit.poster.run(), "poster")
        yield cockpit
    finally:
        await tasks.close()
        await journal.close()


@pytest.fixture
async def cockpit(tmp_path: Path, slack: FakeSlack, clock: Clock) -> AsyncIterator[Cockpit]:
    async with running(tmp_path, slack, clock) as made:
        yield made


@pytest.fixture
async def with_spare(tmp_path: Path, slack: FakeSlack, clock: Clock) -> AsyncIterator[Cockpit]:
    async with running(tmp_path, slack, clock, spare=True) as made:
        yield made


def once(slack: FakeSlack) -> bool:
    """Nothing is there twice, and nothing stands outside of its thread."""
    return not slack.books.twice() and not slack.books.strays()


@pytest.mark.parametrize("fault", [faults.reset(), faults.truncated(), faults.bad_json(), faults.broken(commit=True),
                                   faults.error("fatal_error", commit=True), faults.reset(commit=False)],
                         ids=lambda fault: f"{fault.name} {fault.commit}")  # fmt: skip
async def test_an_answer_that_is_lost_after_the_commit_tells_nobody_twice(
    cockpit: Cockpit, fault: faults.Fault
) -> None:
    cockpit.slack.weather.add(fault, "chat.postMessage", times=1)
    cockpit.slack.weather.add(fault, "chat.postMessage", skip=1, times=1)
    await cockpit.declare()
    await cockpit.happens(IDENTIFIED)
    await cockpit.told()
    assert once(cockpit.slack) and len(cockpit.thread()) == 2


@pytest.mark.parametrize("commit", [True, False])
async def test_quitting_in_the_middle_of_a_post_tells_nobody_twice_and_loses_nothing(
    tmp_path: Path, slack: FakeSlack, clock: Clock, commit: bool
) -> None:
    slack.weather.add(faults.stall(commit=commit), "chat.postMessage", times=1)
    async with running(tmp_path, slack, clock) as first:
        await first.declare()
        await first.until(lambda: bool(slack.books.called("chat.postMessage")))
        if commit:
            await first.until(lambda: bool(slack.books.top()))
    async with running(tmp_path, slack, clock, "INC-1") as second:
        await second.told()
        assert once(slack) and len(second.thread()) == 1


async def test_two_cockpits_in_one_channel_leave_each_others_messages_alone(
    tmp_path: Path, slack: FakeSlack, clock: Clock
) -> None:
    async with AsyncExitStack() as stack:
        places = [tmp_path / "one", tmp_path / "two"]
        for place in places:
            place.mkdir()
        one, two = [await stack.enter_async_context(running(place, slack, clock)) for place in places]
        slack.weather.add(faults.reset(), "chat.postMessage", times=2)
        await asyncio.gather(one.declare("Logins fail"), two.declare("Search is slow"))
        await asyncio.gather(one.happens(IDENTIFIED), two.happens(MITIGATING))
        await asyncio.gather(one.told(), two.told())
        cards = [each for each in slack.books.top() if "card" in each.key]
        assert sorted("Search" in str(each.blocks) for each in cards) == [False, True]
        for card in cards:
            wanted, other = (
                ("mitigating", "identified") if "Search" in str(card.blocks) else ("identified", "mitigating")
            )
            said = " ".join(each.text for each in slack.books.thread(card.ts))
            assert wanted in said and other not in said
        assert once(slack)


async def test_a_root_that_is_deleted_between_update_and_resolve(cockpit: Cockpit) -> None:
    await cockpit.declare()
    await cockpit.told()
    first = cockpit.card
    first.deleted = True
    await cockpit.happens(IncidentResolved(note="rolled back"))
    await cockpit.told()
    assert cockpit.card.ts != first.ts and "Resolved" in str(cockpit.card.blocks)
    assert any("rolled back" in text for text in cockpit.thread())
    assert not cockpit.slack.books.strays()


async def test_a_channel_that_is_archived_between_update_and_resolve(with_spare: Cockpit) -> None:
    await with_spare.declare()
    await with_spare.told()
    with_spare.slack.space.channels[CHANNEL].archived = True
    await with_spare.happens(IncidentResolved(note="rolled back"))
    await with_spare.until(lambda: any("rolled back" in text for text in with_spare.slack.books.texts(SECOND_CHANNEL)))
    assert with_spare.poster.alarms[0].startswith("ops is refused (Slack: is_archived")


async def test_an_edit_window_that_has_closed(cockpit: Cockpit) -> None:
    cockpit.slack.space.rules.edit_window = 0.0
    await cockpit.declare()
    await cockpit.told()
    first = cockpit.card
    await cockpit.happens(IncidentResolved(note="rolled back"))
    await cockpit.told()
    last = cockpit.slack.books.top()[-1]
    assert last.ts != first.ts and "Resolved" in str(last.blocks)
    assert any("rolled back" in text for text in cockpit.slack.books.texts())


async def test_a_bot_that_is_removed_from_the_channel(with_spare: Cockpit) -> None:
    await with_spare.declare()
    await with_spare.told()
    with_spare.slack.space.channels[CHANNEL].members.discard(BOT_USER)
    await with_spare.happens(IDENTIFIED)
    await with_spare.until(lambda: any("identified" in text for text in with_spare.slack.books.texts(SECOND_CHANNEL)))
    assert "invite the app" in with_spare.poster.alarms[0]


@pytest.mark.parametrize("code", ["token_revoked", "account_inactive", "invalid_auth"])
async def test_a_token_that_is_revoked_in_mid_incident(with_spare: Cockpit, code: str) -> None:
    await with_spare.declare()
    await with_spare.told()
    with_spare.slack.space.tokens[FULL].refused = code
    await with_spare.happens(IDENTIFIED)
    # The spare has the same token: nobody can be told, which is said, and the state has changed all the same.
    await with_spare.until(lambda: any("NOBODY IS TOLD" in alarm for alarm in with_spare.poster.alarms))
    assert code in " ".join(with_spare.poster.alarms) and FULL not in " ".join(with_spare.poster.alarms)
    assert with_spare.core.shown.lifecycle.status == "identified"


async def test_429_on_the_root_while_replies_queue(cockpit: Cockpit) -> None:
    cockpit.slack.weather.add(faults.too_many("1"), "chat.postMessage", times=1)
    await cockpit.declare()
    await cockpit.happens(IDENTIFIED, PersonNeeded(person="ada", reason="the database"), MITIGATING)
    await cockpit.told()
    assert "card" in cockpit.slack.books.everything()[0].key
    said = " ".join(cockpit.thread())
    assert re.search("declared.*identified.*needed.*mitigating", said, re.DOTALL)
    assert once(cockpit.slack)


async def test_a_resolve_queued_behind_stale_updates_is_the_last_word(cockpit: Cockpit) -> None:
    await cockpit.declare()
    await cockpit.told()
    await cockpit.slack.down()
    await cockpit.happens(IDENTIFIED, MITIGATING, MONITORING)
    await cockpit.until(lambda: cockpit.core.shown.telling.standings["ops"].state == "unreachable"
                        if "ops" in cockpit.core.shown.telling.standings else False)  # fmt: skip
    await cockpit.happens(IncidentResolved(note="rolled back"))
    await cockpit.slack.up()
    await cockpit.told()
    opened, caught_up, resolved = cockpit.thread()
    assert "3 updates while Ops was unreachable" in caught_up
    assert "rolled back" in resolved and "Resolved" in str(cockpit.card.blocks)
    assert once(cockpit.slack)


async def test_what_breaks_again_after_a_resolve_has_a_card_of_its_own(cockpit: Cockpit) -> None:
    await cockpit.declare()
    await cockpit.happens(IncidentResolved(note="rolled back"))
    await cockpit.told()
    first = cockpit.card
    await cockpit.declare("Logins fail again")
    await cockpit.happens(IDENTIFIED)
    await cockpit.told()
    before, after = [each for each in cockpit.slack.books.top() if "card" in each.key]
    assert before.ts == first.ts and "Resolved" in str(before.blocks)
    assert "again" in str(after.blocks) and "Identified" in str(after.blocks)
    assert any("identified" in each.text for each in cockpit.slack.books.thread(after.ts))


async def test_a_laptop_that_slept_says_how_late_it_is_and_promises_anew(cockpit: Cockpit) -> None:
    await cockpit.declare()
    await cockpit.told()
    await cockpit.slack.down()
    await cockpit.happens(IDENTIFIED)
    await cockpit.until(lambda: "ops" in cockpit.core.shown.telling.standings)
    cockpit.clock.ahead += 2 * 3600 * SECOND
    await cockpit.slack.up()
    await cockpit.told()
    late = cockpit.thread()[-1]
    assert re.search(
        r"delivered 2\S* \S*.*late, written 10:\d\d UTC", str(cockpit.slack.books.thread(cockpit.card.ts)[-1])
    )
    assert "identified" in late and "Next update by 10:" not in late


async def test_a_clock_that_jumps_back_delays_and_doubles_nothing(cockpit: Cockpit) -> None:
    await cockpit.declare()
    await cockpit.told()
    cockpit.slack.weather.add(faults.reset(commit=False), "chat.postMessage", times=1)
    await cockpit.happens(IDENTIFIED)
    await cockpit.until(lambda: len(cockpit.slack.books.called("chat.postMessage")) >= 3)
    cockpit.clock.ahead -= 3600 * SECOND
    await cockpit.told()
    assert once(cockpit.slack) and len(cockpit.thread()) == 2


def marked(blocks: Any) -> list[str]:
    """The texts in which Slack looks for its own marks."""
    if isinstance(blocks, list):
        return [text for each in blocks for text in marked(each)]
    if not isinstance(blocks, dict):
        return []
    own = [str(blocks["text"])] if blocks.get("type") == "mrkdwn" else []
    return own + [text for each in blocks.values() for text in marked(each)]


TITLES = {
    "a mention": "Logins fail <!channel> <@U0EVE> @here",
    "entities": "Logins &lt;fail&gt; &amp;amp;",
    "backticks": "Logins ```fail``` *all* _of_ ~them~",
    "line ends": "Logins\n\nfail\r\n> quoted",
    "right to left": "Logins \u202eliaf\u202c \u05d0\u05d1",
    "150 emoji": "\U0001f468\u200d\U0001f469\u200d\U0001f467" * 150,
    "control characters": "Logins\x1b[31m fail\x00\x07",
    "a secret": "Logins fail hunter2 xoxb-1234567890-abcdef",
    "a long link": "see https://example.com/" + "a" * 4000,
    "ampersands": "&" * 3000,
}


@pytest.mark.parametrize("title", TITLES.values(), ids=TITLES)
async def test_a_title_of_any_kind_makes_messages_that_slack_takes_whole(cockpit: Cockpit, title: str) -> None:
    await cockpit.declare(title)
    await cockpit.happens(ImpactChanged(impact=title), StatusChanged(status="identified", why=title))
    await cockpit.told()
    shown = [text for each in cockpit.slack.books.everything() for text in (each.text, *marked(each.blocks))]
    assert len(shown) > 10 and cockpit.card
    for text in shown:
        assert not re.search(r"<!(channel|here|everyone)|<@U0EVE", text)
        assert not {"\x1b", "\x00", "\u202e"} & set(text)
        assert "hunter2" not in text and "xoxb-" not in text
        assert not re.search(r"&(?!amp;|lt;|gt;)", text)
    # Refused once for its form, it would have been sent again as text alone.
    assert all(call.outcome == "ok" for call in cockpit.slack.books.calls)


async def test_empty_impact_and_nobody_who_leads(cockpit: Cockpit) -> None:
    await cockpit.declare()
    await cockpit.told()
    assert "Lead: nobody yet" in str(cockpit.card.blocks) or "nobody yet" in str(cockpit.card.blocks)
    assert all(call.outcome == "ok" for call in cockpit.slack.books.calls)


async def test_sixty_responders(cockpit: Cockpit) -> None:
    await cockpit.declare()
    await cockpit.happens_at_once(*(PersonNeeded(person=f"person-{number:02}") for number in range(60)))
    await cockpit.told()
    assert all(call.outcome == "ok" for call in cockpit.slack.books.calls)
    assert "person-00" in str(cockpit.card.blocks)


async def test_a_captive_portal_in_the_way_holds_everything_back_and_loses_nothing(cockpit: Cockpit) -> None:
    cockpit.slack.weather.add(faults.captive_portal(), "*", times=4)
    await cockpit.declare()
    await cockpit.happens(IDENTIFIED)
    await cockpit.told()
    assert once(cockpit.slack)
    said = " ".join(cockpit.thread())
    assert "declared" in said and "identified" in said
