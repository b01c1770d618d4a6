"""An engine that is not there, and the login-flag drill as it stands at 10:58."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest
from textual.pilot import Pilot

from cockpit.protocol.client import NoEngine, Told
from cockpit.protocol.commands import AnyCommand
from cockpit.protocol.messages import (
    VERSION,
    Answer,
    Fetch,
    FetchCard,
    FetchChanges,
    FetchPreview,
    FetchRows,
    FetchRunbooks,
    Rows,
    Runbooks,
    Shutdown,
    Welcome,
    Wind,
)
from cockpit.protocol.views import (
    FAILED,
    AlertsView,
    AlertView,
    BroadcastView,
    CardView,
    ChangesView,
    ChangeView,
    FactView,
    HeaderView,
    JobView,
    LinkView,
    Offer,
    Option,
    OutputView,
    Pane,
    PeopleView,
    PersonView,
    PreviewView,
    Row,
    RunbookView,
    RunView,
    ServicesView,
    ServiceView,
    StepView,
    Tone,
)
from cockpit.text import SafeText
from cockpit.tui.app import CockpitApp
from cockpit.tui.calm import TROUBLE
from cockpit.tui.screens.modal import Modal

S = SafeText
STREAM = "INC-7"


def at(hour: int, minute: int, second: int = 0) -> int:
    return int(datetime(2026, 3, 4, hour, minute, second, tzinfo=UTC).timestamp()) * 1_000_000


NOW = at(10, 58, 40)

STORY: tuple[tuple[int, str, str, Tone, str], ...] = (
    (at(10, 41, 2), "engine.started", "the cockpit watches 6 probes", "muted", "cockpit"),
    (
        at(10, 47, 11),
        "change.seen",
        "config 4711  features.onboarding_revamp  on in prod, not reviewed",
        "act",
        "dev-3",
    ),
    (at(10, 50, 3), "probe.changed", "login-synthetic DOWN  errors 0.2 % to 79.6 %", "bad", "cockpit"),
    (at(10, 50, 20), "probe.changed", "auth-api degraded  errors 5.4 %, p95 0.8 s", "warn", "cockpit"),
    (at(10, 52, 8), "note.added", "Auth API failure rate above 5 % (alertmanager)", "plain", "alertmanager"),
    (at(10, 53, 30), "incident.declared", "SEV1  Logins fail for about 80 %", "act", "ada"),
    (at(10, 53, 36), "role.taken", "ada leads", "plain", "ada"),
    (
        at(10, 54, 10),
        "update.posted",
        "first update: 80 % of logins fail since 10:50; checkout is not affected",
        "plain",
        "ada",
    ),
    (at(10, 54, 12), "update.delivered", "delivered to #incidents after 2 s", "good", "cockpit"),
    (at(10, 54, 41), "run.started", "Roll back the login flag", "plain", "ada"),
    (at(10, 55, 2), "attempt.finished", "configctl revert 4711  ok in 1.2 s", "good", "ada"),
    (at(10, 58, 5), "verify.finished", "NO EFFECT  errors 79.6 % to 79.4 % after 3 m", "warn", "cockpit"),
    (at(10, 58, 9), "update.posted", "the rollback had no effect; next: compare the environments", "plain", "cockpit"),
    (at(10, 58, 20), "attempt.started", "configctl envdiff staging prod", "plain", "ada"),
)


def mid_incident() -> tuple[Pane, ...]:
    """Every view at 10:58:40: the rollback had no effect, and the environments are being compared."""
    header = HeaderView(
        stream=STREAM,
        head=len(STORY),
        open=True,
        profile=S("drill"),
        title=S("Logins fail for about 80 % of people"),
        severity="SEV1",
        status="mitigating",
        lead=S("ada"),
        began=at(10, 50),
        next_due=at(11, 4, 52),
        delivery=S("chat ok 31 s ago"),
        delivery_tone="good",
        drill=S("login-flag"),
    )
    bad = (
        1,
        1,
        2,
        1,
        1,
        2,
        1,
        FAILED,
        FAILED,
        FAILED,
        FAILED,
        7,
        FAILED,
        FAILED,
        FAILED,
        6,
        FAILED,
        FAILED,
        FAILED,
        FAILED,
    )
    worse = (1, 2, 1, 1, 1, 2, 2, 4, 5, 5, 4, 6, 5, 5, FAILED, 5, 4, 5, 6, 5)
    calm = (1, 1, 2, 1, 1, 1, 2, 1, 1, 1, 1, 2, 1, 1, 1, 1, 1, 2, 1, 1)
    services = (
        _service(
            "login-synthetic",
            "down",
            at(10, 50, 3),
            "3 of 3: HTTP 500 in 41 ms from 127.0.0.1: the app, not load",
            error_rate=0.796,
            p50_ms=41,
            p95_ms=1900,
            spark=bad,
            suspect=S("3 min before the first bad sample: config #4711, unreviewed"),
        ),
        _service(
            "auth-api",
            "degraded",
            at(10, 50, 20),
            "5.4 % of requests fail, more than 5 %",
            error_rate=0.054,
            p50_ms=120,
            p95_ms=810,
            spark=worse,
        ),
        _service(
            "search", "up", at(9, 12), "no sample since 10:56", stale=True, checked=at(10, 56, 30), p50_ms=30, p95_ms=71
        ),
        _service("auth-healthz", "up", at(8, 1), "200 in 8 ms", error_rate=0.0, p50_ms=8, p95_ms=12, spark=calm),
        _service("checkout", "up", at(8, 1), "200 in 44 ms", error_rate=0.002, p50_ms=44, p95_ms=90, spark=calm),
        _service("payments", "up", at(8, 1), "200 in 20 ms", error_rate=0.0, p50_ms=20, p95_ms=38, spark=calm),
    )
    return (header, ServicesView(services), run_view(), output_view(), broadcast_view(), people_view(), alerts_view())


def _service(name: str, state: str, since: int, verdict: str, **more: object) -> ServiceView:
    fields = {
        "probe": S(name),
        "service": S("auth"),
        "state": state,
        "since": since,
        "checked": NOW,
        "interval": 5.0,
        "stale": False,
        "verdict": S(verdict),
    }
    return msgspec.convert({**fields, **more}, ServiceView, dec_hook=lambda _, raw: S(raw))


REVERT = Offer(
    action="run",
    step="restore.override",
    title=S("Remove the override and redeploy auth"),
    command=S("svcctl redeploy auth --without USER_ONBOARDING_BETA"),
    consequence=S("auth in production is deployed again without the variable; logins pause for about 10 s"),
    undo=S("svcctl redeploy auth --with USER_ONBOARDING_BETA"),
    digest="d1",
    env=("COCKPIT_DRILL_URL", "NOT_SET_HERE"),
)
UNDO = Offer(
    action="undo",
    step="restore.revert",
    title=S("Revert config 4711"),
    command=S("configctl apply 4711"),
    consequence=S("config 4711 is applied again"),
    digest="d2",
)
DESTRUCTIVE = Offer(
    action="run",
    step="drop",
    title=S("Drop the sessions"),
    command=S("sessionctl drop --all"),
    digest="d3",
    consequence=S("everybody is logged out"),
    typed=S("drop"),
)
STOP = Offer(
    action="stop", step="restore.look", title=S("Compare"), attempt="a2", command=S("configctl envdiff staging prod")
)
SKIP = Offer(action="skip", step="restore.override", title=S("Remove the override"))
DONE = Offer(action="done", step="announce", title=S("Say in the channel that logins fail"))
SETTLE = Offer(action="settle", step="restore.revert", attempt="a1", title=S("Revert config 4711"))
CHOOSE = Offer(
    action="choose",
    step="which",
    title=S("Which way?"),
    options=(Option("back", S("Roll back")), Option("on", S("Go forward with a fix"))),
)
END = Offer(action="end", title=S("Roll back the login flag"))


def run_view(*offers: Offer) -> RunView:
    steps = (
        StepView("announce", "1", S("Say in the channel that logins fail and who leads"), S("done"), "good", "read"),
        StepView(
            "restore.revert",
            "2a",
            S("Revert config 4711"),
            S("NO EFFECT"),
            "warn",
            "write",
            words=S("ok in 1.2 s, then: errors 79.6 % to 79.4 % after 3 m"),
            undo=S("configctl apply 4711"),
        ),
        StepView(
            "restore.override",
            "2b",
            S("Remove the override and redeploy auth"),
            S("look"),
            "act",
            "write",
            active=True,
            command=S("configctl envdiff staging prod"),
            since=at(10, 58, 36),
            undo=S("svcctl redeploy auth --with USER_ONBOARDING_BETA"),
        ),
        StepView(
            "watch", "3", S("Watch the recovery for 15 minutes without a bad sample"), S("to come"), "muted", "read"
        ),
    )
    return RunView(
        "run1",
        S("Roll back the login flag"),
        steps=steps,
        undo_depth=1,
        attempt="a2",
        printed="restore.override",
        offers=offers or (REVERT, UNDO, SKIP),
    )


def output_view() -> OutputView:
    return OutputView(
        "a2",
        171,
        S(
            "comparing staging and prod ...\n"
            "  SESSION_TTL            staging=3600   prod=3600\n"
            "  USER_ONBOARDING_BETA   staging=true   prod=<unset>\n"
            "  FEATURE_4711           staging=off    prod=off\n"
            "1 difference\n"
        ),
    )


def broadcast_view() -> BroadcastView:
    preview = (
        "SEV1  Logins fail for about 80 % of people  -  mitigating\n"
        "Needed: ada, ops-2. Everybody else: no need to join, follow here.\n"
        "\n"
        "Know: 80 % of logins fail since 10:50. Checkout and payments are not affected.\n"
        "Doing: the rollback of config 4711 had no effect; comparing the environments.\n"
        "Next update by 11:04 UTC."
    )
    return BroadcastView(
        S(preview),
        S("#incidents"),
        queued=0,
        posted=4,
        delivered_at=at(10, 58, 9),
        next_due=at(11, 4, 52),
        draft_know=S("80 % of logins fail since 10:50."),
        draft_doing=S("Comparing staging and prod."),
        draft_unknown=S("Why the rollback had no effect."),
    )


def alerts_view() -> AlertsView:
    """One that is loud and can only be snoozed, one that somebody has, one that is over."""
    return AlertsView(
        (
            AlertView(
                "a1",
                S("alertmanager"),
                S("Auth API failure rate above 5 %"),
                "firing",
                S("critical"),
                S("auth"),
                at(10, 41, 2),
                at(10, 52, 8),
                link=S("https://alerts.test/#/alerts?filter=auth"),
                detail=S("5.4 % of requests fail"),
                actions=("snooze",),
            ),
            AlertView(
                "a2",
                S("pager"),
                S("Login synthetic is failing"),
                "acknowledged",
                S("P1"),
                S("auth"),
                at(10, 50),
                at(10, 50, 2),
                who=S("ada"),
                actions=("acknowledge", "escalate"),
            ),
            AlertView("a3", S("pager"), S("Disk 80 % full"), "over", S("P3"), S("db"), at(9, 1), at(9, 2), at(9, 30)),
        )
    )


def card_view() -> CardView:
    """All about login-synthetic."""
    return CardView(
        S("login-synthetic"),
        S("Login"),
        "down",
        S("team auth"),
        (S("page auth-oncall"), S("then the head of platform")),
        (
            LinkView(S("dashboard"), S("https://graphs.test/d/auth/login?from=now-1h&to=now&var-env=prod&" + "x" * 60)),
            LinkView(S("logs"), S("https://logs.test/auth")),
            LinkView(S("repository"), S("")),
        ),
        S("3 of 3: HTTP 500 in 41 ms from 127.0.0.1: the app, not load"),
        S("errors on every lane: not the network, not one host"),
        (
            FactView(S("connect"), S("4 ms to 10.0.3.7")),
            FactView(S("first byte"), S("40 ms"), "warn"),
            FactView(S("certificate"), S("ends in 61 d")),
        ),
        (S("config 4711 by dev-3, 3 m before, not reviewed"), S("deploy checkout 2.1.9, 20 m before")),
        (S("config 4711 reverted: no effect"),),
    )


def changes_view() -> ChangesView:
    """Two jobs about to change something, three changes made, one source that does not answer."""
    return ChangesView(
        (
            ChangeView(
                "c1",
                at(10, 47, 11),
                S("features.onboarding_revamp on in prod"),
                S("configstore"),
                S("auth"),
                S("dev-3"),
                False,
                S("https://config.test/4711"),
                S("configctl revert 4711"),
                S("errors 0.2 % to 79.6 % within 3 m"),
                True,
            ),
            ChangeView("c2", at(10, 30), S("deploy checkout 2.1.9"), S("ci"), S("checkout"), S("bot"), True),
            ChangeView("c3", at(9, 2), S("terraform apply network"), S("terraform"), S("net"), S("ops-2")),
        ),
        (
            JobView(
                "ci",
                "77",
                S("deploy auth 3.2.0"),
                "running",
                at(10, 57),
                S("dev-9"),
                S("https://ci.test/77"),
                S("make deploy ENV=prod"),
            ),
            JobView("tf", "8", S("terraform apply dns"), "waiting", at(10, 50), S("ops-1")),
        ),
        (S("jenkins: no answer in 5 s"),),
    )


def people_view() -> PeopleView:
    return PeopleView(
        (
            PersonView(S("ada"), S("leads"), True),
            PersonView(S("ops-2"), S("knows the auth deploy"), True),
            PersonView(S("dev-3"), S("config reverted"), False),
        )
    )


RUNBOOKS = Runbooks(
    (
        RunbookView(
            "login-flag", S("Roll back the login flag"), S("auth"), S("/etc/cockpit/login-flag.yaml"), "aa11", True
        ),
        RunbookView(
            "new",
            S("Fail the database over"),
            S("db"),
            S("/etc/cockpit/new.yaml"),
            "bb22",
            False,
            source=tuple(S(f"      line {number} of it") for number in range(1, 61)),
        ),
        RunbookView("broken", S("Drain a zone"), S("edge"), S("/x.yaml"), "cc33", False, (S("line 3: no such step"),)),
    )
)


@dataclass
class FakeClient:
    """A connection whose engine is the test."""

    welcome: Welcome
    rows: tuple[Row, ...]
    commands: list[tuple[AnyCommand, tuple[str, int] | None]] = field(default_factory=list)
    ids: list[str] = field(default_factory=list)
    sent: list[Fetch | Wind | Shutdown] = field(default_factory=list)
    cards: dict[str, CardView] = field(default_factory=lambda: {"login-synthetic": card_view()})
    changes: ChangesView = field(default_factory=lambda: changes_view())
    preview: PreviewView = PreviewView()
    runbooks: Runbooks = field(default_factory=lambda: RUNBOOKS)
    answers: list[Answer | ConnectionError] = field(default_factory=list)
    told: asyncio.Queue[Told | None] = field(default_factory=asyncio.Queue)

    async def messages(self) -> AsyncIterator[Told]:
        while (message := await self.told.get()) is not None:
            yield message

    async def do(self, command: AnyCommand, decided_on: tuple[str, int] | None = None, command_id: str = "") -> Answer:
        self.commands.append((command, decided_on))
        self.ids.append(command_id)
        answer = self.answers.pop(0) if self.answers else Answer(command_id, True, S("done"))
        if isinstance(answer, ConnectionError):
            raise answer
        return answer

    async def send(self, message: Fetch | Wind | Shutdown) -> None:
        self.sent.append(message)
        if isinstance(message, FetchRows):
            wanted = [row for row in self.rows if message.first <= row.seq <= message.last]
            self.tell(Rows(message.stream, tuple(wanted)))
        elif isinstance(message, FetchRunbooks):
            self.tell(self.runbooks)
        elif isinstance(message, FetchCard):
            self.tell(self.cards.get(message.probe, CardView(S(message.probe), S(""), "unknown")))
        elif isinstance(message, FetchChanges):
            self.tell(self.changes)
        elif isinstance(message, FetchPreview):
            self.tell(self.preview)

    async def close(self) -> None:
        self.tell(None)

    def tell(self, *messages: Told | None) -> None:
        for message in messages:
            self.told.put_nowait(message)


class HandClock:
    """Monotonic seconds, moved by the test."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


@dataclass
class World:
    """The engine, the clock and the app of one test."""

    client: FakeClient
    app: CockpitApp
    clock: HandClock
    asleep: HandClock
    connects: int = 0
    refuse: bool = False


def story_rows() -> tuple[Row, ...]:
    return tuple(
        Row(n, when, S(kind), S(text), tone, S(who)) for n, (when, kind, text, tone, who) in enumerate(STORY, 1)
    )


def welcome(version: int = VERSION) -> Welcome:
    return Welcome(version, "0.1", 1, "drill", "config.yaml", STREAM, len(STORY), NOW, 1.0)


def make_world(
    *views: Pane,
    hints: bool = False,
    read_only: bool = False,
    version: int = VERSION,
    runbooks: tuple[RunbookView, ...] = RUNBOOKS.runbooks,
) -> World:
    """An app on a fake engine that tells these views, or the mid-incident ones; its clocks move by hand."""
    client = FakeClient(welcome(version), story_rows(), runbooks=Runbooks(runbooks))
    client.tell(*(views or mid_incident()))

    async def connect() -> FakeClient:
        if world.refuse:
            raise NoEngine("no engine answers")
        world.connects += 1
        if world.connects > 1:
            client.told = asyncio.Queue()
            client.tell(*(views or mid_incident()))
        return client

    clock, asleep = HandClock(), HandClock()
    app = CockpitApp(connect, actor="ada", hints=hints, read_only=read_only, monotonic=clock, asleep=asleep)
    world = World(client, app, clock, asleep)
    return world


class Stage:
    """A running app and what it takes to play it."""

    def __init__(self, world: World, pilot: Pilot[None]) -> None:
        self.world = world
        self.pilot = pilot
        self.app = world.app

    async def until(self, condition: Callable[[], bool]) -> None:
        for _ in range(400):
            if condition():
                return
            await self.pilot.pause(0.01)
        raise AssertionError(f"it never came to that; the screen:\n{self.text}")

    async def press(self, *keys: str) -> None:
        """Keys as an unhurried person presses them."""
        for key in keys:
            self.world.clock.seconds += 1
            await self.pilot.press(key)

    async def type(self, text: str) -> None:
        await self.pilot.press(*("space" if char == " " else char for char in text))

    @property
    def text(self) -> str:
        strips = self.app.screen._compositor.render_strips()
        return "\n".join("".join(segment.text for segment in strip) for strip in strips)

    @property
    def commands(self) -> list[tuple[AnyCommand, tuple[str, int] | None]]:
        return self.world.client.commands

    async def sees(self, text: str) -> None:
        await self.until(lambda: text in self.text)

    async def still(self) -> None:
        """Until nothing on the screen changes any more: views, rows and sizes come one after the other."""
        looks = [self.text]
        while len(looks) < 5 or len(set(looks[-5:])) > 1:
            await self.pilot.pause(0.01)
            looks.append(self.text)

    async def sent(self, *commands: AnyCommand) -> None:
        await self.until(lambda: len(self.commands) >= len(commands))
        assert [command for command, _ in self.commands] == list(commands)

    async def closed(self) -> None:
        await self.until(lambda: not isinstance(self.app.screen, Modal))


Play = Callable[..., AbstractAsyncContextManager[Stage]]


@pytest.fixture
def play(new_world: Callable[..., World]) -> Play:
    """Starts the app, and sees to it that nothing stumbled by the end."""

    @asynccontextmanager
    async def play(*views: Pane, size: tuple[int, int] = (120, 40), **more: Any) -> AsyncIterator[Stage]:
        world = new_world(*views, **more)
        async with world.app.run_test(size=size, notifications=True) as pilot:
            stage = Stage(world, pilot)
            await stage.until(lambda: bool(world.app.frame.header.stream))
            await pilot.pause()
            yield stage
            assert not [each for each in world.app._notifications if each.title == TROUBLE]

    return play


@pytest.fixture
def offering(play: Play, mid_incident: Callable[..., tuple[Pane, ...]]) -> Play:
    """The same with other offers."""
    return lambda *offers, **more: play(*mid_incident(*offers), **more)


@pytest.fixture
def new_stage() -> Callable[..., Stage]:
    return Stage


@pytest.fixture
def new_world() -> Callable[..., World]:
    return make_world


@pytest.fixture(name="mid_incident")
def mid_incident_fixture() -> Callable[..., tuple[Pane, ...]]:
    """The views at 10:58, with other offers where some are given."""

    def views(*offers: Offer) -> tuple[Pane, ...]:
        return tuple(run_view(*offers) if isinstance(view, RunView) else view for view in mid_incident())

    return views


@pytest.fixture
def leaderless() -> tuple[Pane, ...]:
    """The same views while nobody leads."""
    header, *others = mid_incident()
    return (msgspec.structs.replace(header, lead=S("")), *others)


@pytest.fixture
def offers() -> dict[str, Offer]:
    return {
        "run": REVERT,
        "undo": UNDO,
        "destructive": DESTRUCTIVE,
        "stop": STOP,
        "skip": SKIP,
        "done": DONE,
        "settle": SETTLE,
        "choose": CHOOSE,
        "end": END,
    }


@pytest.fixture
def world_parts() -> tuple[tuple[Row, ...], Welcome, Runbooks]:
    """The rows, the welcome and the runbooks of the mid-incident engine."""
    return story_rows(), welcome(), RUNBOOKS


@pytest.fixture
def answers() -> tuple[CardView, ChangesView]:
    """The card of login-synthetic, and the changes."""
    return card_view(), changes_view()
