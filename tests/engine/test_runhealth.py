"""Whether all got worse since a step, on the screen of a whole engine."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

from cockpit.protocol import commands
from cockpit.protocol.views import ServicesView
from tests.chaos.harness import Endpoint, Sight, World, sight, until

ENV = {"PATH": os.defpath}


async def test_what_falls_after_a_step_is_told_with_its_rollback_until_the_incident_is_over(tmp_path: Path) -> None:
    endpoint = Endpoint()
    server = await asyncio.start_server(endpoint.answer, "127.0.0.1", 0)
    endpoint.port = server.sockets[0].getsockname()[1]
    world = World(tmp_path, tmp_path / "home", url=endpoint.url, steps=["one"], then="true")
    try:
        async with sight(world) as seen:
            await until(lambda: _front(seen) == "up")
            for command in (commands.Declare(title="It is red", severity="SEV2"), commands.StartRun(runbook="ledger")):
                assert (await seen.client.do(command)).ok
            await until(lambda: seen.run.offers)
            offer = seen.run.offers[0]
            confirm = commands.Confirm(run=seen.run.run, step=offer.step, digest=offer.digest, env=ENV)
            assert (await seen.client.do(confirm)).ok
            await until(lambda: seen.run.steps[0].word == "ok")
            assert (seen.run.health, seen.run.health_tone) == ("", "plain")
            server.close()
            await until(lambda: seen.run.health)
            assert seen.run.health.startswith("worse since step 1 (Write one into the ledger): web-front DOWN since ")
            assert "; rollback ready: " in seen.run.health
            assert seen.run.health_tone == "bad"
            assert (await seen.client.do(commands.Resolve(override="a test"))).ok
            await until(lambda: not seen.run.health)
    finally:
        server.close()
        await world.end()


def _front(seen: Sight) -> str:
    services = seen.latest(ServicesView)
    return services.services[0].state if services is not None and services.services else ""
