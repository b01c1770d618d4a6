"""The incident's own course."""

from __future__ import annotations

import pytest

from cockpit.incident.event import AnyBody, Erased, Event
from cockpit.incident.fold import fold
from cockpit.incident.vocabulary import IncidentDeclared, IncidentResolved

DECLARED = IncidentDeclared(title="Logins fail", severity="SEV1")


@pytest.mark.parametrize(
    "bodies, title, is_open",
    [
        ([Erased("incident.declared")], "(erased)", True),
        ([Erased("incident.declared"), IncidentResolved()], "(erased)", False),
        ([DECLARED, Erased("incident.resolved")], "Logins fail", False),
        ([Erased("note.added")], "", False),
    ],
)
def test_what_was_erased_has_happened_all_the_same(bodies: list[AnyBody], title: str, is_open: bool) -> None:
    life = fold(Event("INC-1", seq, seq, seq, "ada", "h", body) for seq, body in enumerate(bodies, 1)).lifecycle
    assert (life.title, life.open) == (title, is_open)
    assert (life.began, life.declared, life.declared_by) == ((1, 1, "ada") if title else (0, 0, ""))
