"""Errors and total out of any JSON answer: a vendor's API, or a page of one's own."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import quote

import msgspec

from cockpit.clock import SECOND, iso
from cockpit.config.rates import JsonRateConfig
from cockpit.probes.rates.judging import Measured, judge, length
from cockpit.probes.rates.points import Astray, Point, moment_of, newest, points_at, values_at, within
from cockpit.probes.rates.source import Source, Unmeasured
from cockpit.probes.sample import Sample
from cockpit.probes.targets import Target
from cockpit.probes.tools import Tools

LIMIT = 4 * 1024 * 1024
"""Bytes read of one answer."""
_PLACE = re.compile(r"\$(from|to)(_ms|_iso)?(?![A-Za-z0-9_])")


class JsonRateProbe:
    """Asks one JSON document how many requests there were in a window and how many failed."""

    def __init__(self, target: Target, tools: Tools) -> None:
        assert isinstance(target.config, JsonRateConfig)
        self._config = target.config
        self._source = Source(target.config, tools, "the source")

    async def sample(self) -> Sample:
        """One look; a source that cannot be asked is no fault of the service."""
        return await self._source.sample(self._look)

    async def _look(self, at: int) -> Sample:
        config = self._config
        since = at - round(config.window * SECOND)
        body = None if config.body is None else filled(config.body, since, at).encode()
        kind = {"accept": "application/json"} | ({} if body is None else {"content-type": "application/json"})
        url = filled(config.url, since, at, in_url=True)
        reply = await self._source.ask(url, method=config.method, headers=kind, body=body, limit=LIMIT)
        if reply.status != 200:
            raise self._source.refusal(reply, self._source.excerpt(reply.body))
        document = self._document(reply.body)
        try:
            errors, total = points_at(document, config.errors), points_at(document, config.total)
            told = self._told_at(document)
        except Astray as astray:
            raise Unmeasured(f"{self._source.where}: {astray}; it says {self._source.excerpt(reply.body)}") from None
        measured, data_at = self._measured(at, since, errors, total, told)
        facts = [("age of the data", length(measured.age))] if data_at else []
        return self._source.judged(at, judge(measured, config, config.window), data_at=data_at, facts=facts)

    def _document(self, body: bytes) -> Any:
        try:
            return msgspec.json.decode(body)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            raise Unmeasured(f"{self._source.where} answers no JSON: {self._source.excerpt(body)}") from None

    def _told_at(self, document: Any) -> int | None:
        """When it was measured, as the answer itself says."""
        if self._config.at is None:
            return None
        moments = [moment_of(value) for value in values_at(document, self._config.at)]
        known = [moment for moment in moments if moment is not None]
        if not known:
            raise Astray(f"{self._config.at} is no moment")
        return max(known)

    def _measured(
        self, at: int, since: int, errors: tuple[Point, ...], total: tuple[Point, ...], told: int | None
    ) -> tuple[Measured, int]:
        latest = newest((*errors, *total))
        filling: int | None = None
        if self._config.skip_newest:
            # Both lose the same bucket: one that fills faster must not be held against one that lags.
            filling = latest
            errors, total = _but_last(errors), _but_last(total)
        # What is before the bucket still filling is complete up to where that begins.
        data_at = told if told is not None else newest(total) if filling is None else filling
        age = 0.0 if data_at is None else max(0.0, (at - data_at) / SECOND)
        return Measured(within(errors, since, filling), within(total, since, filling), age), data_at or 0


def filled(template: str, since: int, until: int, *, in_url: bool = False) -> str:
    """The template with the ends of the window in their places; moments in microseconds."""

    def end(match: re.Match[str]) -> str:
        moment = since if match[1] == "from" else until
        match match[2]:
            case "_ms":
                return str(moment // 1000)
            case "_iso":
                return quote(iso(moment), safe="") if in_url else iso(moment)
        return str(moment // SECOND)

    return _PLACE.sub(end, template)


def _but_last(points: tuple[Point, ...]) -> tuple[Point, ...]:
    """Bare numbers in a list have only their order: the last is the newest."""
    return points[:-1] if len(points) > 1 and all(point.at is None for point in points) else points
