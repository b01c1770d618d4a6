"""One call to Slack: an answer, or what can be known without one. Nothing here is tried twice."""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import aiohttp
from slack_sdk.errors import SlackClientError
from slack_sdk.web.async_client import AsyncWebClient

from cockpit.broadcast.sender import Ambiguous, Refused
from cockpit.broadcast.slack.errors import Answer, refusal
from cockpit.broadcast.slack.proxies import proxy_for
from cockpit.broadcast.slack.waiting import date_of
from cockpit.clock import SECOND, Clock

DEADLINE = 10.0
"""Real seconds for one call; `CONNECTING` are those of them for the way there, so that a dead way is known for one."""
CONNECTING = 6.0
READING = frozenset({
    "conversations.history", "conversations.replies", "conversations.info", "users.info", "chat.getPermalink",
})  # fmt: skip
"""Methods that take no JSON, and change nothing."""
FORMS = frozenset({"auth.test", "conversations.open", "chat.scheduledMessages.list"})
_TOKEN = re.compile(r"[\x21-\x7e]+")

# Slack's client writes what it sends, and the proxy with its login, wherever its logger has no level of its own.
_QUIET = logging.getLogger("cockpit.broadcast.slack.client")
_QUIET.setLevel(logging.CRITICAL)


class _Redirected(Exception):
    """Somebody on the way wants us elsewhere: Slack's API never does."""


@dataclass
class _Seen:
    """What is known of a call, however it ended: whether a byte of it left, and the head of the answer."""

    sent: bool = False
    status: int = 0
    headers: dict[str, str] = field(default_factory=dict)


class Web:
    """Speaks to one workspace with one token.

    `ahead` is how many seconds our clock is before Slack's, None until Slack has said what time it is.
    """

    def __init__(self, token: str, api: str, environ: Mapping[str, str], clock: Clock, deadline: float) -> None:
        self._token = token
        self._api = api if api.endswith("/") else f"{api}/"
        self._proxy = proxy_for(self._api, environ)
        self._clock = clock
        self._deadline = deadline
        self.ahead: float | None = None

    @property
    def now(self) -> float:
        """Seconds since the epoch on Slack's clock."""
        return self._clock.now() / SECOND - (self.ahead or 0.0)

    async def call(self, method: str, args: Mapping[str, Any]) -> Answer | Refused | Ambiguous:
        """Slack's own answer, be it yes or no; what is not its own is already what it means for a letter."""
        if not _TOKEN.fullmatch(self._token):
            why = "the token holds a space or a line break: set it anew, then `cockpit restart`"
            return Refused(why, fault="configuration")
        seen = _Seen()
        try:
            async with asyncio.timeout(self._deadline):
                answer = Answer(200, {}, await self._ask(method, args, seen))
        except _Redirected:
            return Refused("the address of Slack leads elsewhere: a login page of this network, perhaps")
        except TimeoutError:
            return self._unanswered(f"no answer within {self._deadline:.0f} s", seen)
        except (aiohttp.ClientError, OSError) as error:
            return self._unanswered(_words(error), seen)
        except SlackClientError as error:
            answer = Answer(0, {}, _body(error))
        except Exception as error:
            # Its client fails in many ways on an answer that is not JSON, and on an address or proxy it cannot use.
            if not seen.sent:
                return Refused(f"the request could not be made: {type(error).__name__}", fault="configuration")
            answer = Answer(0)
        whole = Answer(seen.status, seen.headers, answer.body)
        if not whole.own:
            return refusal(whole, self.now)
        # A stranger's date says nothing of Slack's clock.
        self._compare(whole)
        return whole

    async def _ask(self, method: str, args: Mapping[str, Any], seen: _Seen) -> Mapping[str, Any] | None:
        # A connection of its own for each call: one that Slack closed while idle would leave a post in doubt.
        timeout = aiohttp.ClientTimeout(total=self._deadline, connect=min(CONNECTING, self._deadline))
        async with aiohttp.ClientSession(timeout=timeout, trace_configs=[_watch(seen)]) as session:
            client = AsyncWebClient(
                token=self._token, base_url=self._api, session=session, timeout=int(self._deadline) or 1,
                logger=_QUIET, retry_handlers=[],
            )  # fmt: skip
            # It has read the environment by itself, without its exceptions.
            client.proxy = self._proxy
            if method in READING:
                said = await client.api_call(method, http_verb="GET", params=dict(args))
            elif method in FORMS:
                said = await client.api_call(method, params=dict(args))
            else:
                said = await client.api_call(method, json=dict(args))
            return said.data if isinstance(said.data, dict) else None

    def refused(self, said: Answer | Refused | Ambiguous) -> Refused | Ambiguous:
        """What it means for a letter that this is not a yes."""
        return refusal(said, self.now) if isinstance(said, Answer) else said

    def _compare(self, answer: Answer) -> None:
        if (date := date_of(answer.headers.get("date"))) is not None:
            self.ahead = self._clock.now() / SECOND - date

    def _unanswered(self, why: str, seen: _Seen) -> Refused | Ambiguous:
        return Ambiguous(why) if seen.sent else Refused(f"{why}; nothing was sent")


def _words(error: Exception) -> str:
    """Why there was no answer, for somebody who has to mend it; what the error itself says may hold an address."""
    match error:
        case aiohttp.ClientConnectorCertificateError() | aiohttp.ClientConnectorSSLError():
            return "the certificate is not Slack's own, or not trusted: something stands in between"
        case aiohttp.ClientProxyConnectionError():
            return "the proxy on the way to Slack cannot be reached"
        case aiohttp.ClientHttpProxyError(status=status):
            return f"the proxy refuses the way to Slack: status {status}"
        case aiohttp.ClientConnectorDNSError():
            return "Slack's name leads nowhere: look at the network, and its name server"
        case aiohttp.ClientConnectorError(strerror=reason):
            return f"Slack cannot be reached: {reason or 'no connection'}"
        case aiohttp.ClientPayloadError():
            return "Slack's answer was cut off"
    return f"the connection to Slack broke: {type(error).__name__}"


def _body(error: SlackClientError) -> Mapping[str, Any] | None:
    """The JSON object inside an error of Slack's client: it holds answers of three shapes."""
    data = getattr(getattr(error, "response", None), "data", None)
    # An empty object is what its client makes of HTML.
    return data if isinstance(data, dict) and data else None


def _watch(seen: _Seen) -> aiohttp.TraceConfig:
    """Notes what becomes of a request on its way; a proxy's own handshake does not count as sent."""

    async def leaves(_: aiohttp.ClientSession, __: SimpleNamespace, ___: object) -> None:
        seen.sent = True

    async def answered(_: aiohttp.ClientSession, __: SimpleNamespace, end: aiohttp.TraceRequestEndParams) -> None:
        seen.status = end.response.status
        seen.headers = {name.lower(): value for name, value in end.response.headers.items()}

    async def elsewhere(_: aiohttp.ClientSession, __: SimpleNamespace, ___: object) -> None:
        raise _Redirected

    config = aiohttp.TraceConfig()
    config.on_request_headers_sent.append(leaves)
    config.on_request_end.append(answered)
    config.on_request_redirect.append(elsewhere)
    return config
