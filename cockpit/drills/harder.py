"""The names of what makes a drill harder; nothing heavy, for the command line knows them too."""

from __future__ import annotations

from typing import Literal

Modifier = Literal["expert-unavailable", "slack-down", "first-page-missed", "colleague-asks"]

WORDS: dict[Modifier, str] = {
    "expert-unavailable": "whoever knows more cannot be had",
    "slack-down": "the first channel refuses every post",
    "first-page-missed": "the first page does not come; it comes again 5 minutes later",
    "colleague-asks": "somebody asks how it is going, every 3 minutes",
}
"""What each does, in words for the responder."""
