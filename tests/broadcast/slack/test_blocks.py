"""Every message, whatever is in it, is one that Slack takes whole."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cockpit.broadcast.cutting import utf16
from cockpit.broadcast.message import Card, Direct, Link, Message, Post, Section, Switch
from cockpit.broadcast.slack.blocks import BUTTONS, WHOLE, minimal, payload
from tests.broadcast.slack.whole import PEOPLE, check_markup, check_whole, texts
from tests.slack.content import UPDATED, check_content

TEN = 1_700_042_400_000_000
"""Microseconds: ten o'clock UTC."""
MINUTE = 60_000_000
_WORDS = ("<!channel>", "&lt;", "<@U0EVIL000>", "https://x.example/a?b&c", "10:00 UTC", "ana", "\n", "\U0001f525" * 150)
WORDS = (
    st.text() | st.lists(st.sampled_from(_WORDS)).map("".join) | st.sampled_from(["<" * 5000, "&" * 5000, "z" * 9000])
)
NAMES = st.lists(st.sampled_from([*PEOPLE, "<!here>", "&", ""]) | st.text(), max_size=60).map(tuple)
MOMENTS = st.lists(st.integers(0, 2**53), max_size=5).map(tuple)
SECTIONS = st.lists(
    st.builds(Section, st.sampled_from(["act", "impact", "know", "due", "people", "own"]), WORDS, WORDS), max_size=40
).map(tuple)
CARDS = st.builds(
    Card,
    **{name: WORDS for name in (
        "headline", "act", "impact", "measured", "unaffected", "know", "doing", "unknown", "people", "due", "footer",
        "severity", "status", "lead", "on_it", "released", "estimate", "incident",
    )},
    needed=NAMES, moments=MOMENTS, started=st.integers(0, 2**53), own=SECTIONS, resolved=st.booleans(),
    links=st.lists(st.builds(Link, WORDS, WORDS), max_size=40).map(tuple),
)  # fmt: skip
POSTS = st.builds(
    Post,
    **{name: WORDS for name in (
        "reason", "headline", "know", "doing", "unknown", "estimate", "notice", "thanks", "incident", "title",
    )},
    needed=NAMES, told=st.lists(WORDS, max_size=60).map(tuple), moments=MOMENTS, next_due=st.integers(0, 2**53),
    own=SECTIONS,
)  # fmt: skip
MESSAGES = CARDS | POSTS | st.builds(Switch, st.integers(0, 2**53), WORDS, WORDS) | st.builds(Direct, WORDS, WORDS)


def card(**parts: Any) -> Card:
    whole: dict[str, Any] = dict.fromkeys(Card.__struct_fields__[:11], "")
    return Card(**(whole | {"headline": "SEV1 - Logins failing - Mitigating", "footer": "INC-7"} | parts))


@given(MESSAGES)
def test_any_message_is_taken(message: Message) -> None:
    check_whole(payload(message, PEOPLE, listening=True))
    plain = minimal(message)
    check_content(plain, UPDATED)
    check_markup(plain["text"])
    assert utf16(plain["text"]) <= WHOLE and "<@" not in plain["text"]


def test_the_longest_texts_give_way_first() -> None:
    long = card(act="No.", know="k" * 500, doing="<" * 500, unknown="&" * 500, due="Next update by 10:40 UTC.")
    shown = "\n".join(texts(payload(long)))
    assert "k" * 500 in shown and "*Do you need to act?* No." in shown and "Next update by 10:40 UTC." in shown
    cut = [len(line) for line in shown.splitlines() if line.endswith("…")]
    assert len(cut) == 2 and max(cut) - min(cut) < len("&amp;")


def test_who_is_needed_is_called_and_nobody_else() -> None:
    built = payload(card(act="Needed: ana, zoe.", know="bo knows", needed=("ana", "zoe")), PEOPLE)
    assert "*Do you need to act?* Needed: <@U024BE7LH>, zoe." in texts(built)
    assert "*Know:* bo knows" in texts(built)
    assert "<@" not in built["text"]


def test_a_post_calls_those_it_is_for() -> None:
    built = payload(Post("needed", "SEV1: bo is needed, network", needed=("bo",)), PEOPLE)
    assert list(texts(built)) == ["SEV1: <@W012A3CDE> is needed, network"]


def test_the_switch_calls_whoever_leads() -> None:
    built = payload(Switch(TEN, "INC-7: silent. Ask ana.", "ana"), PEOPLE)
    assert list(texts(built)) == ["INC-7: silent. Ask <@U024BE7LH>."]
    assert built["text"] == "INC-7: silent. Ask ana."


def test_readers_can_answer_only_while_somebody_listens() -> None:
    open_card = card(incident="INC-7")
    assert not list(texts(payload(open_card), "button"))
    *_, last = payload(open_card, listening=True)["blocks"]
    assert [(each["action_id"], each["text"]["text"], each["value"]) for each in last["elements"]] == [
        (action, words, "INC-7") for action, words in BUTTONS.items()
    ]
    for silent in (card(incident="INC-7", resolved=True), card()):
        assert all(block["type"] != "actions" for block in payload(silent, listening=True)["blocks"])


def test_people_stand_side_by_side() -> None:
    built = payload(card(people="Lead: ana.", status="mitigating", lead="ana", started=TEN, released="cy"))
    (fields,) = [block["fields"] for block in built["blocks"] if "fields" in block]
    assert [field["text"] for field in fields] == [
        "*Status*\nMitigating", "*Lead*\nana", "*On it*\nnobody yet",
        "*Started*\n<!date^1700042400^{date_short_pretty} {time}|2023-11-15 10:00 UTC>",
        "*Released, with thanks*\ncy",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("message", "text"),
    [
        (card(act="No.", due="Next update by 10:40 UTC."),
         "SEV1 - Logins failing - Mitigating. No. Next update by 10:40 UTC."),
        (Post("status", "SEV1: status monitoring", next_due=TEN, title="Logins failing", incident="INC-7"),
         "SEV1: status monitoring (Logins failing, INC-7). Next update by 10:00 UTC."),
        (Post("opened", "SEV1 declared: Logins failing.", title="Logins failing", incident="INC-7"),
         "SEV1 declared: Logins failing (INC-7)."),
        (Post("update", "h", notice="may be repeated"), "h. May be repeated."),
        (Direct("ana", "The call: https://call.example/7"), "The call: https://call.example/7"),
        (Post("update", "<" * 99), "&lt;" * 74 + "…"),
        (Post("update", "h" * 290, next_due=TEN), "h" * 290 + "."),
    ],
)  # fmt: skip
def test_notifications_are_whole_sentences(message: Message, text: str) -> None:
    assert payload(message)["text"] == text


def test_merged_updates_are_a_list_that_ends() -> None:
    built = payload(Post("update", "3 updates", told=("one", "two <")))
    assert next(texts(built)) == "*3 updates*\n- one\n- two &lt;"
    many = payload(Post("update", "many", told=tuple(map(str, range(60)))))
    assert next(texts(many)).endswith("\n- 29\nand 30 more")


def test_a_plain_message_says_the_same() -> None:
    assert minimal(card(act="a & b")) == {
        "text": "SEV1 - Logins failing - Mitigating\nDo you need to act? a &amp; b\nINC-7"
    }
