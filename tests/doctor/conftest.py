"""A person's home, config and environment, examined for real."""

from __future__ import annotations

import os
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path

import pytest

from cockpit.doctor.examine import examine
from cockpit.doctor.finding import Finding
from cockpit.platform.places import Places

Examine = Callable[..., Awaitable[dict[str, list[Finding]]]]


@pytest.fixture
def examined(tmp_path: Path) -> Examine:
    """Examines a config of this text; the findings by theme."""

    async def run(text: str | None, env: Mapping[str, str] | None = None) -> dict[str, list[Finding]]:
        path = tmp_path / "config.yaml"
        if text is not None:
            path.write_text(f"version: 1\n{text}")
        environ = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), **(env or {})}
        places = Places(tmp_path / "state")
        return {theme: found async for theme, found in examine(path if text is not None else None, places, environ)}

    return run
