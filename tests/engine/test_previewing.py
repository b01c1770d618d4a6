"""The thread as readers have it, from the events alone."""

from __future__ import annotations

import pytest

from cockpit.clock import SECOND
from cockpit.engine.previewing import THREAD, thread
from cockpit.incident.broadcasts import UpdateDelivered, UpdatePosted, UpdateUndelivered
from cockpit.incident.event import Body, Event
from cockpit.incident.vocabulary import IncidentDeclared, SeverityChanged
from cockpit.protocol.views import ToldView
from cockpit.text import Redactor

NOW = 1_760_000_000 * SECOND
DECLARED = IncidentDeclared(title="Logins fail", severity="SEV2")


def posted(update: str, headline: str = "", *, replaces: str = "") -> UpdatePosted:
    return UpdatePosted(update=update, reason="update", headline=headline or update, replaces=replaces)


def shown(*bodies: Body, secret: str = "") -> list[ToldView]:
    events = [Event("INC-1", seq, NOW + seq, NOW, "ada", "h", body) for seq, body in enumerate((DECLARED, *bodies), 1)]
    return list(thread(events, Redactor([secret] if secret else [])))


def test_each_update_stands_as_it_was_told_then() -> None:
    first, second = shown(posted("one"), SeverityChanged(severity="SEV1"), posted("two"))
    assert (first.text.splitlines()[0], second.text.splitlines()[0]) == ("SEV2: one", "SEV1: two")
    assert (first.at, second.at) == (NOW + 2, NOW + 4)


@pytest.mark.parametrize(
    "bodies, word, tone",
    [
        ([], "not told yet", "warn"),
        ([UpdateDelivered(update="one", destination="file")], "told", "good"),
        ([UpdateUndelivered(update="one", destination="file", why="x")], "not told yet", "warn"),
        ([UpdateUndelivered(update="one", destination="file", why="x", final=True)], "NOT SENT", "bad"),
        (
            [
                UpdateDelivered(update="one", destination="file"),
                UpdateUndelivered(update="one", destination="chat", why="x", final=True),
            ],
            "told",
            "good",
        ),
        (
            [
                UpdateUndelivered(update="one", destination="chat", why="x", final=True),
                UpdateDelivered(update="one", destination="file"),
            ],
            "told",
            "good",
        ),
        ([posted("two", replaces="one")], "replaced", "muted"),
    ],
)
def test_what_became_of_it_is_said_and_never_better_than_it_is_known(bodies: list[Body], word: str, tone: str) -> None:
    told = shown(posted("one"), *bodies)[0]
    assert (told.word, told.tone) == (word, tone)


def test_those_that_became_one_with_an_update_were_told_with_it() -> None:
    names = ("early", "lost", "one", "two", "three", "late")
    lost = UpdateUndelivered(update="lost", destination="chat", why="x", final=True)
    told = UpdateDelivered(update="three", destination="chat", merged=2)
    words = [each.word for each in shown(*(posted(name) for name in names), lost, told)]
    assert words == ["not told yet", "NOT SENT", "told", "told", "told", "not told yet"]


def test_secrets_are_not_in_it_and_only_the_newest_are_shown() -> None:
    assert "hunter2" not in shown(posted("one", "the password is hunter2"), secret="hunter2")[0].text
    many = shown(*(posted(f"u{number}") for number in range(THREAD + 5)))
    assert [told.text.splitlines()[0] for told in many[:: THREAD - 1]] == ["SEV2: u5", f"SEV2: u{THREAD + 4}"]
