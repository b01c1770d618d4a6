from __future__ import annotations

from cockpit.clock import SECOND
from cockpit.drills.teller import Teller
from cockpit.protocol.views import Row
from cockpit.text import SafeText


def row(seq: int, at: int, kind: str, text: str) -> Row:
    return Row(seq, at * SECOND, SafeText(kind), SafeText(text), "plain", SafeText("cockpit"))


def test_the_story_before_a_declaration_is_told_once() -> None:
    said: list[str] = []
    teller = Teller(said.append)
    before = [row(6, 10, "probe", "login DOWN  err 79.6 %"), row(7, 20, "note", "page: it fails")]
    again = [row(1, 10, "probe", "login DOWN  err 79.6 %"), row(2, 20, "note", "page: it fails")]
    for each in (*before, *again, row(3, 30, "declare", "SEV1 Logins fail")):
        teller(each)
    assert [line.split()[1] for line in said] == ["probe", "note", "declare"]


def test_what_happens_again_is_told_again() -> None:
    said: list[str] = []
    teller = Teller(said.append)
    for seq, at in ((1, 10), (2, 20)):
        teller(row(seq, at, "sent", "to chat"))
    assert len(said) == 2
