"""A real Alertmanager: asked by the intake, silenced by it, and delivering to our listener."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import TypeVar

import aiohttp
import pytest

from cockpit.clock import SystemClock
from cockpit.config.fields import EnvReference
from cockpit.config.intake import AlertmanagerIntake, WebhookIntake
from cockpit.intake.make import make
from cockpit.intake.source import Found
from cockpit.probes.fetch import ask
from cockpit.probes.transport import ProbeTransport
from cockpit.tasks import TaskSet
from tests.real.servers import free_port, required

pytestmark = pytest.mark.real

T = TypeVar("T")
SECRET = "swordfish"
CONFIG = """\
route: {{receiver: cockpit, group_wait: 0s, group_interval: 1s, repeat_interval: 1h}}
receivers:
  - name: cockpit
    webhook_configs:
      - url: "http://127.0.0.1:{port}/alerts"
        send_resolved: true
        http_config:
          authorization: {{type: Bearer, credentials: "{secret}"}}
"""
LABELS = {"alertname": "LoginErrors", "severity": "page", "service": "auth"}


@asynccontextmanager
async def alertmanager(place: Path, hook: int) -> AsyncIterator[str]:
    """The address of one that is ready; it is ended by its process at the end."""
    program = required("prometheus-alertmanager", "prometheus-alertmanager")
    config = place / "alertmanager.yml"
    config.write_text(CONFIG.format(port=hook, secret=SECRET))
    url = f"127.0.0.1:{free_port()}"
    with (place / "log").open("wb") as log:
        process = await asyncio.create_subprocess_exec(
            program, f"--config.file={config}", f"--storage.path={place / 'data'}", f"--web.listen-address={url}",
            "--cluster.listen-address=", stdout=log, stderr=log,
        )  # fmt: skip
    try:
        async with aiohttp.ClientSession() as session:
            await until(lambda: ready(session, url), lambda good: good)
        yield f"http://{url}"
    finally:
        process.terminate()
        await process.wait()


async def ready(session: aiohttp.ClientSession, url: str) -> bool:
    try:
        async with session.get(f"http://{url}/-/ready") as answer:
            return answer.status == 200
    except aiohttp.ClientError:
        return False


async def until(look: Callable[[], Awaitable[T]], good: Callable[[T], bool]) -> T:
    for _ in range(400):
        if good(found := await look()):
            return found
        await asyncio.sleep(0.05)
    raise TimeoutError("it never came to be so")


async def raised(url: str, ended: str = "") -> None:
    alert = {
        "labels": LABELS, "annotations": {"summary": "Logins fail"}, "startsAt": "2025-11-20T10:40:00Z",
        "generatorURL": "http://prom.test/graph",
    } | ({"endsAt": ended} if ended else {})  # fmt: skip
    async with aiohttp.ClientSession() as session, session.post(f"{url}/api/v2/alerts", json=[alert]) as answer:
        assert answer.status == 200, await answer.text()


async def test_from_the_first_alarm_over_a_silence_to_its_end(tmp_path: Path) -> None:
    port, delivered, tasks = free_port(), asyncio.Queue[Found](), TaskSet()
    async with asyncio.timeout(20), alertmanager(tmp_path, port) as url:
        (prom,), (listener,) = make(
            [
                AlertmanagerIntake(type="alertmanager", name="prom", url=url, settle=0.0, filter=('service="auth"',)),
                WebhookIntake(
                    type="webhook", name="hook", listen=f"127.0.0.1:{port}", bearer=EnvReference(env="HOOK")
                ),
            ],
            partial(ask, ProbeTransport()), lambda value: SECRET, SystemClock(),
        )  # fmt: skip
        tasks.spawn(listener.run(delivered.put_nowait), "hook")
        await listener.listening.wait()
        assert await prom.look() == Found(whole=True)

        await raised(url)
        (alert,) = (await until(prom.look, lambda found: bool(found.alerts))).alerts
        assert (alert.title, alert.severity, alert.service, alert.state) == ("Logins fail", "page", "auth", "firing")
        (told,) = (await delivered.get()).alerts
        assert told.alert.partition(":")[2] == alert.alert.partition(":")[2], "both know it by its fingerprint"
        assert (told.title, told.started) == (alert.title, alert.started)

        await prom.act(alert.alert, "snooze", 5, "ada")
        found = await until(prom.look, lambda found: found.alerts[0].state == "snoozed")
        assert found.whole and found.alerts[0].alert == alert.alert
        async with aiohttp.ClientSession() as session, session.get(f"{url}/api/v2/silences") as answer:
            (silence,) = await answer.json()
        assert silence["createdBy"] == "ada" and len(silence["matchers"]) == len(LABELS)
        async with aiohttp.ClientSession() as session:
            async with session.delete(f"{url}/api/v2/silence/{silence['id']}") as answer:
                assert answer.status == 200

        await raised(url, "2025-11-20T10:46:00Z")
        assert await until(prom.look, lambda found: not found.alerts) == Found(whole=True)
        over = await until(delivered.get, lambda found: bool(found.ended))
        assert (over.ended[0].alert, over.ended[0].title) == (told.alert, "Logins fail")
        await tasks.close()


async def test_one_that_has_just_started_ends_nothing(tmp_path: Path) -> None:
    async with asyncio.timeout(20), alertmanager(tmp_path, free_port()) as url:
        config = AlertmanagerIntake(type="alertmanager", name="prom", url=url)
        ((prom,), _) = make([config], partial(ask, ProbeTransport()), str, SystemClock())
        assert await prom.look() == Found()
