"""The simulator in this process: instances, the published freeze, and what a facilitator does to the world."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx
import pytest

from cockpit.clock import SECOND, DrillClock
from cockpit.drills import answers
from cockpit.drills.model.scenario import Scenario
from cockpit.drills.published import PublishedFreeze
from cockpit.drills.simulator import LOOPBACK, Simulator, serving
from cockpit.freeze.document import Document
from cockpit.freeze.signing import encoded
from tests.drills.small import made

T0 = 1_800_000_000 * SECOND
KEY = "k" * 20
STILL = 0.000001
"""So slow that the clock stands where it is put."""


def clock(second: float) -> DrillClock:
    return DrillClock(STILL, T0 + int(second * SECOND))


def document(state: str, since: float) -> bytes:
    frozen = state == "frozen"
    return encoded(
        Document(
            profile="drill", state="frozen" if frozen else "open", scope=("ci",) if frozen else (), reason="", by="ada",
            until=0, serial=T0 + int(since * SECOND), published_at=T0 + int(since * SECOND),
            valid_until=T0 + 86_400 * SECOND,
        ),
        KEY,
    )  # fmt: skip


JOBS = (
    {"at": 60.0, "when": {"cockpit.freeze": "none"}, "sets": {"a.x": "1"}},
    {"at": 120.0, "when": {"cockpit.freeze": "none"}, "sets": {"a.y": "1"}},
)


async def state(scenario: Scenario, second: float, freeze: PublishedFreeze | None = None) -> dict[str, Any]:
    async with serving(Simulator(scenario, clock(second), T0, freeze), []) as (port, _), httpx.AsyncClient() as client:
        return dict((await client.get(f"http://{LOOPBACK}:{port}/sim/state")).json())


@pytest.mark.parametrize(
    ("state_word", "since", "key", "xy"),
    [
        ("frozen", 30, KEY, ("0", "0")),
        ("frozen", 90, KEY, ("1", "0")),
        ("open", 30, KEY, ("1", "1")),
        ("frozen", 30, "another" * 3, ("1", "1")),
    ],
)
async def test_pipelines_stop_from_the_moment_of_the_freeze(
    tmp_path: Path, state_word: str, since: float, key: str, xy: tuple[str, str]
) -> None:
    file = tmp_path / "freeze.json"
    file.write_bytes(document(state_word, since))
    scenario = made(faults=JOBS)
    seen = (await state(scenario, 130, PublishedFreeze(file, ("ci",), (key,))))["variables"]
    assert (seen["a.x"], seen["a.y"]) == xy


async def test_without_a_document_nothing_is_frozen(tmp_path: Path) -> None:
    seen = await state(made(faults=JOBS), 130, PublishedFreeze(tmp_path / "none.json", (), ()))
    assert (seen["variables"]["a.x"], seen["variables"]["cockpit.freeze"]) == ("1", "none")


async def test_other_scopes_are_not_held_up(tmp_path: Path) -> None:
    file = tmp_path / "freeze.json"
    file.write_bytes(document("frozen", 30))
    seen = await state(made(faults=JOBS), 130, PublishedFreeze(file, ("flags",), (KEY,)))
    assert seen["variables"]["a.x"] == "1"


async def test_each_instance_has_an_address_that_answers_for_it_alone() -> None:
    scenario = made(
        services=({"name": "b", "instances": ("1", "2"), "each": {"pool": "ok"}},
                  {"name": "a", "state": {"x": "0"}}),
        faults=({"at": 10.0, "sets": {"b/2.pool": "full"}},),
        endpoints=(
            {"path": "/ready", "service": "b", "rules": ({"when": {"self.pool": "full"}, "status": 503}, {})},
            {"path": "/a", "rules": ({"text": "hello"},)},
        ),
    )  # fmt: skip
    simulator = Simulator(scenario, clock(20), T0)
    async with serving(simulator, answers.lanes(scenario)) as (port, lanes), httpx.AsyncClient() as client:
        seen = [(await client.get(f"http://{LOOPBACK}:{at}/ready")).status_code for at in lanes.values()]
        assert seen == [200, 503]
        assert (await client.get(f"http://{LOOPBACK}:{lanes['b', '1']}/a")).status_code == 404
        page = await client.get(f"http://{LOOPBACK}:{port}/a")
        assert (page.text, page.headers["content-type"].partition(";")[0]) == ("hello", "text/html")
        assert (await client.post(f"http://{LOOPBACK}:{port}/sim/chat")).status_code == 503


async def test_a_facilitator_changes_the_world_and_an_expert_is_called() -> None:
    expert = {"name": "dba", "after": 0.0, "knows": "the pool", "away": "away", "fact": "invented"}
    simulator = Simulator(made(experts=(expert,)), clock(20), T0)
    async with serving(simulator, []) as (port, _), httpx.AsyncClient(base_url=f"http://{LOOPBACK}:{port}") as client:
        word = {"source": "executive", "text": "well?", "fact": "invented"}
        told = {"sets": {"a.x": "9"}, "adds": {"a.g": 2}, "says": word}
        assert (await client.post("/sim/effect", json=told)).status_code == 200
        assert (await client.post("/sim/call", json={"name": "dba"})).status_code == 200
        seen = (await client.get("/sim/state")).json()
        assert (seen["variables"]["a.x"], seen["gauges"]["a.g"]) == ("9", 2)
        assert [word["text"] for word in seen["words"]] == ["well?", "the pool"]
        for strange in ({"sets": {"a.q": "1"}}, {"sets": 3}, {"says": {"text": "x"}}):
            assert (await client.post("/sim/effect", json=strange)).status_code == 400
        assert (await client.post("/sim/call", json={})).status_code == 400
