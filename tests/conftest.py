"""How Hypothesis works in the whole suite."""

from __future__ import annotations

import os

from hypothesis import settings

# No deadline: a loaded machine must not fail a test.
settings.register_profile("house", deadline=None, print_blob=True, derandomize=os.environ.get("CI") == "true")
settings.load_profile("house")
