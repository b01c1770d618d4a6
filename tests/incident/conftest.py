"""What the tests of the heart share: events made by hand, and whole streams made by Hypothesis."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import msgspec
import pytest
from hypothesis import strategies as st

from cockpit.incident.event import AnyBody, Body, Erased, Event, Unknown
from cockpit.incident.kinds import KINDS
from cockpit.incident.runs import StepOutline
from cockpit.incident.vocabulary import Figures, ProbeChanged, ProbeFigures

START = 1_700_000_000_000_000
"""Microseconds: the first moment of every test."""

_NAMES = {
    "run": ("r1", "r2"),
    "step": ("s1", "s2", "s3"),
    "attempt": ("a1", "a2"),
    "person": ("ana", "bo"),
    "subject": ("c1", "a1"),
    "alert": ("al1", "al2"),
}
_TEXT = st.text(max_size=12)
_TIMES = st.integers(0, 2 * START)
_TYPES: dict[Any, st.SearchStrategy[Any]] = {
    str: _TEXT,
    int: _TIMES,
    float: st.floats(0, 1e6),
    float | None: st.none() | st.floats(0, 1),
    tuple[str, ...]: st.lists(_TEXT, max_size=3).map(tuple),
}


@cache
def _struct(kind: type[Any]) -> st.SearchStrategy[Any]:
    """Any value of a struct, its optional fields filled too; ids come from a small set, so that events meet."""
    fields = {field.name: _field(field.name, field.type) for field in msgspec.structs.fields(kind)}
    return st.builds(kind, **fields)


def _field(name: str, kind: Any) -> st.SearchStrategy[Any]:
    if name in _NAMES:
        return st.sampled_from(_NAMES[name])
    if kind in _TYPES:
        return _TYPES[kind]
    if kind in (Figures, Figures | None):
        return _struct(Figures)
    if kind == tuple[ProbeChanged, ...]:
        return st.lists(_struct(ProbeChanged), max_size=2).map(tuple)
    if kind == tuple[ProbeFigures, ...]:
        return st.lists(_struct(ProbeFigures), max_size=2).map(tuple)
    if kind == tuple[StepOutline, ...]:
        return st.just(tuple(StepOutline(step, step, "command", "write", "undo") for step in _NAMES["step"][:2]))
    return st.from_type(kind)


def _numbered(bodies: list[AnyBody]) -> tuple[Event, ...]:
    return tuple(
        Event("INC-1", seq, START + seq, START + seq, "ana", "host", body) for seq, body in enumerate(bodies, start=1)
    )


@pytest.fixture(scope="session")
def bodies() -> Callable[[type[Body]], st.SearchStrategy[Any]]:
    """Any body of one kind."""
    return _struct


@pytest.fixture(scope="session")
def streams() -> st.SearchStrategy[tuple[Event, ...]]:
    """Whole streams of every kind, unknown and erased ones among them."""
    any_body = st.one_of(
        *(_struct(kind) for kind in KINDS.values()),
        st.builds(Unknown, st.sampled_from(("future.kind", "probe.changed")), st.binary(max_size=40)),
        st.builds(Erased, st.sampled_from(sorted(KINDS))),
    )
    return st.lists(any_body, max_size=25).map(_numbered)


@pytest.fixture
def event() -> Callable[..., Event]:
    """Makes an event of a body, so many seconds after the start."""

    def make(body: AnyBody, seconds: float = 0.0, seq: int = 1, actor: str = "ana") -> Event:
        at = START + int(seconds * 1_000_000)
        return Event("INC-1", seq, at, at, actor, "host", body)

    return make
