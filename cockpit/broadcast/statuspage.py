"""A public page of Statuspage: what is measured and who is hit, in the words a person has seen before they go out."""

from __future__ import annotations

from typing import Literal
from urllib.parse import quote

import msgspec

from cockpit.broadcast.cutting import cut
from cockpit.broadcast.message import Card
from cockpit.broadcast.sender import Ambiguous, Refused, Sent
from cockpit.broadcast.senders.asking import DEADLINE, JSON, UNCLEAR, read, refused, request
from cockpit.config.broadcasting import Statuspage
from cockpit.web import Ask, Reply

NAME, BODY = 200, 2000
"""Characters of an incident's name there, and of an update."""
LATEST = 100
"""Incidents of the page among which ours is looked for."""
BUSY = 420
"""The status of Statuspage's own for too many requests."""
Public = Literal["investigating", "identified", "monitoring", "resolved"]
_STATUSES: dict[str, Public] = {"identified": "identified", "mitigating": "identified", "monitoring": "monitoring"}


class Publication(msgspec.Struct, frozen=True):
    """What everybody would read. `key` tells the incident from those of other cockpits."""

    key: str
    name: str
    status: Public
    body: str

    @property
    def text(self) -> str:
        """The whole of it for a person to judge."""
        return f"{self.name}\n{self.status.capitalize()}\n\n{self.body}"


class _Metadata(msgspec.Struct):
    cockpit: dict[str, str] = {}


class _Incident(msgspec.Struct):
    id: str
    metadata: _Metadata | None = None


def publication(card: Card, title: str, key: str) -> Publication:
    """Impact and measurements alone: no name of a person, no guess, no plan."""
    status = "resolved" if card.resolved else _STATUSES.get(card.status, "investigating")
    body = "\n\n".join(
        part for part in (f"Impact: {card.impact}", card.measured and f"Measured: {card.measured}") if part
    )
    return Publication(key, cut(title, NAME) or "Incident", status, cut(body, BODY))


class StatusPage:
    """Writes to one page. The key logs in."""

    def __init__(self, config: Statuspage, key: str, ask: Ask, within: float = DEADLINE) -> None:
        self._url = f"{config.api.rstrip('/')}/pages/{quote(config.page, safe='')}/incidents"
        self._headers = {"authorization": f"OAuth {key}", **JSON}
        self._ask = ask
        self._within = within

    async def publish(self, publication: Publication) -> Sent | Refused | Ambiguous:
        """One update of the incident on the page, which is opened when it is not there yet."""
        there = await self._find(publication.key)
        if not isinstance(there, str):
            return there
        incident: dict[str, object] = {
            "name": publication.name, "status": publication.status, "body": publication.body,
            "metadata": {"cockpit": {"key": publication.key}},
        }  # fmt: skip
        method, url = ("PATCH", f"{self._url}/{quote(there, safe='')}") if there else ("POST", self._url)
        reply = await self._request(method, url, msgspec.json.encode({"incident": incident}))
        if not isinstance(reply, Reply):
            return reply
        done = read(reply.body, _Incident)
        return UNCLEAR if done is None else Sent(done.id)

    async def _find(self, key: str) -> str | Refused:
        """The id of the incident on the page, empty when it is not there."""
        reply = await self._request("GET", f"{self._url}?limit={LATEST}", b"")
        if not isinstance(reply, Reply):
            # Nothing was published, whatever became of the question.
            return reply if isinstance(reply, Refused) else Refused(reply.why)
        incidents = read(reply.body, tuple[_Incident, ...])
        if incidents is None:
            return Refused("the answer is not a list of incidents: is api the address of Statuspage's API?")
        ours = (each.id for each in incidents if each.metadata is not None and each.metadata.cockpit.get("key") == key)
        return next(ours, "")

    async def _request(self, method: str, url: str, body: bytes) -> Reply | Refused | Ambiguous:
        reply = await request(self._ask, url, body, self._headers, method=method, within=self._within)
        if not isinstance(reply, Reply) or reply.status < 400:
            return reply
        if reply.status == BUSY:
            return Refused(f"HTTP {BUSY}: too many requests", fault="wait")
        return refused(reply.status, "see statuspage.page and its key" if reply.status in {401, 403, 404} else "")
