"""The freeze as an HTTP PUT: to an object store, an artefact server, a pipeline's own variables."""

from __future__ import annotations

from collections.abc import Mapping

import httpx

from cockpit.freeze.publishers.publisher import Unpublished
from cockpit.freeze.source import shown
from cockpit.web import Ask


class PutPublisher:
    """Sends the document to a url; `headers` may carry a token."""

    def __init__(self, url: str, headers: Mapping[str, str], timeout: float, ask: Ask) -> None:
        self.name = f"PUT {shown(url)}"
        self._url = url
        self._headers = {"content-type": "application/json", **{name.lower(): text for name, text in headers.items()}}
        self._timeout = timeout
        self._ask = ask

    async def publish(self, document: bytes) -> None:
        """Send it; any 2xx means that it arrived."""
        try:
            answer = await self._ask(self._url, self._timeout, method="PUT", headers=self._headers, body=document)
        except httpx.HTTPError as error:
            raise Unpublished(str(error) or type(error).__name__) from None
        if not 200 <= answer.status < 300:
            raise Unpublished(f"HTTP {answer.status}")
