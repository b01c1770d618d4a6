"""What becomes of a letter when the way to Slack fails: nothing is called refused that may have arrived."""

from __future__ import annotations

import asyncio
import logging
import socket
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest
import trustme
from aiohttp import web

from cockpit.broadcast.message import Direct
from cockpit.broadcast.sender import Absent, Ambiguous, Refused, Sent, Thread
from cockpit.broadcast.senders.slack import SlackSender
from tests.broadcast.slack.conftest import Letter, MakeSender, card
from tests.slack import faults
from tests.slack.faults import Fault
from tests.slack.server import FakeSlack
from tests.slack.workspace import CHANNEL, FULL


@pytest.mark.parametrize(
    "fault",
    [
        faults.broken(502),
        faults.broken(502, html=True),
        faults.broken(500, commit=True),
        faults.plain(commit=True),
        faults.bad_json(),
        faults.truncated(),
        faults.reset(),
        faults.reset(commit=False),
        faults.error("fatal_error", commit=True),
        faults.error("internal_error"),
        faults.captive_portal(),
    ],
    ids=lambda fault: f"{fault.name} {fault.commit}",
)
async def test_what_may_have_arrived_is_in_doubt(
    sender: SlackSender, slack: FakeSlack, letter: Letter, fault: Fault
) -> None:
    slack.weather.add(fault, "chat.postMessage")
    first = letter(card())
    wire = sender.wire(first, Thread())
    assert isinstance(await sender.send(wire), Ambiguous)
    assert len(slack.books.called("chat.postMessage")) == 1
    there = slack.books.top()
    assert await sender.find(first, wire) == (Sent(f"{CHANNEL}/{there[0].ts}") if there else Absent())


@pytest.mark.parametrize(
    "fault", [faults.stall(), faults.stall(commit=False), faults.late()], ids=lambda each: each.name
)
async def test_no_answer_within_the_deadline_is_in_doubt(
    make_sender: MakeSender, slack: FakeSlack, letter: Letter, fault: Fault
) -> None:
    slack.weather.add(fault, "chat.postMessage")
    sender = make_sender(deadline=0.3)
    assert isinstance(await sender.send(sender.wire(letter(card()), Thread())), Ambiguous)


async def test_cancelled_in_flight_it_is_cancelled_and_can_be_found(
    sender: SlackSender, slack: FakeSlack, letter: Letter
) -> None:
    slack.weather.add(faults.stall(), "chat.postMessage")
    first = letter(card())
    wire = sender.wire(first, Thread())
    async with asyncio.TaskGroup() as group:
        sending = group.create_task(sender.send(wire))
        await _until(lambda: bool(slack.books.top()))
        sending.cancel()
    assert sending.cancelled()
    assert await sender.find(first, wire) == Sent(f"{CHANNEL}/{slack.books.top()[0].ts}")


async def test_a_connection_refused_certainly_sent_nothing(
    sender: SlackSender, slack: FakeSlack, letter: Letter
) -> None:
    await slack.down()
    refused = await sender.send(sender.wire(letter(card()), Thread()))
    assert isinstance(refused, Refused) and (refused.fault, refused.final) == ("transport", False)
    assert refused.why.startswith("Slack cannot be reached: ") and refused.why.endswith("; nothing was sent")


async def test_a_name_that_leads_nowhere_certainly_sent_nothing(make_sender: MakeSender, letter: Letter) -> None:
    sender = make_sender(api="http://slack.invalid/api/")
    refused = await sender.send(sender.wire(letter(card()), Thread()))
    assert isinstance(refused, Refused) and refused.fault == "transport" and "name leads nowhere" in refused.why


async def test_a_server_without_tls_certainly_got_nothing(
    make_sender: MakeSender, slack: FakeSlack, letter: Letter
) -> None:
    sender = make_sender(api=slack.api.replace("http://", "https://"))
    refused = await sender.send(sender.wire(letter(card()), Thread()))
    assert isinstance(refused, Refused) and refused.fault == "transport" and not slack.books.calls


async def test_a_certificate_that_is_not_slacks_certainly_got_nothing(make_sender: MakeSender, letter: Letter) -> None:
    asked: list[str] = []

    async def portal(request: web.BaseRequest) -> web.Response:
        asked.append(request.path)
        return web.Response()

    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    trustme.CA().issue_cert("127.0.0.1").configure_cert(tls)
    async with _serving(portal, tls) as address:
        sender = make_sender(api=address)
        refused = await sender.send(sender.wire(letter(card()), Thread()))
    assert isinstance(refused, Refused) and refused.fault == "transport" and "certificate" in refused.why
    assert not asked


async def test_a_host_that_never_answers_the_handshake_certainly_got_nothing(
    make_sender: MakeSender, letter: Letter
) -> None:
    with socket.socket() as full:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        port = full.getsockname()[1]
        sender = make_sender(api=f"https://127.0.0.1:{port}/api/", deadline=0.3)
        refused = await sender.send(sender.wire(letter(card()), Thread()))
    assert isinstance(refused, Refused) and refused.fault == "transport"


@pytest.mark.parametrize("retry_after", ["0", "1", "3600", None, "soon", "-1", "1e99", "Thu, 20 Nov 2025 10:47:20 GMT"])
async def test_429_in_every_shape_is_a_wait_and_nothing_sleeps(
    sender: SlackSender, slack: FakeSlack, letter: Letter, retry_after: str | None
) -> None:
    slack.weather.add(faults.too_many(retry_after), "chat.postMessage")
    wire = sender.wire(letter(card()), Thread())
    refused = await sender.send(wire)
    assert isinstance(refused, Refused) and refused.fault == "wait" and 1.0 <= refused.wait <= 300.0
    assert isinstance(await sender.send(wire), Sent) and len(slack.books.top()) == 1


@pytest.mark.parametrize("code", ["ratelimited", "rate_limited"])
async def test_both_words_for_too_many_are_known(
    sender: SlackSender, slack: FakeSlack, letter: Letter, code: str
) -> None:
    slack.weather.add(faults.error(code), "chat.postMessage")
    refused = await sender.send(sender.wire(letter(card()), Thread()))
    assert isinstance(refused, Refused) and refused.fault == "wait"


async def test_an_edit_in_doubt_is_sent_again(sender: SlackSender, slack: FakeSlack, letter: Letter) -> None:
    sent = await sender.send(sender.wire(letter(card()), Thread()))
    assert isinstance(sent, Sent)
    slack.weather.add(faults.reset(), "chat.update")
    edit = letter(card(headline="SEV1 - Logins failing - Resolved"))
    wire = sender.wire(edit, Thread(sent.where))
    assert isinstance(await sender.send(wire), Ambiguous)
    assert await sender.find(edit, wire) == Absent(certain=True)
    assert await sender.send(wire) == sent
    assert "Resolved" in slack.books.top()[0].text and len(slack.books.top()) == 1


async def test_a_conversation_that_could_not_be_opened_posted_nothing(
    sender: SlackSender, slack: FakeSlack, letter: Letter
) -> None:
    slack.weather.add(faults.reset(), "conversations.open")
    refused = await sender.send(sender.wire(letter(Direct("ada", "You are needed.")), Thread()))
    assert isinstance(refused, Refused) and (refused.fault, refused.final) == ("transport", False)


@pytest.mark.parametrize("body", ['{"ok":true}', '{"ok":true,"ts":7,"channel":null}', "[1]", "null", "[]", '"ok"', "7"])
async def test_a_yes_that_says_nothing_is_in_doubt(
    sender: SlackSender, slack: FakeSlack, letter: Letter, body: str
) -> None:
    slack.weather.add(Fault(name="odd", answer=faults.Answer(200, body)), "chat.postMessage")
    assert isinstance(await sender.send(sender.wire(letter(card()), Thread())), Ambiguous)


@pytest.mark.parametrize("kind", ["application/gzip", "application/json; charset=none-such", "image/png"])
async def test_bytes_of_another_kind_are_in_doubt(make_sender: MakeSender, letter: Letter, kind: str) -> None:
    async def answer(_: web.BaseRequest) -> web.Response:
        return web.Response(body=b'{"ok":\xfftrue}', headers={"Content-Type": kind})

    async with _serving(answer) as address:
        sender = make_sender(api=address)
        assert isinstance(await sender.send(sender.wire(letter(card()), Thread())), Ambiguous)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_a_captive_portal_that_leads_elsewhere_is_not_followed(
    make_sender: MakeSender, slack: FakeSlack, letter: Letter, status: int
) -> None:
    async def portal(_: web.BaseRequest) -> web.Response:
        return web.Response(status=status, headers={"Location": f"{slack.api}chat.postMessage"})

    async with _serving(portal) as address:
        sender = make_sender(api=address)
        refused = await sender.send(sender.wire(letter(card()), Thread()))
        assert isinstance(refused, Refused) and refused.fault == "transport" and not slack.books.calls


async def test_a_captive_portals_200_html_is_looked_behind_once_it_is_passed(
    sender: SlackSender, slack: FakeSlack, letter: Letter
) -> None:
    slack.weather.add(faults.captive_portal(), times=3)
    first = letter(card())
    wire = sender.wire(first, Thread())
    assert isinstance(await sender.send(wire), Ambiguous)
    assert isinstance(await sender.find(first, wire), Ambiguous)
    assert await sender.find(first, wire) == Absent()


async def test_a_proxy_carries_the_letter(make_sender: MakeSender, slack: FakeSlack, letter: Letter) -> None:
    asked: list[str] = []

    async def proxy(request: web.BaseRequest) -> web.Response:
        asked.append(str(request.url))
        return web.json_response({"ok": True, "channel": CHANNEL, "ts": "1.2", "message": {}})

    async with _serving(proxy) as address:
        sender = make_sender(api="http://slack.example/api/", environ={"HTTP_PROXY": address}, pin=False)
        assert await sender.send(sender.wire(letter(card()), Thread())) == Sent(f"{CHANNEL}/1.2")
    assert asked == ["http://slack.example/api/chat.postMessage"]


@pytest.mark.parametrize("status", [403, 407, 502])
async def test_a_proxy_that_refuses_the_way_certainly_sent_nothing(
    make_sender: MakeSender, letter: Letter, status: int
) -> None:
    async def proxy(_: web.BaseRequest) -> web.Response:
        return web.Response(status=status, text="no")

    async with _serving(proxy) as address:
        login = address.replace("http://", "http://us:pass-word@")
        sender = make_sender(api="https://slack.example/api/", environ={"HTTPS_PROXY": login})
        refused = await sender.send(sender.wire(letter(card()), Thread()))
        assert isinstance(refused, Refused) and refused.fault == "transport"
        assert f"proxy refuses the way to Slack: status {status}" in refused.why
        assert "pass-word" not in repr(refused)


async def test_loopback_is_reached_directly_whatever_the_environment_says(
    make_sender: MakeSender, slack: FakeSlack, letter: Letter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    sender = make_sender(environ={"HTTP_PROXY": "http://127.0.0.1:9"})
    assert isinstance(await sender.send(sender.wire(letter(card()), Thread())), Sent)


@pytest.mark.parametrize("proxy", ["socks5://127.0.0.1:9", "not an address", "http://"])
async def test_a_proxy_that_cannot_be_used_is_told(make_sender: MakeSender, letter: Letter, proxy: str) -> None:
    sender = make_sender(api="http://slack.example/api/", environ={"HTTP_PROXY": proxy})
    refused = await sender.send(sender.wire(letter(card()), Thread()))
    assert isinstance(refused, Refused) and refused.fault in {"configuration", "transport"}


async def test_no_log_holds_the_token_nor_the_proxys_login(
    make_sender: MakeSender, slack: FakeSlack, letter: Letter, caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    caplog.set_level(logging.DEBUG)
    monkeypatch.setenv("HTTPS_PROXY", "http://us:pass-word@127.0.0.1:9")
    sender = make_sender()
    slack.weather.add(faults.bad_json(), "chat.postMessage")
    slack.weather.add(faults.error("too_many_pins"), "pins.add")
    for _ in range(2):
        await sender.send(sender.wire(letter(card(know="the-words-of-the-letter")), Thread()))
    assert "could not be pinned" in caplog.text
    assert not any(secret in caplog.text for secret in (FULL, "pass-word", "the-words-of-the-letter"))


async def test_no_connection_is_left_open(
    sender: SlackSender, slack: FakeSlack, letter: Letter, recwarn: pytest.WarningsRecorder
) -> None:
    for fault in (None, faults.reset(), faults.truncated(), faults.captive_portal()):
        if fault is not None:
            slack.weather.add(fault, "chat.postMessage")
        await sender.send(sender.wire(letter(card()), Thread()))
    assert not [each for each in recwarn if "nclosed" in str(each.message)]


@asynccontextmanager
async def _serving(
    handler: Callable[[web.BaseRequest], Awaitable[web.StreamResponse]], tls: ssl.SSLContext | None = None
) -> AsyncIterator[str]:
    """A server of another kind than Slack; its address for a client."""
    # Not by a router: what a proxy is asked for has no path of ours.
    runner = web.ServerRunner(web.Server(handler), shutdown_timeout=0)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0, ssl_context=tls).start()
    try:
        yield f"{'https' if tls else 'http'}://127.0.0.1:{runner.addresses[0][1]}/"
    finally:
        await runner.cleanup()


async def _until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(30):
        while True:
            if condition():
                return
            await asyncio.sleep(0.005)
