"""The line that Slack tells us on what people press and type: Socket Mode, since a terminal has no public address."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any

import aiohttp
import msgspec
from slack_sdk.socket_mode.aiohttp import SocketModeClient
from slack_sdk.socket_mode.async_client import AsyncBaseSocketModeClient
from slack_sdk.socket_mode.response import SocketModeResponse
from slack_sdk.web.async_client import AsyncWebClient

from cockpit.broadcast.slack.errors import Answer
from cockpit.broadcast.slack.proxies import proxy_for
from cockpit.broadcast.slack.web import Web
from cockpit.clock import Clock

log = logging.getLogger(__name__)

WITHIN = 10.0
"""Real seconds for one attempt to connect, from asking for an address to Slack's hello."""
FIRST_PAUSE, LONGEST_PAUSE = 1.0, 60.0
"""Real seconds between two attempts."""
LASTING = 30.0
"""Real seconds after which a connection that ended counts as one that was good."""
PING = 5.0
"""Real seconds between two pings; a line that is silent for four of them is dead."""
FAREWELL = 1.0
"""Real seconds that closing a line may take."""

# Slack's client writes the address of the line, which is a secret, and every message, to its logger.
_QUIET = logging.getLogger("cockpit.broadcast.slack.socket")
_QUIET.setLevel(logging.CRITICAL)


class Envelope(msgspec.Struct, frozen=True):
    """One thing that Slack tells us, and wants an acknowledgement of within 3 s; it may come more than once."""

    envelope_id: str
    type: str
    payload: Any = None
    accepts_response_payload: bool = False


Hear = Callable[[Envelope], str]
"""Takes it over, at once; its words are for whoever asked alone, empty for none."""


class SocketMode:
    """Listens until cancelled. `problem` says why it cannot, empty while it can or has not tried yet."""

    def __init__(
        self, name: str, token: str, api: str, environ: Mapping[str, str], clock: Clock,
        *, within: float = WITHIN, again: float = FIRST_PAUSE, ping: float = PING,
    ) -> None:  # fmt: skip
        self.name = name
        self.problem = ""
        self._web = Web(token, api, environ, clock, within)
        self._environ = environ
        self._within = within
        self._again = again
        self._ping = ping

    async def run(self, hear: Hear, turned: Callable[[], None]) -> None:
        """Hand over what comes; `turned` is called whenever `problem` says something else."""
        failed = 0
        line: _Line | None = None
        loop = asyncio.get_running_loop()
        try:
            while True:
                # The next line is there before the old one is let go: what comes up in between has somewhere to go.
                before, line = line, await self._connected(hear, turned)
                if before is not None:
                    await before.end()
                began = loop.time()
                if line is not None:
                    await line.over.wait()
                failed = failed + 1 if loop.time() - began < LASTING else 0
                if failed > 1 or line is None:
                    await asyncio.sleep(min(LONGEST_PAUSE, self._again * 2.0 ** min(failed - 1, 10)))
        finally:
            if line is not None:
                await line.end()

    async def _connected(self, hear: Hear, turned: Callable[[], None]) -> _Line | None:
        line, problem = None, ""
        try:
            async with asyncio.timeout(self._within):
                found = await self._web.call("apps.connections.open", {})
                if not isinstance(found, Answer) or not found.done:
                    problem = self._web.refused(found).why
                elif url := _address(found):
                    proxy = proxy_for(url.replace("ws", "http", 1), self._environ)
                    line = await _greeted(_Line(url, proxy, hear, self._ping))
                else:
                    problem = "Slack gave no address to listen at"
        except TimeoutError:
            problem = f"no line to Slack within {self._within:.0f} s"
        except (aiohttp.ClientError, OSError) as error:
            problem = f"the line to Slack failed: {type(error).__name__}"
        if problem != self.problem:
            self.problem = problem
            log.log(logging.WARNING if problem else logging.INFO, "%s: %s", self.name, problem or "listening")
            turned()
        return line


async def _greeted(line: _Line) -> _Line:
    """The line once Slack has said hello on it. Its address is good for one attempt, and a refusal raises nothing."""
    try:
        await line.connect()  # type: ignore[no-untyped-call]
        await line.greeted.wait()
    except BaseException:
        await line.end()
        raise
    return line


def _address(answer: Answer) -> str:
    url = (answer.body or {}).get("url")
    return url if isinstance(url, str) and url.startswith(("wss://", "ws://")) else ""


class _Line(SocketModeClient):
    """Slack's own client on one connection: `greeted` once Slack said hello, `over` once it ended or is about to.

    By itself it would connect anew for ever, and tell nobody that it cannot.
    """

    def __init__(self, url: str, proxy: str | None, hear: Hear, ping: float) -> None:
        super().__init__("", logger=_QUIET, web_client=AsyncWebClient(logger=_QUIET), ping_interval=ping)
        # It has read the environment by itself, without its exceptions.
        self.proxy = proxy
        self.wss_uri = url
        self.greeted, self.over = asyncio.Event(), asyncio.Event()
        self._hear = hear
        self.message_listeners.append(self._told)
        self.on_error_listeners.append(self._broken)

    async def connect_to_new_endpoint(self, force: bool = False) -> None:
        """What its client does whenever this connection is at its end."""
        self.over.set()

    async def end(self) -> None:
        """Let go of everything, also of a peer that answers nothing."""
        self.over.set()
        self.closed = True
        with suppress(TimeoutError, aiohttp.ClientError, OSError):
            async with asyncio.timeout(FAREWELL):
                await self.disconnect()  # type: ignore[no-untyped-call]
        self.current_session = None
        await self.close()  # type: ignore[no-untyped-call]

    async def _told(self, _: AsyncBaseSocketModeClient, message: dict[str, Any], __: str | None) -> None:
        if message.get("type") == "hello":
            self.greeted.set()
            return
        try:
            envelope = msgspec.convert(message, Envelope)
        except msgspec.ValidationError:
            return
        words = ""
        try:
            words = self._hear(envelope)
        except Exception:
            log.exception("what somebody asked for in Slack could not be understood")
        # Also what means nothing to us is acknowledged: Slack would send it again.
        payload = {"response_type": "ephemeral", "text": words} if words and envelope.accepts_response_payload else None
        await self.send_socket_mode_response(SocketModeResponse(envelope.envelope_id, payload))

    async def _broken(self, _: aiohttp.WSMessage) -> None:
        self.over.set()
