"""How Hypothesis works in the whole suite, and what every process that it starts inherits."""

from __future__ import annotations

import os
import signal

from hypothesis import settings

# No deadline: a loaded machine must not fail a test.
settings.register_profile("house", deadline=None, print_blob=True, derandomize=os.environ.get("CI") == "true")
settings.load_profile("house")

# A shell starts what runs in its background deaf to Ctrl+C, and so would be whatever a test interrupts.
signal.signal(signal.SIGINT, signal.default_int_handler)
