"""Chats on loopback, as strict as each of them says it is; what they are told to do wrong they do once."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
from base64 import b64decode
from collections.abc import Mapping
from typing import Any, Literal
from urllib.parse import parse_qsl

from aiohttp import web

SECRET = "hunter22-secret"
Fault = Literal[
    "", "cut before", "cut after", "stall after", "500 before", "502 after", "429", "html", "moved", "login"
]
"""`before` and `after` tell whether the message is in the channel when the answer is lost."""
HTML = "<!doctype html><title>Welcome to the hotel</title>"


class Refusal(Exception):
    """What the chat says no with."""

    def __init__(self, status: int, body: str) -> None:
        super().__init__(body)
        self.status = status
        self.body = body


class Chat:
    """`posted` are the messages in the channel, oldest first; `fault` is for the next request alone."""

    base = "/"

    def __init__(self) -> None:
        self.posted: list[Any] = []
        self.edited: list[Any] = []
        self.fault: Fault = ""
        self.retry_after = "7"
        self.url = ""
        self._runner: web.AppRunner | None = None
        self._leaving = asyncio.Event()

    async def start(self) -> None:
        application = web.Application()
        application.router.add_route("*", "/{rest:.*}", self._handle)
        self._runner = web.AppRunner(application, shutdown_timeout=0, access_log=None)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}{self.base}"

    async def close(self) -> None:
        self._leaving.set()
        if self._runner is not None:
            await self._runner.cleanup()

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        fault, self.fault = self.fault, ""
        body = await request.read()
        match fault:
            case "cut before":
                return self._cut(request)
            case "500 before":
                return web.Response(status=500, text="oops")
            case "429":
                return web.Response(status=429, text="slow down", headers={"Retry-After": self.retry_after})
            case "html":
                return web.Response(text=HTML, content_type="text/html")
            case "moved":
                return web.Response(status=302, headers={"Location": f"http://portal.invalid/?from={request.url}"})
            case "login":
                return web.Response(status=511, text=HTML, content_type="text/html")
        try:
            status, answer = self.take(request.method, request.path, dict(request.query), request.headers, body)
        except Refusal as refusal:
            return web.Response(status=refusal.status, text=refusal.body)
        match fault:
            case "cut after":
                return self._cut(request)
            case "stall after":
                await self._leaving.wait()
            case "502 after":
                return web.Response(status=502, text=HTML, content_type="text/html")
        return web.Response(status=status, text=answer)

    def _cut(self, request: web.Request) -> web.Response:
        assert request.transport is not None
        request.transport.abort()
        return web.Response()

    def take(
        self, method: str, path: str, query: Mapping[str, str], headers: Mapping[str, str], body: bytes
    ) -> tuple[int, str]:
        """The answer of the product itself; raises Refusal."""
        raise NotImplementedError


def json_of(headers: Mapping[str, str], body: bytes, known: set[str], error: str) -> dict[str, Any]:
    """The document of a request, whose fields must all be known."""
    if headers.get("Content-Type") != "application/json":
        raise Refusal(400, error)
    document = json.loads(body)
    if not isinstance(document, dict) or set(document) - known:
        raise Refusal(400, error)
    return document


class SlackHook(Chat):
    base = f"/services/T0/B0/{SECRET}"

    def take(
        self, method: str, path: str, query: Mapping[str, str], headers: Mapping[str, str], body: bytes
    ) -> tuple[int, str]:
        if path != self.base or method != "POST":
            raise Refusal(404, "no_service")
        document = json_of(headers, body, {"text", "blocks", "unfurl_links", "unfurl_media"}, "invalid_payload")
        if not document.get("text", "").strip():
            raise Refusal(400, "no_text")
        if len(document["text"]) > 40_000 or len(document.get("blocks", ())) > 50:
            raise Refusal(400, "invalid_blocks")
        self.posted.append(document)
        return 200, "ok"


class Mattermost(Chat):
    base = f"/hooks/{SECRET}"

    def take(
        self, method: str, path: str, query: Mapping[str, str], headers: Mapping[str, str], body: bytes
    ) -> tuple[int, str]:
        if path != self.base or method != "POST":
            raise Refusal(400, self._error("invalid"))
        document = json_of(headers, body, {"text", "username", "props", "attachments"}, self._error("decode"))
        if not 0 < len(document.get("text", "")) <= 16_383:
            raise Refusal(400, self._error("text"))
        self.posted.append(document["text"])
        return 200, "ok"

    def _error(self, name: str) -> str:
        words = f"Unable to process {self.url}"
        return json.dumps({"id": f"web.incoming_webhook.{name}.app_error", "message": words, "status_code": 400})


class Receiver(Chat):
    """Somebody's own program: it checks the signature, and takes each key once."""

    base = f"/in?token={SECRET}"
    key = "signing-key"
    now = 1_700_000_000

    def take(
        self, method: str, path: str, query: Mapping[str, str], headers: Mapping[str, str], body: bytes
    ) -> tuple[int, str]:
        if query.get("token") != SECRET:
            raise Refusal(404, "no such thing")
        stamp = headers.get("X-Cockpit-Timestamp", "")
        expected = hmac.new(self.key.encode(), stamp.encode() + b"." + body, hashlib.sha256).hexdigest()
        if headers.get("X-Cockpit-Signature") != f"sha256={expected}" or abs(int(stamp) - self.now) > 300:
            raise Refusal(401, "the signature is wrong")
        known = {"version", "key", "kind", "at", "incident", "text", "message", "replaces"}
        document = json_of(headers, body, known, "what is that?")
        if document["version"] != 1 or document["key"] != headers.get("Idempotency-Key"):
            raise Refusal(422, "what is that?")
        if any(each["key"] == document["key"] for each in self.posted):
            raise Refusal(409, "I have that")
        self.posted.append(document)
        return 202, "taken"


class Discord(Chat):
    base = f"/api/webhooks/42/{SECRET}"

    def take(
        self, method: str, path: str, query: Mapping[str, str], headers: Mapping[str, str], body: bytes
    ) -> tuple[int, str]:
        rest = path.removeprefix(self.base)
        if rest == path:
            raise Refusal(404, json.dumps({"message": "Unknown Webhook", "code": 10015}))
        invalid = json.dumps({"message": "Invalid Form Body", "code": 50035})
        document = json_of(headers, body, {"content", "allowed_mentions", "flags"}, invalid)
        if not 0 < len(document["content"].encode("utf-16-le")) // 2 <= 2000:
            raise Refusal(400, invalid)
        assert document["allowed_mentions"] == {"parse": []}
        if method == "POST" and not rest:
            self.posted.append(document["content"])
            if query.get("wait") != "true":
                return 204, ""
            return 200, json.dumps({"id": str(1000 + len(self.posted)), "content": document["content"]})
        number = int(rest.removeprefix("/messages/").replace("/elsewhere", "0")) - 1001
        if method != "PATCH" or not 0 <= number < len(self.posted) or self.posted[number] is None:
            raise Refusal(404, json.dumps({"message": "Unknown Message", "code": 10008}))
        self.posted[number] = document["content"]
        self.edited.append(document["content"])
        return 200, json.dumps({"id": str(1001 + number), "content": document["content"]})


class Zulip(Chat):
    """One topic of one channel; `editable` is what it says to an edit, empty for yes."""

    base = ""
    bot, channel, topic = "cockpit-bot@chat.example", "ops", "incidents"

    def __init__(self) -> None:
        super().__init__()
        self.editable = ""
        self.now = 1_700_000_000

    def take(
        self, method: str, path: str, query: Mapping[str, str], headers: Mapping[str, str], body: bytes
    ) -> tuple[int, str]:
        login = headers.get("Authorization", "").removeprefix("Basic ")
        if b64decode(login).decode() != f"{self.bot}:{SECRET}":
            raise Refusal(401, self._error("Invalid API key", "INVALID_API_KEY"))
        rest = path.removeprefix("/api/v1/messages")
        if method == "GET":
            return self._look(query)
        if headers.get("Content-Type") != "application/x-www-form-urlencoded":
            raise Refusal(400, self._error("Missing 'content' argument", "REQUEST_VARIABLE_MISSING"))
        fields = dict(parse_qsl(body.decode(), strict_parsing=True))
        content = fields.pop("content")
        if not 0 < len(content) <= 10_000:
            raise Refusal(400, self._error("Message must not be empty"))
        if method == "PATCH":
            return self._edit(int(rest.removeprefix("/")), content, fields)
        if fields.pop("to") != self.channel:
            raise Refusal(400, self._error("Channel 'x' does not exist", "STREAM_DOES_NOT_EXIST"))
        if fields != {"type": "stream", "topic": self.topic}:
            raise Refusal(400, self._error("Invalid fields"))
        self.posted.append(content)
        return 200, json.dumps({"result": "success", "msg": "", "id": len(self.posted)})

    def _edit(self, number: int, content: str, fields: Mapping[str, str]) -> tuple[int, str]:
        if self.editable:
            raise Refusal(400, self._error(self.editable))
        if fields or not 0 < number <= len(self.posted):
            raise Refusal(400, self._error("Invalid message(s)"))
        self.posted[number - 1] = content
        self.edited.append(content)
        return 200, json.dumps({"result": "success", "msg": ""})

    def _look(self, query: Mapping[str, str]) -> tuple[int, str]:
        narrow = {each["operator"]: each["operand"] for each in json.loads(query["narrow"])}
        if narrow != {"channel": self.channel, "topic": self.topic, "sender": self.bot}:
            raise Refusal(400, self._error("Invalid narrow operator", "BAD_NARROW"))
        assert (query["anchor"], query["num_after"], query["apply_markdown"]) == ("newest", "0", "false")
        before = int(query["num_before"])
        everything = [
            {"id": number, "content": content, "timestamp": self.now} for number, content in enumerate(self.posted, 1)
        ]
        shown = everything[-before:]
        answer = {"result": "success", "msg": "", "messages": shown, "found_oldest": len(shown) == len(everything)}
        return 200, json.dumps(answer)

    def _error(self, words: str, code: str = "BAD_REQUEST") -> str:
        return json.dumps({"result": "error", "msg": words, "code": code})


class Page(Chat):
    """A page of Statuspage: `posted` are its incidents, `edited` the updates that were sent to its readers."""

    base = "/v1"
    statuses = ("investigating", "identified", "monitoring", "resolved")

    def take(
        self, method: str, path: str, query: Mapping[str, str], headers: Mapping[str, str], body: bytes
    ) -> tuple[int, str]:
        if headers.get("Authorization") != f"OAuth {SECRET}":
            raise Refusal(401, json.dumps({"error": "Could not authenticate"}))
        rest = path.removeprefix("/v1/pages/page1/incidents")
        if rest == path:
            raise Refusal(404, json.dumps({"error": "not found"}))
        if method == "GET":
            return 200, json.dumps(list(reversed(self.posted))[: int(query["limit"])])
        incident = json_of(headers, body, {"incident"}, "bad")["incident"]
        if set(incident) - {"name", "status", "body", "metadata"} or incident["status"] not in self.statuses:
            raise Refusal(422, json.dumps({"error": ["unknown"]}))
        self.edited.append(incident)
        if method == "POST" and not rest:
            self.posted.append({"id": f"inc{len(self.posted) + 1}", **incident})
            return 201, json.dumps(self.posted[-1])
        there = next((each for each in self.posted if rest == f"/{each['id']}"), None)
        if method != "PATCH" or there is None:
            raise Refusal(404, json.dumps({"error": "not found"}))
        there.update(incident)
        return 200, json.dumps(there)
