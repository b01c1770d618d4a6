"""Every destination over HTTP: what is there after a fault, what is said of it, and that no secret is told."""

from __future__ import annotations

import logging
import socket
from collections.abc import AsyncIterator, Callable
from functools import partial

import pytest
import pytest_asyncio

from cockpit.broadcast.message import Card, Post
from cockpit.broadcast.sender import Absent, Ambiguous, Outgoing, Refused, Sender, Sent, Thread, Unsearchable
from cockpit.broadcast.senders.discord import DiscordSender
from cockpit.broadcast.senders.mattermost import MattermostSender
from cockpit.broadcast.senders.slack_webhook import SlackWebhookSender
from cockpit.broadcast.senders.webhook import WebhookSender
from cockpit.broadcast.senders.zulip import ZulipSender
from cockpit.config.broadcasting import ZulipDestination
from cockpit.config.fields import EnvReference
from cockpit.probes.fetch import ask
from cockpit.probes.transport import ProbeTransport
from cockpit.web import Ask
from tests.broadcast import chats
from tests.broadcast.chats import SECRET, Chat, Fault

AT = 1_700_000_000_000_000
WITHIN = 10.0


def zulip(url: str, asking: Ask, within: float) -> ZulipSender:
    config = ZulipDestination(
        kind="zulip", site=url, email=chats.Zulip.bot, key=EnvReference(env="ZULIP_KEY"), channel="ops"
    )
    return ZulipSender(config, SECRET, asking, within)


def receiver(url: str, asking: Ask, within: float) -> WebhookSender:
    return WebhookSender("chat", url, chats.Receiver.key, asking, within, now=lambda: chats.Receiver.now)


MAKE: dict[str, tuple[type[Chat], Callable[[str, Ask, float], Sender]]] = {
    "slack_webhook": (chats.SlackHook, partial(SlackWebhookSender, "chat")),
    "mattermost": (chats.Mattermost, partial(MattermostSender, "chat")),
    "webhook": (chats.Receiver, receiver),
    "discord": (chats.Discord, partial(DiscordSender, "chat")),
    "zulip": (chats.Zulip, zulip),
}
EVERY = pytest.mark.parametrize("kind", MAKE)


def update(
    key: str = "u1:chat:thread", headline: str = "SEV1: Logins fail", know: str = "", doing: str = "", unknown: str = ""
) -> Outgoing:
    post = Post("update", headline, know, doing, unknown)
    return Outgoing(key, "thread", AT, "INC-7", "\n".join(post.lines), post)


def card(key: str = "u1:chat:card", headline: str = "SEV1 - Logins fail") -> Outgoing:
    message = Card(headline, "No.", "All.", "", "", "", "", "", "", "", "INC-7, update 1")
    return Outgoing(key, "card", AT, "INC-7", "\n".join(message.lines), message)


@pytest_asyncio.fixture
async def asking() -> AsyncIterator[Ask]:
    transport = ProbeTransport()
    yield partial(ask, transport)
    await transport.aclose()


@pytest_asyncio.fixture
async def chat(kind: str) -> AsyncIterator[Chat]:
    chat = MAKE[kind][0]()
    await chat.start()
    yield chat
    await chat.close()


@pytest.fixture
def sender(kind: str, chat: Chat, asking: Ask) -> Sender:
    return MAKE[kind][1](chat.url, asking, WITHIN)


@EVERY
async def test_an_update_arrives_once(sender: Sender, chat: Chat) -> None:
    sent = await sender.send(sender.wire(update(), Thread()))
    assert isinstance(sent, Sent), sent
    assert len(chat.posted) == 1 and "Logins fail" in str(chat.posted[0])
    assert "thread" in sender.takes and not sender.threaded


@EVERY
async def test_the_plainest_form_arrives_too(sender: Sender, chat: Chat) -> None:
    assert isinstance(await sender.send(sender.minimal(update(), Thread())), Sent)
    assert "Logins fail" in str(chat.posted[0])


@EVERY
async def test_a_letter_of_plain_text_arrives_too(sender: Sender, chat: Chat) -> None:
    plain = Outgoing("k:chat:thread", "thread", AT, "INC-7", "first line\nsecond line")
    assert isinstance(await sender.send(sender.wire(plain, Thread())), Sent)
    assert "second line" in str(chat.posted[0])


@EVERY
@pytest.mark.parametrize(
    ("fault", "there"),
    [("cut before", 0), ("cut after", 1), ("500 before", 0), ("502 after", 1)],
)
async def test_an_answer_that_is_lost_leaves_the_letter_in_doubt(
    sender: Sender, chat: Chat, fault: Fault, there: int
) -> None:
    chat.fault = fault
    letter = update()
    wire = sender.wire(letter, Thread())
    assert isinstance(await sender.send(wire), Ambiguous)
    assert len(chat.posted) == there
    match await sender.find(letter, wire):
        case Sent():
            assert there
        case Absent():
            # It may be sent again: it was not there, or the other side knows its key.
            assert isinstance(await sender.send(wire), Sent)
        case found:
            assert isinstance(found, Unsearchable)
            return
    assert len(chat.posted) == 1


@EVERY
async def test_a_stall_ends_in_doubt_at_the_deadline(kind: str, chat: Chat, asking: Ask) -> None:
    # Time enough for the letter to arrive on a host that is busy with other things, and no more.
    sender = MAKE[kind][1](chat.url, asking, 1.0)
    chat.fault = "stall after"
    assert isinstance(await sender.send(sender.wire(update(), Thread())), Ambiguous)
    assert len(chat.posted) == 1


@EVERY
async def test_a_portal_takes_no_letter(sender: Sender, chat: Chat) -> None:
    wire = sender.wire(update(), Thread())
    for fault in ("moved", "login"):
        chat.fault = fault
        refused = await sender.send(wire)
        assert isinstance(refused, Refused) and refused.fault == "transport" and not refused.final
    assert not chat.posted


@EVERY
async def test_a_page_in_place_of_the_answer_leaves_it_in_doubt(sender: Sender, chat: Chat) -> None:
    chat.fault = "html"
    assert isinstance(await sender.send(sender.wire(update(), Thread())), Ambiguous)


@EVERY
@pytest.mark.parametrize(
    ("asked", "seconds"), [("7", 7.0), ("0.5", 1.0), ("nonsense", 30.0), ("99999", 300.0), ("nan", 30.0), ("-1", 1.0)]
)
async def test_patience_is_asked_for_in_any_shape(sender: Sender, chat: Chat, asked: str, seconds: float) -> None:
    chat.fault, chat.retry_after = "429", asked
    refused = await sender.send(sender.wire(update(), Thread()))
    assert isinstance(refused, Refused) and refused.fault == "wait" and refused.wait == seconds


@EVERY
async def test_nobody_there_is_a_refusal(kind: str, asking: Ask) -> None:
    shut = socket.create_server(("127.0.0.1", 0))
    port = shut.getsockname()[1]
    shut.close()
    for address in (f"http://127.0.0.1:{port}", "http://nowhere.invalid"):
        sender = MAKE[kind][1](address + MAKE[kind][0].base, asking, WITHIN)
        refused = await sender.send(sender.wire(update(), Thread()))
        assert isinstance(refused, Refused) and refused.fault == "transport" and not refused.final


@EVERY
async def test_a_revoked_secret_is_for_somebody_to_mend(
    kind: str, chat: Chat, asking: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    sender = MAKE[kind][1](chat.url.replace(SECRET, "old"), asking, WITHIN)
    monkeypatch.setattr(chats, "SECRET", "another")
    refused = await sender.send(sender.wire(update(), Thread()))
    assert isinstance(refused, Refused) and refused.fault == "configuration"


@EVERY
async def test_hostile_words_fit_and_call_nobody(sender: Sender, chat: Chat) -> None:
    words = "<!channel> @here @everyone <@U123> @**all** `x` [a](http://b) \U0001f468\u200d\U0001f469" + "z*" * 9000
    letter = update(headline=words, know=words, doing=words, unknown=words)
    assert isinstance(await sender.send(sender.wire(letter, Thread())), Sent)
    assert isinstance(await sender.send(sender.minimal(update("u2:chat:thread", words), Thread())), Sent)


@EVERY
async def test_no_secret_is_told(
    kind: str, chat: Chat, sender: Sender, asking: Ask, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    wire = sender.wire(update(), Thread())
    told = [wire.decode(), repr(sender)]
    for fault in ("", "cut after", "500 before", "429", "html", "moved", "login"):
        chat.fault = fault
        told.append(repr(await sender.send(wire)))
    told.append(repr(await MAKE[kind][1](chat.url + "/elsewhere", asking, WITHIN).send(wire)))
    told.append(repr(await sender.find(update(), wire)))
    assert SECRET not in "\n".join((*told, caplog.text))


@EVERY
async def test_what_another_kind_of_destination_left_behind_raises_nothing(sender: Sender) -> None:
    for wire in (b"", b"\xff", b"[]", b"{}"):
        found = await sender.find(update(), wire)
        assert not isinstance(found, Sent)


@pytest.mark.parametrize("kind", ["webhook", "discord", "zulip"])
async def test_what_cannot_be_read_is_not_sent(sender: Sender, chat: Chat) -> None:
    for wire in (b"", b"\xff", b"[]", b"{}"):
        refused = await sender.send(wire)
        assert isinstance(refused, Refused) and refused.final
    assert not chat.posted


@pytest.mark.parametrize("kind", ["discord", "zulip"])
async def test_the_card_is_edited_in_its_place(sender: Sender, chat: Chat) -> None:
    first = await sender.send(sender.wire(card(), Thread()))
    assert isinstance(first, Sent) and first.where
    again = card("u2:chat:card", "SEV1 - Logins work")
    assert await sender.send(sender.wire(again, Thread(root=first.where))) == first
    assert len(chat.posted) == 1 and "Logins work" in chat.posted[0]


@pytest.mark.parametrize("kind", ["discord", "zulip"])
async def test_an_edit_whose_answer_is_lost_may_be_made_again(sender: Sender, chat: Chat) -> None:
    first = await sender.send(sender.wire(card(), Thread()))
    assert isinstance(first, Sent)
    again = card("u2:chat:card")
    wire = sender.wire(again, Thread(root=first.where))
    chat.fault = "cut after"
    assert isinstance(await sender.send(wire), Ambiguous)
    assert await sender.find(again, wire) == Absent()
    assert await sender.send(wire) == first
    assert len(chat.posted) == 1


@pytest.mark.parametrize("kind", ["discord", "zulip"])
async def test_a_card_that_was_deleted_is_gone(sender: Sender, chat: Chat) -> None:
    refused = await sender.send(sender.wire(card(), Thread(root="1009")))
    assert isinstance(refused, Refused) and refused.fault == "gone" and not refused.final


@pytest.mark.parametrize("kind", ["discord", "zulip"])
async def test_an_update_can_take_the_place_of_another(sender: Sender, chat: Chat) -> None:
    first = await sender.send(sender.wire(update(headline="SEV1: the token is x"), Thread()))
    assert isinstance(first, Sent)
    mended = Outgoing("u2:chat:thread", "thread", AT, "INC-7", "SEV1: redacted", edits=first.where)
    assert await sender.send(sender.wire(mended, Thread())) == first
    assert len(chat.posted) == 1 and "token" not in chat.posted[0]


@pytest.mark.parametrize("kind", ["discord", "zulip"])
async def test_an_address_of_another_chat_is_not_edited(sender: Sender, chat: Chat) -> None:
    assert isinstance(await sender.send(sender.wire(card(), Thread(root="C01/1700000000.000100"))), Sent)
    assert len(chat.posted) == 1


@pytest.mark.parametrize("kind", ["slack_webhook", "mattermost"])
async def test_what_cannot_be_edited_takes_no_card(sender: Sender) -> None:
    assert sender.takes == frozenset({"thread"})


@pytest.mark.parametrize("kind", ["webhook"])
async def test_a_document_that_is_known_is_taken(sender: Sender, chat: Chat) -> None:
    wire = sender.wire(update(), Thread())
    assert await sender.send(wire) == await sender.send(wire) == Sent("u1:chat:thread")
    assert len(chat.posted) == 1


@pytest.mark.parametrize("kind", ["webhook"])
async def test_the_document_is_as_documented(sender: Sender, chat: Chat) -> None:
    await sender.send(sender.wire(update(know="A flag."), Thread()))
    assert chat.posted == [
        {
            "version": 1, "key": "u1:chat:thread", "kind": "thread", "at": AT, "incident": "INC-7",
            "text": "SEV1: Logins fail\nKnow: A flag.",
            "message": {"type": "post", "reason": "update", "headline": "SEV1: Logins fail", "know": "A flag."} | {
                name: value for name, value in chat.posted[0]["message"].items() if not value
            },
        }
    ]  # fmt: skip


@pytest.mark.parametrize("kind", ["webhook"])
async def test_a_wrong_signature_is_refused(chat: Chat, asking: Ask) -> None:
    for key, now in (("another", chats.Receiver.now), (chats.Receiver.key, chats.Receiver.now - 400)):
        sender = WebhookSender("chat", chat.url, key, asking, now=lambda now=now: now)  # type: ignore[misc]
        refused = await sender.send(sender.wire(update(), Thread()))
        assert isinstance(refused, Refused) and refused.fault == "configuration"
    assert not chat.posted


@pytest.mark.parametrize("kind", ["zulip"])
async def test_one_of_two_equal_messages_is_told_from_the_other(sender: Sender, chat: Chat) -> None:
    first, second = update("u1:chat:thread"), update("u2:chat:thread")
    await sender.send(sender.wire(first, Thread()))
    assert await sender.find(second, sender.wire(second, Thread())) == Absent()
    assert await sender.find(first, sender.wire(first, Thread())) == Sent("1")


@pytest.mark.parametrize("kind", ["zulip"])
async def test_what_lies_too_far_back_is_not_called_absent(sender: Sender, chat: Chat) -> None:
    chat.posted = ["somebody's words"] * 101
    letter = update()
    assert isinstance(await sender.find(letter, sender.wire(letter, Thread())), Ambiguous)


LIMIT, OFF = "The time limit for editing this message has passed", "Your organization has turned off message editing"


@pytest.mark.parametrize("kind", ["zulip"])
@pytest.mark.parametrize(
    ("letter", "words", "fault", "final"),
    [
        (card(), LIMIT, "gone", False),
        (card(), OFF, "payload", True),
        (Outgoing("u2", "thread", AT, "INC-7", "redacted", edits="1"), LIMIT, "payload", True),
        (Outgoing("u2", "thread", AT, "INC-7", "redacted", edits="1"), "Invalid message(s)", "gone", False),
    ],
)
async def test_an_edit_that_zulip_does_not_allow(
    sender: Sender, chat: Chat, letter: Outgoing, words: str, fault: str, final: bool
) -> None:
    assert isinstance(chat, chats.Zulip)
    chat.posted, chat.editable = ["the token is x"], words
    refused = await sender.send(sender.wire(letter, Thread(root="1")))
    assert isinstance(refused, Refused) and (refused.fault, refused.final) == (fault, final)
    assert words in refused.why


@pytest.mark.parametrize("kind", ["zulip"])
async def test_a_channel_that_is_not_there(sender: Sender, chat: Chat) -> None:
    assert isinstance(chat, chats.Zulip)
    chat.channel = "renamed"
    refused = await sender.send(sender.wire(update(), Thread()))
    assert isinstance(refused, Refused) and refused.fault == "channel"


@pytest.mark.parametrize("kind", ["slack_webhook"])
@pytest.mark.parametrize(
    ("status", "code", "fault"),
    [
        (400, "invalid_payload", "payload"),
        (400, "invalid_blocks", "payload"),
        (403, "action_prohibited", "channel"),
        (403, "invalid_token", "configuration"),
        (404, "no_service", "configuration"),
        (404, "channel_not_found", "channel"),
        (410, "channel_is_archived", "channel"),
        (400, "a sentence", "payload"),
    ],
)
async def test_what_slack_says_to_a_webhook(
    sender: Sender, chat: Chat, status: int, code: str, fault: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> tuple[int, str]:
        raise chats.Refusal(status, code)

    monkeypatch.setattr(chat, "take", refuse)
    refused = await sender.send(sender.wire(update(), Thread()))
    assert isinstance(refused, Refused) and refused.fault == fault
    assert (code in refused.why) == (" " not in code)
