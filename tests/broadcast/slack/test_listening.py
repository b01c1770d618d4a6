"""What an envelope of Socket Mode asks for, and that nothing else in it does anything."""

from __future__ import annotations

from typing import Any

import pytest

from cockpit.broadcast.slack.listening import Commanded, Pinned, Pressed, moment_of, plain, read

AT = 1_763_635_700_123_400


def press(action: str = "cockpit.help", value: str = "INC-7", **user: Any) -> dict[str, Any]:
    """A click, as Slack tells of it."""
    return {
        "type": "block_actions",
        "user": {"id": "U0EVE", "username": "eve", "name": "eve", "team_id": "T0FAKE"} | user,
        "container": {"type": "message", "message_ts": "1763635620.000100", "channel_id": "C0INCIDENT"},
        "channel": {"id": "C0INCIDENT", "name": "incidents"},
        "response_url": "https://hooks.slack.com/actions/T0FAKE/1/x",
        "actions": [{"type": "button", "action_id": action, "value": value, "action_ts": "1763635700.123400"}],
    }


def reaction(name: str = "pushpin", kind: str = "reaction_added", ts: str = "1763635650.000200") -> dict[str, Any]:
    """A reaction, as Slack tells of it."""
    item = {"type": "message", "channel": "C0INCIDENT", "ts": ts}
    event = {"type": kind, "user": "U0EVE", "reaction": name, "item": item, "item_user": "U0BEN"}
    return {"type": "event_callback", "team_id": "T0FAKE", "event_id": "Ev1", "event": event}


def slash(text: str = "status", command: str = "/cockpit") -> dict[str, Any]:
    """A command, as Slack tells of it."""
    return {"command": command, "text": text, "user_id": "U0EVE", "user_name": "eve", "channel_id": "C0INCIDENT"}


@pytest.mark.parametrize("button", ["help", "away", "follow"])
def test_a_press_names_who_where_which_incident_and_when(button: Any) -> None:
    found = read("interactive", press(f"cockpit.{button}"))
    assert found == Pressed("U0EVE", "eve", "C0INCIDENT", "INC-7", button, AT)  # type: ignore[arg-type]


def test_a_pushpin_names_the_message_and_its_author() -> None:
    found = read("events_api", reaction())
    assert found == Pinned("U0EVE", "C0INCIDENT", "1763635650.000200", "U0BEN")
    assert found.place == "C0INCIDENT:1763635650.000200"


def test_a_command_keeps_its_words_on_one_line() -> None:
    assert read("slash_commands", slash("  status\n\tplease ")) == Commanded("U0EVE", "C0INCIDENT", "status please")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("kind", "payload"),
    [
        ("interactive", press("other.button")),
        ("interactive", press() | {"type": "view_submission"}),
        ("interactive", press() | {"actions": []}),
        ("interactive", press() | {"channel": {"id": "../../etc"}}),
        ("interactive", press(id="<!channel>")),
        ("interactive", {}),
        ("interactive", None),
        ("events_api", reaction("eyes")),
        ("events_api", reaction(kind="reaction_removed")),
        ("events_api", reaction(ts="now")),
        ("events_api", {"event": {"type": "message", "text": "/cockpit resolve"}}),
        ("events_api", []),
        ("slash_commands", slash(command="/deploy")),
        ("slash_commands", slash() | {"user_id": 7}),
        ("something_new", press()),
        ("", "text"),
    ],
)
def test_what_is_not_for_the_cockpit_asks_for_nothing(kind: str, payload: Any) -> None:
    assert read(kind, payload) is None


def test_hostile_names_and_values_are_made_harmless() -> None:
    found = read("interactive", press(value="INC-7\x1b[2J" * 50, username="\u202eadmin\n" * 30))
    assert isinstance(found, Pressed)
    assert "\x1b" not in found.incident and len(found.incident) <= 60
    assert "\u202e" not in found.name and "\n" not in found.name and len(found.name) <= 40


def test_a_person_without_a_user_name_has_the_other_one() -> None:
    found = read("interactive", press(username=""))
    assert isinstance(found, Pressed) and found.name == "eve"


@pytest.mark.parametrize(
    ("ts", "moment"),
    [("1763635700.123400", AT), ("1763635700", AT - 123_400), ("", 0), ("-1.5", 0), ("1e9", 0), ("1.1234567", 0)],
)
def test_slacks_moments(ts: str, moment: int) -> None:
    assert moment_of(ts) == moment


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("<@U0BEN> saw <!here>", "@ben saw @here"),
        ("<@U0XXX> and <@U0YYY|yan>", "@U0XXX and @yan"),
        ("in <#C0ANY|ops> at <!date^1^{time}|10:40 UTC>", "in #ops at 10:40 UTC"),
        ("<https://a.test/x|the graph> <https://b.test>", "the graph (https://a.test/x) https://b.test"),
        ("5 &lt; 6 &amp;&amp; 7 &gt; 6", "5 < 6 && 7 > 6"),
        ("&amp;lt;!channel&amp;gt;", "&lt;!channel&gt;"),
        ("a\x1b[31mb\u202ec", "ab<U+202E>c"),
    ],
)
def test_a_message_is_told_without_slacks_marks(text: str, shown: str) -> None:
    assert plain(text, {"U0BEN": "ben"}) == shown
