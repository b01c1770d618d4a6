"""What an automatic update says."""

from __future__ import annotations

import msgspec

SENTENCE, PARAGRAPH = 300, 500
"""Characters kept of a sentence, and of what stands under one heading."""


class News(msgspec.Struct, frozen=True):
    """An automatic update: the fields of an `UpdatePosted`, without its id and its promise."""

    reason: str
    headline: str
    know: str = ""
    doing: str = ""
    unknown: str = ""
