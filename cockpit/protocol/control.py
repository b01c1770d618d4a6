"""Asking after an engine, and asking it to stop."""

from __future__ import annotations

import asyncio
import fcntl
import json
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

from cockpit.exits import Exit
from cockpit.moments import SECOND, iso, span
from cockpit.platform.places import Places
from cockpit.protocol.client import Client, NoEngine, TurnedAway
from cockpit.protocol.launch import EngineFailed
from cockpit.protocol.messages import Goodbye, Shutdown, pack
from cockpit.protocol.views import BroadcastView, HeaderView, ServicesView, ServiceView

PANES_DEADLINE = 5.0
"""Real seconds to wait for the first panes."""
NOBODY = (FileNotFoundError, NotADirectoryError, ConnectionRefusedError)
"""How a socket says that nobody serves it; anything else leaves it open."""
STOPPED_DEADLINE = 15.0
"""Real seconds in which an engine must have stopped."""


async def status(places: Places) -> dict[str, Any]:
    """What runs in these places and what it shows, as plain data; NoEngine when that cannot be told."""
    try:
        client = await Client.connect(places.socket, actor="status")
    except TurnedAway as away:
        return {"running": True, "problem": str(away)}
    except NoEngine as error:
        if isinstance(error.__cause__, NOBODY):
            return {"running": False}
        raise
    found: dict[str, Any] = {
        "running": True,
        "pid": client.welcome.pid,
        "program": client.welcome.program,
        "config": client.welcome.config,
        "journal": str(places.journal),
        "stream": client.welcome.stream,
        "events": client.welcome.head,
    }
    try:
        async with asyncio.timeout(PANES_DEADLINE):
            found |= await _panes(client)
    except TimeoutError:
        found["problem"] = "the engine is slow to answer"
    finally:
        await client.close()
    return found


async def _panes(client: Client) -> dict[str, Any]:
    found: dict[str, Any] = {}
    async for message in client.messages():
        match message:
            case HeaderView():
                found |= {
                    "incident": message.stream if message.severity else None,
                    "title": message.title,
                    "severity": message.severity,
                    "status": message.status,
                    "alarms": list(message.alarms),
                    "delivery": message.delivery,
                    "freeze": message.freeze,
                }
            case ServicesView(services=services):
                found["probes"] = {view.probe: "unknown" if view.stale else view.state for view in services}
                found["services"] = [_service(view, client.welcome.now) for view in services]
            case BroadcastView(queued=queued):
                return found | {"queued": queued}
            case Goodbye():
                break
            case _:
                pass
    return found


def _service(view: ServiceView, now: int) -> dict[str, Any]:
    """One lane as plain data: moments in RFC 3339, and beside every measurement how many seconds old it is."""
    return {
        "probe": view.probe,
        "service": view.service,
        "state": "unknown" if view.stale else view.state,
        "since": iso(view.since) if view.since else None,
        "overlay": view.overlay,
        "verdict": view.verdict,
        "diagnosis": view.diagnosis,
        "suspect": view.suspect,
        "error_rate": view.error_rate,
        "requests": view.requests,
        "p50_ms": view.p50_ms,
        "p95_ms": view.p95_ms,
        "checked_age": _age(view.checked, now),
        "data_age": _age(view.measured, now),
        "stale": view.stale,
    }


def _age(at: int, now: int) -> float | None:
    return round(max(0, now - at) / SECOND, 3) if at else None


def status_text(found: dict[str, Any], *, as_json: bool) -> str:
    """What `status` found, for programs or for people."""
    return json.dumps(found, ensure_ascii=False) if as_json else _sentence(found)


def stopped_text(stopped: bool, *, as_json: bool) -> str:
    """What came of `stop`, for programs or for people."""
    if as_json:
        return json.dumps({"stopped": stopped})
    return "stopped; running steps go on" if stopped else "no engine was running"


def _line(service: dict[str, Any]) -> str:
    age = "never looked" if service["checked_age"] is None else f"{span(service['checked_age'])} ago"
    overlay = "" if service["verdict"].startswith(service["overlay"]) else service["overlay"]
    words = (service["probe"], age, overlay, service["verdict"], service["diagnosis"])
    return f"{service['state'].upper():<9} {'  '.join(word for word in words if word)}"


def _sentence(found: dict[str, Any]) -> str:
    if not found["running"]:
        return "no engine runs for this profile"
    if "pid" not in found:
        return str(found["problem"])
    lines = [f"engine {found['program']} runs, pid {found['pid']}, config {found['config'] or 'none'}"]
    if found.get("incident"):
        lines.append(f"{found['incident']}  {found['severity']}  {found['title']}  {found['status']}")
    else:
        lines.append("no incident")
    lines += [_line(service) for service in found.get("services", ())]
    if found.get("freeze"):
        lines.append(f"FREEZE    {found['freeze']}")
    if found.get("delivery"):
        lines.append(f"updates   {found['delivery']}")
    lines += [f"ALARM     {alarm}" for alarm in found.get("alarms", ())]
    return "\n".join(lines)


async def config_of(places: Places) -> Path | None:
    """The config file that the engine in these places works by; None when none runs."""
    try:
        client = await Client.connect(places.socket, actor="status", panes=False)
    except TurnedAway as away:
        return Path(away.config) if away.config else None
    except NoEngine:
        return None
    await client.close()
    return Path(client.welcome.config) if client.welcome.config else None


async def stop(places: Places, by: str) -> bool:
    """Ask the engine to stop and wait until it has; False when none was running, EngineFailed when it stays.

    No terminal attached starts it again by itself; each says that `by` stopped it.
    """
    try:
        reader, writer = await asyncio.open_unix_connection(places.socket)
    except NOBODY:
        return False
    except OSError as error:
        raise NoEngine(f"no engine can be reached at {places.socket}: {error.strerror or error}") from error
    try:
        async with asyncio.timeout(STOPPED_DEADLINE):
            writer.write(pack(Shutdown(by)))
            with suppress(ConnectionError):
                await reader.read()
        await asyncio.to_thread(_until_unlocked, places)
    except TimeoutError as error:
        pid = places.lock.read_text("utf-8")
        text = f"the engine was asked to stop and does not: `kill -9 {pid}` ends it, and running steps go on"
        raise EngineFailed(text, Exit.NO_ENGINE) from error
    finally:
        writer.close()
    return True


async def run_restart(profile: str) -> str:
    """`cockpit restart` in a process of its own, so that a terminal loads nothing of an engine; what it said."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "cockpit", "--profile", profile, "restart",
        stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    said, _ = await process.communicate()
    return said.decode(errors="replace").strip()


def _until_unlocked(places: Places) -> None:
    # The lock is let go last of all: whoever starts the next engine must find it free.
    deadline = time.monotonic() + STOPPED_DEADLINE
    with open(places.lock, "ab") as lock:
        while True:
            try:
                return fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                if time.monotonic() > deadline:
                    raise TimeoutError from error
            time.sleep(0.02)
