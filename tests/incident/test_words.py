"""Every kind of event has its line."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cockpit.incident.attendance import PersonReleased, RoleTaken
from cockpit.incident.broadcasts import UpdatePosted, UpdateUndelivered
from cockpit.incident.event import AnyBody, Body, Erased, Event, Unknown
from cockpit.incident.kinds import KINDS
from cockpit.incident.runs import AttemptFinished, AttemptUnknown, RunStarted, VerifyFinished, WaitFinished
from cockpit.incident.saying import DASH
from cockpit.incident.vocabulary import (
    ChangeSeen,
    EngineWoke,
    Figures,
    IncidentDeclared,
    IncidentResolved,
    NoteAdded,
    ProbeChanged,
)
from cockpit.incident.words import LIMIT, describe
from cockpit.text import SafeText

KIND_WORDS = set(
    "probe change declare status sev impact note role people run step verify wait decide update sent engine "
    "redact effect freeze alert look seen".split()
)
AT_11_16 = 1_700_046_960_000_000


@pytest.mark.parametrize("kind", sorted(KINDS))
@given(data=st.data())
def test_every_kind_is_described(
    kind: str, bodies: Callable[[type[Body]], st.SearchStrategy[Any]], data: st.DataObject
) -> None:
    body = data.draw(bodies(KINDS[kind]))
    line = describe(Event("INC-1", 1, 0, 0, "ana", "host", body))
    assert line.kind in KIND_WORDS and len(line.kind) <= 8
    assert isinstance(line.text, SafeText)
    assert "\n" not in line.text and len(line.text) <= LIMIT
    assert line.text == line.text.strip()


@pytest.mark.parametrize(
    ("body", "kind", "text", "tone"),
    [
        (
            ProbeChanged(
                probe="login-synthetic", service="auth", state="down", previous="up", since=1,
                verdict="3/3 HTTP 500 in 41 ms", figures=Figures(error_rate=0.796),
            ),
            "probe", "login-synthetic DOWN  err 79.6 %  3/3 HTTP 500 in 41 ms", "bad",
        ),
        (
            ChangeSeen(
                change="feed:4711", source="feed", what="config #4711 features.onboarding_revamp", who="dev-3",
                reviewed=False,
            ),
            "change", "config #4711 features.onboarding_revamp  dev-3 unreviewed", "warn",
        ),
        (IncidentDeclared(title="Logins failing", severity="SEV1"), "declare", "SEV1 Logins failing  by ana", "bad"),
        (RoleTaken(person="ana", role="incident_commander"), "role", "ana is lead", "plain"),
        (PersonReleased(person="bo"), "people", "bo released, may leave", "good"),
        (WaitFinished(run="r", step="w", watched=("a", "b")), "wait", "w  over  up all the while: a, b", "good"),
        (WaitFinished(run="r", step="w"), "wait", "w  over", "plain"),
        (
            RunStarted(run="r", runbook="x", title="roll back login flag", digest="", source="", path="", steps=()),
            "run", "roll back login flag: started by ana", "plain",
        ),
        (
            AttemptFinished(run="r", step="restore.revert", attempt="a", ok=True, seconds=1.2),
            "step", "restore.revert  ok 1.2 s", "good",
        ),
        (
            AttemptFinished(
                run="r", step="s", attempt="a", ok=False, exit_code=3, seconds=61, tail="trying\nno such host\n"
            ),
            "step", "s  FAILED after 1 m 01 s  exit 3  no such host", "bad",
        ),
        (
            AttemptUnknown(run="r", step="s", attempt="a", why="no record", pid=7),
            "step", "s  UNKNOWN whether it took effect  no record  pid 7 may still run", "act",
        ),
        (
            VerifyFinished(
                run="r", step="s", probe="p", verdict="no_effect", before=Figures(error_rate=0.796),
                after=Figures(error_rate=0.794), words="", seconds=180,
            ),
            "verify", "s  NO EFFECT  err 79.6 -> 79.4 %  after 3 m 00 s", "warn",
        ),
        (
            UpdatePosted(update="u", reason="update", headline="rollback had no effect", next_due=AT_11_16),
            "update", "posted: rollback had no effect  next by 11:16 UTC", "plain",
        ),
        (
            UpdatePosted(
                update="u", reason="update", headline="status mitigating: 4711 is back. It did not help.",
                know="4711 is back. It did not help.", doing="looking for the variable",
            ),
            "update", "posted: status mitigating: 4711 is back. It did not help.  looking for the variable", "plain",
        ),
        (
            UpdateUndelivered(update="u", destination="file", why="disk full", final=True),
            "sent", "NOT SENT to file  disk full", "bad",
        ),
        (EngineWoke(seconds=3700), "engine", "this host slept 1 h 01 m: nothing was probed or posted", "warn"),
        (
            IncidentResolved(note="flag removed", unmet=("auth is DOWN",), override="fixed elsewhere"),
            "status", "resolved  flag removed  although auth is DOWN  because fixed elsewhere", "warn",
        ),
        (Unknown("moon.phase", b'{"v":9}'), "unknown", 'moon.phase  {"v":9}', "muted"),
        (
            NoteAdded(text="the store was resized", source="eve, https://chat.example.com/p1"),
            "note", "eve: the store was resized  https://chat.example.com/p1", "plain",
        ),
        (Erased("note.added"), "erased", "note.added  erased", "muted"),
    ],
)  # fmt: skip
def test_the_line(body: AnyBody, kind: str, text: str, tone: str, event: Callable[..., Event]) -> None:
    line = describe(event(body))
    assert (line.kind, line.text, line.tone) == (kind, text, tone)


def test_in_a_document_the_parts_of_a_line_are_told_apart_and_peoples_words_stay(event: Callable[..., Event]) -> None:
    body = IncidentResolved(note="flag  removed", unmet=("auth is DOWN",), override="fixed elsewhere")
    line = describe(event(body), DASH)
    assert line.text == "resolved - flag  removed - although auth is DOWN - because fixed elsewhere"
    unsure = VerifyFinished(
        run="r", step="s", probe="p", verdict="inconclusive", before=Figures(), after=Figures(),
        words="UNSURE  no fresh data",
    )  # fmt: skip
    assert describe(event(unsure)).text.endswith("UNSURE  no fresh data")
    assert describe(event(unsure), DASH).text.endswith("UNSURE - no fresh data")


def test_an_unknown_body_is_capped_and_harmless(event: Callable[..., Event]) -> None:
    line = describe(event(Unknown("x", b"\x1b[2J\xff\n" * 5000)))
    assert len(line.text) <= LIMIT
    assert "\x1b" not in line.text and "\n" not in line.text
