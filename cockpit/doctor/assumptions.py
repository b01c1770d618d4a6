"""What the cockpit takes for granted of Slack: one trial for each theme."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

from cockpit.broadcast.message import Card, Post
from cockpit.broadcast.slack.blocks import payload
from cockpit.broadcast.slack.errors import Answer
from cockpit.broadcast.slack.wire import EVENT, key_of
from cockpit.doctor.sizes import sizes
from cockpit.doctor.trying import TEXT, Bench, Row, Trial, code, row, thread_of, told, untried, word
from cockpit.doctor.untriable import untriable

SCHEDULED = f"{TEXT} It was scheduled."
KEY = "cockpit-doctor"
METADATA = {"event_type": EVENT, "event_payload": {"key": KEY, "incident": "doctor"}}
MARK = "cockpit_doctor"
"""The id of our block: Slack makes blocks of its own out of text."""
SECTION: dict[str, Any] = {"type": "section", "block_id": MARK, "text": {"type": "mrkdwn", "text": TEXT}}
LAST_MINUTE, SAID_BY = 45.0, 40.0
"""Seconds before its time in which a scheduled message is asked back, and after it until it is looked for."""


async def answers(bench: Bench) -> AsyncIterator[Row]:
    """Who the token is, and what its answers tell."""
    said = await bench.call("auth.test")
    yield row("auth.test takes the token", "ok", told(said))
    headers = said.headers if isinstance(said, Answer) else {}
    seen = "listed" if "x-oauth-scopes" in headers else "not listed"
    yield row("its answer lists what the app may do", "listed", seen)
    yield row("its answer tells the time", "a Date", "a Date" if bench.web.ahead is not None else "none")


async def posting(bench: Bench) -> AsyncIterator[Row]:
    """A message, what comes back of it, and its edits."""
    sent = f"{TEXT} &lt;!channel&gt; &amp;lt;"
    said = await bench.post(sent, metadata=METADATA, unfurl_links=False, unfurl_media=False)
    yield row("chat.postMessage answers with the message's ts", "ok", told(said) if not word(said, "ts") else "ok")
    if not (ts := word(said, "ts")):
        return
    found = await _one(bench, ts)
    if isinstance(found, str):
        for assumption in ("history gives metadata back", "escaped text comes back as it was sent"):
            yield untried(assumption, "the same", found)
    else:
        yield row("history gives metadata back", "the same", "the same" if key_of(found) == KEY else "none")
        yield row("escaped text comes back as it was sent", sent, str(found.get("text")))
    async for each in _editing(bench, ts):
        yield each
    for assumption, expected in (("a message can be pinned", "ok"), ("but not twice", "already_pinned")):
        seen = told(await bench.call("pins.add", channel=bench.channel, timestamp=ts))
        lacking = seen == "missing_scope"
        yield untried(assumption, expected, seen) if lacking else row(assumption, expected, seen)
    await bench.call("pins.remove", channel=bench.channel, timestamp=ts)


async def _editing(bench: Bench, ts: str) -> AsyncIterator[Row]:
    said = await bench.call("chat.update", channel=bench.channel, ts=ts, text=TEXT, blocks=[SECTION])
    yield row("chat.update takes text and blocks", "ok", told(said))
    found = await _one(bench, ts)
    if not isinstance(found, str):
        flag = "a flag" if "edited" in found else "no flag"
        yield row("with blocks nothing says that it was edited", "no flag", flag)
        yield row("metadata stays over an edit", "the same", "the same" if key_of(found) == KEY else "gone")
    said = await bench.call("chat.update", channel=bench.channel, ts=ts, text=TEXT)
    found = await _one(bench, ts)
    if not isinstance(found, str):
        ours = any(each.get("block_id") == MARK for each in found.get("blocks", []))
        yield row("text without blocks removes the blocks", "gone", "still there" if ours else "gone")
    for assumption, expected, size in (("an edit takes 4,000 characters", "ok", 4000),
                                       ("an edit of 4,001 is refused", "msg_too_long", 4001)):  # fmt: skip
        said = await bench.call("chat.update", channel=bench.channel, ts=ts, text="x" * size)
        yield row(assumption, expected, told(said))


async def threads(bench: Bench) -> AsyncIterator[Row]:
    """Replies: where they are read, and what becomes of one whose parent is gone."""
    root = word(await bench.post(TEXT), "ts")
    if not root:
        return
    quiet = await bench.post(TEXT, thread_ts=root)
    yield row("the answer to a reply names its parent", root, thread_of(quiet))
    loud = await bench.post(TEXT, thread_ts=root, reply_broadcast=True)
    yield row("reply_broadcast is taken", "ok", told(loud))
    history = await bench.messages()
    if isinstance(history, str):
        yield untried("history leaves replies out, but not those shown to all", "only the loud one", history)
    else:
        shown = {str(each.get("ts")) for each in history}
        seen = [name for name, said in (("quiet", quiet), ("loud", loud)) if word(said, "ts") in shown]
        yield row("history leaves replies out, but not those shown to all", "loud", ", ".join(seen))
        replies = await bench.messages("conversations.replies", ts=root)
        count = len(replies) if isinstance(replies, list) else replies
        yield row("conversations.replies gives the parent and every reply", "3", str(count))
    gone = word(await bench.post(TEXT), "ts")
    await bench.call("chat.delete", channel=bench.channel, ts=gone)
    stray = await bench.post(TEXT, thread_ts=gone)
    where = "top level" if code(stray) == "ok" and not thread_of(stray) else thread_of(stray) or told(stray)
    yield row("a reply to a message that is gone is posted at top level, without a word", "top level", where)
    said = await bench.call("chat.update", channel=bench.channel, ts=gone, text=TEXT)
    yield row("an edit of a message that is gone", "message_not_found", told(said))


async def limits(bench: Bench) -> AsyncIterator[Row]:
    """What is not taken, and what Slack thinks of our own messages."""
    said = await bench.post(TEXT, blocks=[{"type": "divider"}] * 51)
    yield row("a message of too many blocks is not posted", "invalid_blocks", told(said))
    whole = [{**SECTION, "block_id": f"{MARK}_{number}", "text": {"type": "mrkdwn", "text": "x" * 2400}}
             for number in range(4)]  # fmt: skip
    yield row("9,600 characters of blocks are posted", "ok", told(await bench.post(TEXT, blocks=whole)))
    for assumption, value in (("metadata with a list is refused", ["a"]), ("metadata with a null is refused", None)):
        metadata = {"event_type": EVENT, "event_payload": {"key": value}}
        said = await bench.post(TEXT, metadata=metadata)
        yield row(assumption, "invalid_metadata_schema", told(said), "invalid_metadata_format")
    yield row("a message without text and blocks is refused", "no_text", told(await bench.post("")))
    for name, message in (("card", CARD), ("update", POST)):
        said = await bench.call("blocks.validate", blocks=payload(message, listening=True)["blocks"])
        yield row(f"blocks.validate takes our {name}", "ok", told(said))


async def looking(bench: Bench) -> AsyncIterator[Row]:
    """How often the channel can be read."""
    await bench.messages()
    again = await bench.web.call("conversations.history", {"channel": bench.channel, "limit": 15})
    assumption, seen = "history can be read twice in a minute, as an app of one's own may", told(again)
    yield untried(assumption, "ok", seen) if seen == "missing_scope" else row(assumption, "ok", seen)


async def keeping(bench: Bench) -> AsyncIterator[Row]:
    """Messages in Slack's own keeping. The last of these takes a minute and a half."""
    root = word(await bench.post(TEXT), "ts")
    said = await bench.schedule(TEXT, 600, thread_ts=root, reply_broadcast=True, blocks=[SECTION])
    yield row("chat.scheduleMessage takes a thread and reply_broadcast", "ok", told(said))
    kept = word(said, "scheduled_message_id")
    listed = await bench.call("chat.scheduledMessages.list", channel=bench.channel, limit=100)
    there = listed.listed("scheduled_messages") if isinstance(listed, Answer) else []
    texts = [str(each.get("text")) for each in there if each.get("id") == kept]
    yield row("what is kept is listed with its text", TEXT, ", ".join(texts) or told(listed))
    asked = {"channel": bench.channel, "scheduled_message_id": kept}
    yield row("it can be taken back", "ok", told(await bench.call("chat.deleteScheduledMessage", **asked)))
    again = told(await bench.call("chat.deleteScheduledMessage", **asked))
    yield row("what is no longer kept", "invalid_scheduled_message_id", again)
    yield row("a time that has passed is refused", "time_in_past", told(await bench.schedule(TEXT, -60)))
    async for each in _last_minute(bench):
        yield each


async def _last_minute(bench: Bench) -> AsyncIterator[Row]:
    assumption, expected = "in its last minute it cannot be taken back", "invalid_scheduled_message_id"
    if isinstance(unread := await bench.messages(), str):
        # What is then posted could not be found, and would stay.
        yield untried(assumption, expected, unread)
        return
    near = word(await bench.schedule(SCHEDULED, LAST_MINUTE), "scheduled_message_id")
    asked = {"channel": bench.channel, "scheduled_message_id": near}
    seen = told(await bench.call("chat.deleteScheduledMessage", **asked))
    yield row(assumption, expected, seen)
    if seen == "ok" or not near:
        return
    await bench.clock.sleep(LAST_MINUTE + SAID_BY)
    found = await bench.messages()
    history = found if isinstance(found, list) else []
    said = [str(each.get("ts")) for each in history if each.get("text") == SCHEDULED]
    bench.posted += said
    yield row("it is posted when its time comes", "posted", "posted" if said else "not posted")


async def _one(bench: Bench, ts: str) -> dict[str, Any] | str:
    """One message as history shows it, or in words why not."""
    found = await bench.messages(oldest=ts, latest=ts, inclusive=True)
    if isinstance(found, str):
        return found
    return next((each for each in found if each.get("ts") == ts), "history does not show it")


CARD = Card(
    headline="SEV1 - Logins failing - Mitigating", act="Needed: ana. Everyone else: no need to join, follow here.",
    impact="one in five logins fails, since 10:02 UTC.", measured="login 79 % failing.", unaffected="checkout.",
    know="a config change at 10:01.", doing="it is being reverted.", unknown="whether sessions are lost.",
    people="Lead: ana. On it: ben.", due="Next update by 10:40 UTC.", footer="INC-7, update 3, as of 10:20 UTC",
    severity="SEV1", status="mitigating", lead="ana", on_it="ben", needed=("ana",), incident="INC-7", revision=3,
)  # fmt: skip
POST = Post("status", "SEV1: it is being reverted", know="a config change.", doing="reverting.", unknown="sessions.")
TRIALS: tuple[Trial, ...] = (answers, posting, threads, limits, sizes, looking, keeping, untriable)
