"""What is recorded holds no secret that the cockpit knows."""

from __future__ import annotations

from cockpit.engine.secrecy import masked
from cockpit.incident.runs import AttemptStarted
from cockpit.incident.vocabulary import NoteAdded
from cockpit.protocol.commands import Confirm, Declare
from cockpit.text import Redactor

REDACT = Redactor(["swordfish"])


def test_words_are_masked_and_names_are_not() -> None:
    declared = masked(Declare(title="it is swordfish again", severity="SEV1", impact="all"), REDACT)
    assert declared == Declare(title="it is [redacted] again", severity="SEV1", impact="all")
    assert masked(NoteAdded(text="swordfish", source="swordfish"), REDACT) == NoteAdded(
        text="[redacted]", source="swordfish"
    )


def test_what_says_nothing_stays_as_it_is() -> None:
    for said in (
        AttemptStarted(run="r", step="swordfish", attempt="a", pid=1),
        Confirm(run="r", step="s", digest="d", undo=True, env={"TOKEN": "swordfish"}),
    ):
        assert masked(said, REDACT) is said
