"""A scenario as small as can be, for tests of single things."""

from __future__ import annotations

from typing import Any

from cockpit.drills.model.scenario import Scenario


def made(**fields: Any) -> Scenario:
    """A small world of one service `a`, with what is given in place of the defaults."""
    whole = {
        "version": 1, "id": "small", "title": "Small", "summary": "Small.", "t0": "10:00", "lead": 60.0,
        "lasts": 3600.0,
        "services": ({"name": "a", "state": {"x": "0", "y": "0"}, "gauges": {"g": {}, "h": {"high": 100.0}}},),
        "faults": (), "endpoints": ({"path": "/a", "rules": ({"json": {"ok": True}},)},),
        "criteria": {"mitigated": ({"a.x": "0"},), "verified": "p", "quiet": 60.0}, "plays": {},
    }  # fmt: skip
    return Scenario.model_validate({**whole, **fields})
