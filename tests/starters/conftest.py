from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest


@pytest.fixture
def home() -> Iterator[Path]:
    """A directory whose name leaves room for a socket."""
    with tempfile.TemporaryDirectory(prefix="night-") as made:
        yield Path(made)
