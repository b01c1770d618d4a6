"""Who may say that everybody is to stop: whoever holds the key. HMAC-SHA256 over the canonical bytes."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Sequence
from typing import Any

from cockpit.freeze.document import Document, canonical, fields

SHORTEST_KEY = 16
"""Characters: a shorter key could be guessed by whoever reads one document."""


def encoded(document: Document, key: str) -> bytes:
    """The document's bytes, a newline at the end, signed unless the key is empty."""
    raw = fields(document)
    if _bytes(key):
        raw["signature"] = _signature(raw, key)
    return canonical(raw) + b"\n"


def signed_by(data: bytes, raw: dict[str, Any], keys: Sequence[str]) -> bool:
    """Whether one of the keys signed these very bytes, of which `raw` is what they say."""
    given = raw.get("signature")
    if not isinstance(given, str):
        return False
    rest = {name: value for name, value in raw.items() if name != "signature"}
    genuine = False
    for key in filter(_bytes, keys):
        try:
            # The whole bytes and not only what they mean: two readers of JSON must never see two documents.
            expected = canonical({**rest, "signature": _signature(rest, key)})
        except RecursionError:
            return False
        genuine |= hmac.compare_digest(expected, _line(data))
    return genuine


def _line(data: bytes) -> bytes:
    """Without its end of line, which a check-out may have turned into another."""
    for end in (b"\r\n", b"\n"):
        if data.endswith(end):
            return data[: -len(end)]
    return data


def _signature(raw: dict[str, Any], key: str) -> str:
    return hmac.new(_bytes(key), canonical(raw), hashlib.sha256).hexdigest()


def _bytes(key: str) -> bytes:
    # Stores of secrets like to add a newline; what the environment holds need not be UTF-8.
    return key.strip().encode("utf-8", "surrogateescape")
