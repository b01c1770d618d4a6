"""What comes of what was done, in measured words."""

from __future__ import annotations

import pytest

from cockpit.clock import SECOND
from cockpit.config.load import parse
from cockpit.config.model import Config
from cockpit.engine.aftermath import Grounds, expectations, measured
from cockpit.engine.board import Board
from cockpit.incident.event import Draft
from cockpit.incident.vocabulary import (
    ChangeSeen,
    EffectExpected,
    Figures,
    ProbeFigures,
    ProbeState,
)
from cockpit.incident.watching import Watching

T0 = 1_700_000_400 * SECOND
CONFIG = parse(
    """\
version: 1
services:
  - name: auth
    probes:
      - {name: login, url: "http://127.0.0.1:1/"}
      - {name: health, url: "http://127.0.0.1:1/"}
  - name: shop
    probes: [{name: front, url: "http://127.0.0.1:1/"}]
""",
    "c.yaml",
    Config,
)


def figures(rate: float | None, age: float = 8.0, samples: int = 20) -> Figures:
    return Figures(error_rate=rate, samples=samples, at=T0 + 600 * SECOND - int(age * SECOND))


def probe(name: str, state: ProbeState, rate: float | None) -> ProbeFigures:
    return ProbeFigures(name, state, figures(rate))


def expected(*before: ProbeFigures) -> EffectExpected:
    return EffectExpected(
        subject="mark-1", about="change", what="deploy auth 2.4", service="auth", since=T0, until=T0 + 600 * SECOND,
        before=before,
    )  # fmt: skip


def change(service: str, at: int, name: str = "mark-1") -> Draft:
    return Draft(body=ChangeSeen(change=name, source="mark", what="deploy 2.4", service=service), actor="ada",
                 occurred_at=at)  # fmt: skip


def grounds(known: tuple[str, ...] = ()) -> Grounds:
    return Grounds(Board(CONFIG, Watching()).lanes, {}, T0, 600.0, known)


def test_a_change_of_a_service_has_its_own_probes_watched_and_no_others() -> None:
    (draft,) = expectations([change("auth", T0 - 60 * SECOND)], {}, grounds())
    assert isinstance(draft.body, EffectExpected)
    assert [each.probe for each in draft.body.before] == ["login", "health"]
    assert draft.body.until == T0 + 540 * SECOND


@pytest.mark.parametrize(
    "draft", [change("", T0), change("nobody", T0), change("auth", T0 - 601 * SECOND), change("auth", T0, "known")]
)
def test_what_no_probe_can_tell_of_is_not_watched(draft: Draft) -> None:
    assert expectations([draft], {}, grounds(known=("known",))) == ()


@pytest.mark.parametrize(
    ("before", "after", "verdict", "words"),
    [
        (
            [probe("login", "up", 0.12)], [probe("login", "up", 0.03)], "better",
            "deploy auth 2.4 at 22:20Z: better since: login UP, 12.0 % -> 3.0 % fail, data 8 s old",
        ),
        (
            [probe("login", "up", 0.0), probe("health", "up", 0.0)],
            [probe("login", "down", 0.9), probe("health", "up", 0.0)], "worse",
            "deploy auth 2.4 at 22:20Z: WORSE since: login up -> DOWN, 0.0 % -> 90.0 % fail, data 8 s old; 1 unchanged",
        ),
        (
            [probe("login", "up", 0.0)], [probe("login", "up", 0.001)], "same",
            "deploy auth 2.4 at 22:20Z: no difference since: no change in 1 probe",
        ),
        (
            [probe("login", "up", 0.0)], [ProbeFigures("login", "unknown", Figures())], "unknown",
            "deploy auth 2.4 at 22:20Z: not known since: login up -> UNKNOWN, no data",
        ),
        ([], [], "unknown", "deploy auth 2.4 at 22:20Z: not known since: nothing was measured"),
    ],
)  # fmt: skip
def test_the_difference_is_told_with_its_age(
    before: list[ProbeFigures], after: list[ProbeFigures], verdict: str, words: str
) -> None:
    found = measured(expected(*before), after, T0 + 600 * SECOND)
    assert (found.verdict, found.words) == (verdict, words)
