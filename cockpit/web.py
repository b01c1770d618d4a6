"""How a room asks something over HTTP without knowing how that is done: the engine hands in the `Ask`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

import httpx
import msgspec


class Unanswered(httpx.TransportError):
    """No answer, or none that could be read; the text says why, and repeats nothing of the request.

    `sent` is whether any of the request may have left: without it the other side certainly knows nothing of it.
    """

    sent = True


class Reply(msgspec.Struct, frozen=True):
    """An answer, whatever its status; header names are in lower case. `cut` when the body went on beyond the limit."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    cut: bool = False


class Ask(Protocol):
    """One HTTP request: the answer within so many real seconds, its body up to `limit` bytes.

    Raises `Unanswered` with the reason in words; no redirect is followed.
    """

    async def __call__(
        self, url: str, within: float, *,
        method: str = "GET", headers: Mapping[str, str] = {}, body: bytes | None = None, limit: int | None = None,
    ) -> Reply: ...  # fmt: skip
