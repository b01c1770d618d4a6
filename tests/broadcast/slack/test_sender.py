"""Letters go to a fake Slack over real HTTP: what is sent, and what each answer means."""

from __future__ import annotations

import asyncio
import json

import pytest

from cockpit.broadcast.message import SHOWN_TO_ALL, Direct, Post, Switch
from cockpit.broadcast.sender import Absent, Refused, Sent, Thread, Unsearchable
from cockpit.broadcast.senders.slack import SlackSender
from tests.broadcast.slack.conftest import Letter, MakeSender, card
from tests.slack import faults
from tests.slack.server import FakeSlack
from tests.slack.workspace import ARCHIVED, CHANNEL, OUTSIDE, PRIVATE, SECOND_CHANNEL, WRITE_ONLY, Token


async def _posted(sender: SlackSender, letter: Letter) -> str:
    """The address of a card that is there."""
    sent = await sender.send(sender.wire(letter(card()), Thread()))
    assert isinstance(sent, Sent)
    return sent.where


async def test_a_card_is_posted_pinned_and_then_edited(sender: SlackSender, slack: FakeSlack, letter: Letter) -> None:
    where = await _posted(sender, letter)
    (message,) = slack.books.top()
    assert where == f"{CHANNEL}/{message.ts}" and list(slack.books.pins()) == [message.ts]
    assert message.metadata == {
        "event_type": "cockpit_update",
        "event_payload": {"key": "INC-7/1", "incident": "INC-7"},
    }
    edited = await sender.send(sender.wire(letter(card(headline="SEV2 - Logins slow - Monitoring")), Thread(where)))
    assert edited == Sent(where)
    (message,) = slack.books.top()
    assert "Logins slow" in message.text and message.blocks and message.key == "INC-7/1"


async def test_nothing_unfurls(sender: SlackSender, slack: FakeSlack, letter: Letter) -> None:
    root = await _posted(sender, letter)
    await sender.send(sender.wire(letter(Post("opened", "SEV1: opened")), Thread(root)))
    asked = [call.args for call in slack.books.called("chat.postMessage")]
    assert [(args["unfurl_links"], args["unfurl_media"]) for args in asked] == [(False, False)] * 2


async def test_without_pin_nothing_is_pinned(make_sender: MakeSender, slack: FakeSlack, letter: Letter) -> None:
    await _posted(make_sender(pin=False), letter)
    assert not slack.books.pins() and slack.books.methods() == ["chat.postMessage"]


@pytest.mark.parametrize("code", ["already_pinned", "too_many_pins", "missing_scope", "fatal_error", "ratelimited"])
async def test_a_pin_that_fails_never_fails_the_card(
    sender: SlackSender, slack: FakeSlack, letter: Letter, code: str
) -> None:
    slack.weather.add(faults.error(code), "pins.add")
    assert await _posted(sender, letter) == f"{CHANNEL}/{slack.books.top()[0].ts}"


@pytest.mark.parametrize("reason", ["opened", "step", *sorted(SHOWN_TO_ALL)])
async def test_an_update_answers_the_card_and_what_matters_is_shown_to_all(
    sender: SlackSender, slack: FakeSlack, letter: Letter, reason: str
) -> None:
    root = await _posted(sender, letter)
    sent = await sender.send(sender.wire(letter(Post(reason, "SEV1: news")), Thread(root)))
    (reply,) = slack.books.thread(root.split("/")[1])
    assert sent == Sent(f"{CHANNEL}/{reply.ts}")
    assert (reply.broadcast, reply.key) == (reason in SHOWN_TO_ALL, "INC-7/2")


async def test_the_wire_is_what_is_sent_and_tells_no_secret(
    sender: SlackSender, slack: FakeSlack, letter: Letter
) -> None:
    root = await _posted(sender, letter)
    wire = sender.wire(letter(Post("status", "SEV1: <!channel> & co")), Thread(root))
    asked = json.loads(wire)
    assert asked["method"] == "chat.postMessage" and b"xoxb" not in wire
    await sender.send(wire)
    assert slack.books.calls[-1].args == asked["args"]
    assert "<!channel>" not in wire.decode() and "&lt;!channel&gt; &amp; co" in asked["args"]["text"]


async def test_minimal_is_text_alone_and_takes_the_blocks_away(
    sender: SlackSender, slack: FakeSlack, letter: Letter
) -> None:
    root = await _posted(sender, letter)
    assert slack.books.top()[0].blocks
    assert await sender.send(sender.minimal(letter(card()), Thread(root))) == Sent(root)
    assert not slack.books.top()[0].blocks and "Logins failing" in slack.books.top()[0].text


async def test_a_text_told_by_mistake_is_edited_away(sender: SlackSender, slack: FakeSlack, letter: Letter) -> None:
    root = await _posted(sender, letter)
    told = await sender.send(sender.wire(letter(Post("note", "SEV1: password hunter2")), Thread(root)))
    assert isinstance(told, Sent)
    better = letter(Post("note", "SEV1: [redacted]"), edits=told.where)
    assert await sender.send(sender.wire(better, Thread(root))) == told
    assert [each.text for each in slack.books.thread(root.split("/")[1])] == ["SEV1: [redacted]."]
    assert await sender.find(better, sender.wire(better, Thread(root))) == Absent(certain=True)


async def test_a_card_of_another_channel_is_posted_anew(
    sender: SlackSender, make_sender: MakeSender, slack: FakeSlack, letter: Letter
) -> None:
    root = await _posted(sender, letter)
    sent = await make_sender(channel=SECOND_CHANNEL).send(
        make_sender(channel=SECOND_CHANNEL).wire(letter(card()), Thread(root))
    )
    assert isinstance(sent, Sent) and sent.where.startswith(f"{SECOND_CHANNEL}/")


async def test_a_private_channel_is_as_good(make_sender: MakeSender, slack: FakeSlack, letter: Letter) -> None:
    assert (await _posted(make_sender(channel=PRIVATE), letter)).startswith(f"{PRIVATE}/")


@pytest.mark.parametrize("channel", [OUTSIDE, ARCHIVED, "C0NOWHERE"])
async def test_a_channel_that_takes_nothing_is_the_channels_fault(
    make_sender: MakeSender, slack: FakeSlack, letter: Letter, channel: str
) -> None:
    sender = make_sender(channel=channel)
    refused = await sender.send(sender.wire(letter(card()), Thread()))
    assert isinstance(refused, Refused) and (refused.fault, refused.final) == ("channel", False)


async def test_a_card_that_is_gone_is_told_so(sender: SlackSender, slack: FakeSlack, letter: Letter) -> None:
    root = await _posted(sender, letter)
    slack.books.top()[0].deleted = True
    refused = await sender.send(sender.wire(letter(card()), Thread(root)))
    assert isinstance(refused, Refused) and refused.fault == "gone"


async def test_a_card_that_can_no_longer_be_edited_is_gone(
    sender: SlackSender, slack: FakeSlack, letter: Letter
) -> None:
    root = await _posted(sender, letter)
    slack.space.rules.edit_window = -1.0
    refused = await sender.send(sender.wire(letter(card()), Thread(root)))
    assert isinstance(refused, Refused) and refused.fault == "closed" and "edit_window_closed" in refused.why


async def test_a_root_archived_between_update_and_resolve_is_the_channels_fault(
    sender: SlackSender, slack: FakeSlack, letter: Letter
) -> None:
    root = await _posted(sender, letter)
    slack.space.channels[CHANNEL].archived = True
    for message in (card(), Post("resolved", "SEV1: resolved")):
        refused = await sender.send(sender.wire(letter(message), Thread(root)))
        assert isinstance(refused, Refused) and refused.fault == "channel"


async def test_a_reply_whose_root_is_gone_is_taken_away_again(
    sender: SlackSender, slack: FakeSlack, letter: Letter
) -> None:
    root = await _posted(sender, letter)
    slack.books.top()[0].deleted = True
    refused = await sender.send(sender.wire(letter(Post("status", "SEV1: news")), Thread(root)))
    assert isinstance(refused, Refused) and refused.fault == "gone"
    assert slack.books.everything() == []


async def test_a_stray_that_cannot_be_taken_away_is_not_told_twice(
    sender: SlackSender, slack: FakeSlack, letter: Letter
) -> None:
    root = await _posted(sender, letter)
    slack.books.top()[0].deleted = True
    slack.weather.add(faults.error("cant_delete_message"), "chat.delete")
    sent = await sender.send(sender.wire(letter(Post("status", "SEV1: news")), Thread(root)))
    assert sent == Sent(f"{CHANNEL}/{slack.books.top()[0].ts}")


async def test_a_stray_whose_end_is_unknown_is_looked_for(
    sender: SlackSender, slack: FakeSlack, letter: Letter
) -> None:
    root = await _posted(sender, letter)
    slack.books.top()[0].deleted = True
    slack.weather.add(faults.reset(commit=False), "chat.delete")
    news = letter(Post("status", "SEV1: news"))
    wire = sender.wire(news, Thread(root))
    assert type(await sender.send(wire)).__name__ == "Ambiguous"
    assert await sender.find(news, wire) == Sent(f"{CHANNEL}/{slack.books.top()[0].ts}")
    slack.books.top()[0].deleted = True
    assert await sender.find(news, wire) == Absent()


async def test_somebody_needed_is_told_alone(sender: SlackSender, slack: FakeSlack, letter: Letter) -> None:
    sent = await sender.send(sender.wire(letter(Direct("ada", "You are needed.")), Thread()))
    (told,) = slack.books.everything("D0ADA")
    assert sent == Sent(f"D0ADA/{told.ts}") and "You are needed." in told.text
    assert slack.books.top() == []


async def test_somebody_is_told_alone_without_the_scope_to_open_a_conversation(
    make_sender: MakeSender, slack: FakeSlack, letter: Letter
) -> None:
    sender = make_sender(WRITE_ONLY)
    assert isinstance(await sender.send(sender.wire(letter(Direct("ada", "You are needed.")), Thread())), Sent)
    assert len(slack.books.everything("D0ADA")) == 1


async def test_somebody_unknown_is_refused_by_the_name_of_the_setting(
    sender: SlackSender, slack: FakeSlack, letter: Letter
) -> None:
    refused = await sender.send(sender.wire(letter(Direct("zoe", "You are needed.")), Thread()))
    assert isinstance(refused, Refused) and (refused.final, refused.fault) == (True, "payload")
    assert "zoe" in refused.why and "broadcast.people" in refused.why and not slack.books.calls


@pytest.mark.parametrize(
    ("code", "method"),
    [
        ("user_not_found", "conversations.open"),
        ("no_permission", "conversations.open"),
        ("access_denied", "conversations.open"),
        ("user_disabled", "chat.*"),
        ("no_permission", "chat.*"),
        ("missing_scope", "chat.*"),
    ],
)
async def test_somebody_who_cannot_be_reached_is_not_the_destinations_fault(
    sender: SlackSender, slack: FakeSlack, letter: Letter, code: str, method: str
) -> None:
    slack.weather.add(faults.error(code), method)
    refused = await sender.send(sender.wire(letter(Direct("ada", "You are needed.")), Thread()))
    assert isinstance(refused, Refused) and (refused.final, refused.fault) == (True, "payload")
    assert "cannot be written to alone" in refused.why and code in refused.why


@pytest.mark.parametrize("code", ["user_disabled", "no_permission"])
async def test_a_word_in_doubt_to_somebody_who_cannot_be_reached_is_not_looked_for_for_ever(
    sender: SlackSender, slack: FakeSlack, letter: Letter, code: str
) -> None:
    word = letter(Direct("ada", "You are needed."))
    slack.weather.add(faults.error(code), "conversations.open")
    found = await sender.find(word, sender.wire(word, Thread()))
    assert isinstance(found, Unsearchable) and code in found.why


async def test_a_letter_without_a_message_goes_as_its_text(
    sender: SlackSender, slack: FakeSlack, letter: Letter
) -> None:
    old = letter(card())
    old = type(old)(old.key, old.kind, old.at, old.incident, "a < b")
    for wire in (sender.wire(old, Thread()), sender.minimal(old, Thread())):
        assert isinstance(await sender.send(wire), Sent)
    assert slack.books.texts() == ["a &lt; b"] * 2


async def test_what_cannot_be_read_is_refused_for_good(sender: SlackSender, letter: Letter) -> None:
    refused = await sender.send(b"not json")
    assert isinstance(refused, Refused) and refused.final
    assert await sender.find(letter(card()), b"not json") == Absent(certain=True)


def test_without_switch_none_is_taken(make_sender: MakeSender) -> None:
    assert make_sender().takes == {"card", "thread", "switch", "direct"}
    assert make_sender(switch=False).takes == {"card", "thread", "direct"}
    assert make_sender().threaded


async def test_buttons_are_there_only_while_somebody_listens(make_sender: MakeSender, letter: Letter) -> None:
    assert b'"actions"' not in make_sender().wire(letter(card()), Thread())
    listening = make_sender(app_token={"env": "SLACK_APP_TOKEN"})
    assert b'"actions"' in listening.wire(letter(card()), Thread())


async def test_a_token_revoked_in_mid_incident_pauses_and_goes_on_when_mended(
    sender: SlackSender, slack: FakeSlack, letter: Letter
) -> None:
    root = await _posted(sender, letter)
    token = slack.space.tokens["xoxb-fake-full"]
    token.refused = "token_revoked"
    wire = sender.wire(letter(Post("status", "SEV1: news")), Thread(root))
    refused = await sender.send(wire)
    assert isinstance(refused, Refused) and (refused.fault, refused.final) == ("configuration", False)
    token.refused = ""
    assert isinstance(await sender.send(wire), Sent)


async def test_a_token_of_another_workspace_is_a_fault_of_the_configuration(
    make_sender: MakeSender, slack: FakeSlack, letter: Letter
) -> None:
    sender = make_sender("xoxb-of-elsewhere-1234")
    refused = await sender.send(sender.wire(letter(card()), Thread()))
    assert isinstance(refused, Refused) and refused.fault == "configuration" and "another workspace" in refused.why
    slack.space.tokens["xoxb-of-elsewhere-1234"] = Token(("chat:write",))
    slack.space.channels.pop(CHANNEL)
    refused = await sender.send(sender.wire(letter(card()), Thread()))
    assert isinstance(refused, Refused) and refused.fault == "channel"


@pytest.mark.parametrize("token", ["xoxb-one\ntwo", "xoxb-one\r\nX-Evil: 1", "xoxb one", "xoxb-ü", ""])
async def test_a_token_with_a_newline_never_leaves(
    make_sender: MakeSender, slack: FakeSlack, letter: Letter, token: str
) -> None:
    sender = make_sender(token)
    refused = await sender.send(sender.wire(letter(card()), Thread()))
    assert isinstance(refused, Refused) and refused.fault == "configuration"
    assert not slack.books.calls and (not token or token not in refused.why)


async def test_two_letters_at_once_share_nothing(sender: SlackSender, slack: FakeSlack, letter: Letter) -> None:
    wires = [sender.wire(letter(card()), Thread()) for _ in range(5)]
    sent = await asyncio.gather(*(sender.send(wire) for wire in wires))
    assert len({each.where for each in sent if isinstance(each, Sent)}) == 5


async def test_of_a_switch_kept_nowhere_nothing_is_said_to_be_well_that_is_not(
    sender: SlackSender, slack: FakeSlack, letter: Letter
) -> None:
    wire = sender.wire(letter(Switch(0, "")), Thread())
    assert await sender.send(wire) == Sent() and slack.books.methods() == ["auth.test"]
    await slack.down()
    assert isinstance(await sender.send(wire), Refused)
