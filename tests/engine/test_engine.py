"""A whole engine in this process, seen from its socket."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from cockpit.clock import SystemClock
from cockpit.config.load import parse
from cockpit.config.model import Config
from cockpit.engine.board import Board
from cockpit.engine.core import Act
from cockpit.engine.engine import Engine
from cockpit.execution.record import OUTPUT
from cockpit.incident.event import WATCH, Draft
from cockpit.incident.runs import AttemptUnknown, RunStarted
from cockpit.incident.vocabulary import (
    Figures,
    IncidentDeclared,
    NoteAdded,
    ProbeChanged,
)
from cockpit.journal.store import Journal
from cockpit.platform.places import Places
from cockpit.protocol.client import Client
from cockpit.protocol.commands import Declare, Note, Redact, Resolve, Update
from cockpit.protocol.messages import Do, FetchRows, Rows
from cockpit.protocol.views import Row, SeenBeforeView, ServicesView
from cockpit.review import brought
from tests.review.importing.reading import imported

CONFIG = """\
version: 1
services:
  - name: web
    probes:
      - name: front
        url: "http://127.0.0.1:{port}/"
        interval: 50ms
        failures: 1
        successes: 1
        headers: {{authorization: {{env: FRONT_TOKEN}}}}
"""
TOKEN = "swordfish-blue"
RUN = RunStarted(run="r", runbook="b", title="Mend it", digest="d", source="", path="p", steps=())


class Service:
    """Answers 200, or 500 while it is not well."""

    def __init__(self) -> None:
        self.well = True
        self.port = 0

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        status = b"200 OK" if self.well else b"500 Oops"
        writer.write(b"HTTP/1.1 " + status + b"\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        await writer.drain()
        writer.close()


@pytest.fixture
async def service() -> AsyncIterator[Service]:
    made = Service()
    server = await asyncio.start_server(made.answer, "127.0.0.1", 0)
    made.port = server.sockets[0].getsockname()[1]
    async with server:
        yield made


@pytest.fixture(autouse=True)
def token(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FRONT_TOKEN", TOKEN)


@asynccontextmanager
async def _opened(home: Path, port: int) -> AsyncIterator[tuple[Places, Engine]]:
    places = Places(home)
    places.make()
    config = parse(CONFIG.format(port=port), "config.yaml", Config)
    engine = await Engine.open(
        places, config, SystemClock(), profile="test", config_path="", drill="", shutdown=lambda: None
    )
    async with asyncio.timeout(20):
        try:
            yield places, engine
        finally:
            await engine.close()


@asynccontextmanager
async def _engine(home: Path, port: int) -> AsyncIterator[Places]:
    async with _opened(home, port) as (places, engine):
        await engine.start()
        yield places


async def _rows_until(client: Client, words: str) -> list[tuple[str, int]]:
    """The rows told up to the one with these words."""
    told: list[tuple[str, int]] = []
    async for message in client.messages():
        if isinstance(message, Rows):
            for row in message.rows:
                told.append((message.stream, row.seq))
                if words in row.text:
                    return told
    raise AssertionError(f"the engine never said {words}")


async def _asked(client: Client) -> tuple[Row, ...]:
    async for message in client.messages():
        if isinstance(message, Rows) and not message.live:
            return message.rows
    raise AssertionError("the engine went away")


async def _first_state(client: Client) -> str:
    async for message in client.messages():
        if isinstance(message, ServicesView):
            return message.services[0].state
    raise AssertionError("the engine went away")


async def test_what_happens_after_an_incident_is_told_and_every_row_once(tmp_path: Path, service: Service) -> None:
    async with _engine(tmp_path / "home", service.port) as places:
        client = await Client.connect(places.socket, actor="ada", panes=False, after=0)
        told = await _rows_until(client, "front UP")
        assert (await client.do(Declare(title="Logins fail", severity="SEV1"))).ok
        assert (await client.do(Resolve(override="a drill"))).ok
        service.well = False
        told += await _rows_until(client, "front DOWN")
        await client.close()
    assert len(set(told)) == len(told)
    assert [stream for stream, _ in told][-1] == "watch"
    for stream in ("watch", "INC-1"):
        numbers = [seq for name, seq in told if name == stream]
        assert numbers == list(range(1, len(numbers) + 1))


async def test_an_engine_started_after_an_incident_knows_how_it_left_the_probes(
    tmp_path: Path, service: Service
) -> None:
    async with _engine(tmp_path / "home", service.port) as places:
        client = await Client.connect(places.socket, actor="ada", panes=False, after=0)
        await _rows_until(client, "front UP")
        assert (await client.do(Declare(title="Logins fail", severity="SEV1"))).ok
        service.well = False
        await _rows_until(client, "front DOWN")
        assert (await client.do(Resolve(override="a drill"))).ok
        await client.close()
    async with _engine(tmp_path / "home", service.port) as places:
        client = await Client.connect(places.socket, actor="ada")
        assert await _first_state(client) == "down"
        await client.close()


async def test_a_turn_in_the_quiet_watch_looks_at_no_other_probe(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def looked(_board: Board, _now: int) -> Mapping[str, Figures]:
        raise AssertionError("the figures of every probe were computed")

    monkeypatch.setattr(Board, "figures", looked)
    async with _opened(tmp_path / "home", 9) as (_, engine):
        await engine._core.record(lambda _: [Draft(body=NoteAdded(text=f"it is {TOKEN}"), actor="ada")])
        (event,) = await engine._core.journal.read(WATCH)
        assert event.body == NoteAdded(text="it is [redacted]")


async def test_erasing_an_attempt_of_unknown_end_erases_its_output_too(tmp_path: Path, service: Service) -> None:
    places = Places(tmp_path / "home")
    places.make()
    lost = AttemptUnknown(run="r", step="s", attempt="a", why="its supervisor died")
    bodies = (IncidentDeclared(title="Logins fail", severity="SEV1"), RUN, lost)
    journal = await Journal.open(places.journal, clock=SystemClock(), host="here")
    await journal.append("INC-1", [Draft(body=body, actor="ada") for body in bodies])
    await journal.close()
    printed = places.attempts / "a" / OUTPUT
    printed.parent.mkdir(parents=True)
    printed.write_text("the password is swordfish")
    async with _engine(places.home, service.port):
        client = await Client.connect(places.socket, actor="ada", panes=False)
        refused = await client.do(Redact(stream="INC-1", seq=2, reason="why not"))
        assert (refused.ok, refused.refusal) == (False, "invalid")
        assert (await client.do(Redact(stream="INC-1", seq=3, reason="a password"))).ok
        assert not printed.exists()
        await client.send(FetchRows("INC-1", 3, 99))
        kinds = [(row.kind, row.erases) for row in await _asked(client)]
        assert kinds[0] == ("erased", 0) and ("redact", 3) in kinds
        await client.close()


async def test_a_secret_that_a_person_types_is_nowhere_on_the_disk(tmp_path: Path, service: Service) -> None:
    async with _engine(tmp_path / "home", service.port) as places:
        client = await Client.connect(places.socket, actor="ada", panes=False)
        assert (await client.do(Note(text=f"I tried {TOKEN} by hand"))).ok
        answer = await client.do(Declare(title=f"{TOKEN} is refused", severity="SEV1"))
        assert answer.text == "declared SEV1: [redacted] is refused"
        assert (await client.do(Update(know="x" * 490 + TOKEN))).ok
        await client.close()
    said = b"".join(path.read_bytes() for path in places.home.rglob("*") if path.is_file())
    assert b"[redacted]" in said and b"swordfish" not in said


async def test_what_turns_red_while_a_declaration_waits_for_its_turn_is_part_of_its_story(
    tmp_path: Path, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    down = ProbeChanged(probe="front", service="web", state="down", previous="up", since=1, verdict="refused")
    async with _opened(tmp_path, service.port) as (_, engine):
        core, asked = engine._core, asyncio.Event()
        declare = core.declare

        async def waiting(decide: Act) -> None:
            asked.set()
            await declare(decide)

        monkeypatch.setattr(core, "declare", waiting)
        do = Do("1", "", 0, Declare(title="It burns", severity="SEV1"))
        async with asyncio.TaskGroup() as tasks:
            async with core.turn:
                tasks.create_task(core.record(lambda _: [Draft(body=down, actor="cockpit")]))
                answer = tasks.create_task(engine._performer.perform(do, "ada"))
                await asked.wait()
        assert answer.result().ok
        assert [type(event.body) for event in await core.journal.read("INC-1")][:2] == [ProbeChanged, IncidentDeclared]


async def test_a_report_kept_from_elsewhere_is_among_what_was_seen_before(tmp_path: Path, service: Service) -> None:
    service.well = False
    notes = "- 10:52 front answers 500\n- 11:40 [resolved] all clear\n"
    brought.keep(imported(tmp_path, notes, date="2026-03-02", zone="UTC", id="old-front"), tmp_path / "home")
    async with _engine(tmp_path / "home", service.port) as places:
        client = await Client.connect(places.socket, actor="ana")
        assert (await client.do(Declare(title="It is red", severity="SEV2"))).ok
        (past,) = (await _recalled(client)).past
        await client.close()
    assert (past.incident, past.told, past.alike) == ("old-front", True, "it speaks of front")


async def _recalled(client: Client) -> SeenBeforeView:
    async for message in client.messages():
        if isinstance(message, SeenBeforeView) and message.past:
            return message
    raise AssertionError("the engine went away")
