"""Errors and total asked of Prometheus, each by a query of its own.

They are asked separately because one query for the ratio cannot tell "no errors" from "nobody asked" from "nothing is
measured": it is empty for all of them. How old the data is comes from a third, cheap query where it can be told for
sure (see `promql.newest`); else the time of the evaluation is taken for it.
"""

from __future__ import annotations

from collections.abc import Coroutine
from typing import Any
from urllib.parse import urlencode

import httpx
import msgspec

from cockpit.clock import SECOND
from cockpit.config.rates import PrometheusConfig
from cockpit.probes.rates import promql
from cockpit.probes.rates.burn import NOW, WINDOWS, burn_facts, judge_burn
from cockpit.probes.rates.judging import Measured, judge, length
from cockpit.probes.rates.promanswer import Odd, PromAnswer, error_of, read_answer
from cockpit.probes.rates.source import EXCERPT, Facts, Source, Unmeasured, together
from cockpit.probes.sample import Sample
from cockpit.probes.targets import Target
from cockpit.probes.tools import Tools

LIMIT = 1024 * 1024
"""Bytes read of one answer: a single number needs some hundred."""
REMEMBERED = 60
"""A long window is asked for again when this share of it has passed: three days every ten seconds would be a load."""


class _Asked(msgspec.Struct, frozen=True):
    """One window's figures; `aged` when their age was told by the samples, and not taken from the evaluation."""

    window: float
    measured: Measured
    data_at: int = 0
    aged: bool = False


class PrometheusProbe:
    """Asks one Prometheus, or what speaks its API, how many requests there were and how many failed."""

    def __init__(self, target: Target, tools: Tools) -> None:
        assert isinstance(target.config, PrometheusConfig)
        self._config = config = target.config
        self._source = Source(config, tools, "Prometheus")
        self._address, self._parameters = _api(config.url)
        self._newest = promql.newest(config.total)
        self._kept: dict[float, tuple[int, _Asked]] = {}

    async def sample(self) -> Sample:
        """One look; a Prometheus that cannot be asked is no fault of the service."""
        return await self._source.sample(self._look)

    async def _look(self, at: int) -> Sample:
        config = self._config
        answers: list[PromAnswer] = []
        if config.objective is None:
            now = await self._recent(config.window, answers)
            judgement = judge(now.measured, config, config.window)
            facts = [("age of the data", length(now.measured.age))] if now.aged else []
        else:
            now, *longer = await together(
                self._recent(NOW, answers), *(self._long(at, window, answers) for window in WINDOWS if window != NOW)
            )
            windows = {asked.window: asked.measured for asked in (now, *longer)}
            judgement = judge_burn(windows, config, config.objective)
            facts = burn_facts(windows, config, config.objective)
        return self._source.judged(
            at, judgement, data_at=now.data_at, notes=self._notes(answers), facts=[*facts, *_noted(answers)]
        )

    async def _recent(self, window: float, answers: list[PromAnswer]) -> _Asked:
        """A window with the age of its data."""
        errors, total, newest = await together(*self._two(window), self._when())
        answers += [errors, total]
        measured = self._counts(errors, total, window)
        if not newest.answered or total.value is None:
            return _Asked(window, measured, total.at)
        if newest.value is None:
            # The window still holds samples, but no series goes on: each was marked as gone.
            raise Unmeasured("stale: nothing behind the total is scraped any more", "stale")
        data_at = round(newest.value * SECOND)
        # Both moments are the server's, so that a clock of ours that is wrong ages nothing.
        age = max(0.0, (newest.at - data_at) / SECOND)
        return _Asked(window, msgspec.structs.replace(measured, age=age), data_at, True)

    async def _long(self, at: int, window: float, answers: list[PromAnswer]) -> _Asked:
        asked, kept = self._kept.get(window, (0, None))
        if kept is not None and 0 <= at - asked < window / REMEMBERED * SECOND:
            return kept
        errors, total = await together(*self._two(window))
        answers += [errors, total]
        found = _Asked(window, self._counts(errors, total, window))
        if found.measured.total is not None:
            self._kept[window] = at, found
        return found

    def _two(self, window: float) -> tuple[Coroutine[Any, Any, PromAnswer], Coroutine[Any, Any, PromAnswer]]:
        config = self._config
        return (
            self._ask("errors", promql.over(config.errors, window)),
            self._ask("total", promql.over(config.total, window)),
        )

    def _counts(self, errors: PromAnswer, total: PromAnswer, window: float) -> Measured:
        return Measured(
            _counted(errors.value, self._config.errors, window), _counted(total.value, self._config.total, window)
        )

    async def _when(self) -> PromAnswer:
        """When the newest sample was scraped; unanswered where that cannot be told."""
        if not self._newest:
            return PromAnswer(answered=False)
        try:
            return await self._ask("age", self._newest)
        except Unmeasured:
            # The age is worth knowing, but not worth the figures.
            return PromAnswer(answered=False)

    async def _ask(self, what: str, query: str) -> PromAnswer:
        form = urlencode([*self._parameters, ("query", query), ("timeout", promql.duration(self._config.timeout))])
        if self._config.method == "GET":
            reply = await self._source.ask(f"{self._address}?{form}", limit=LIMIT)
        else:
            kind = {"content-type": "application/x-www-form-urlencoded"}
            reply = await self._source.ask(
                self._address, method="POST", headers=kind, body=form.encode("ascii"), limit=LIMIT
            )
        said = self._source.excerpt(error_of(reply.body), EXCERPT * 2)
        if reply.status in {400, 422}:
            raise Unmeasured(
                f"{self._source.where} refuses the query for {what}: {said or reply.status}", status=reply.status
            )
        if reply.status != 200:
            raise self._source.refusal(reply, said)
        try:
            return read_answer(reply.body)
        except Odd as odd:
            raise Unmeasured(f"{self._source.where}: the query for {what}: {odd}") from None

    def _notes(self, answers: list[PromAnswer]) -> str:
        """The first warning, which may mean that part of the data is missing, and the first remark."""
        said = []
        for word, notes in (
            ("warns", dict.fromkeys(text for answer in answers for text in answer.warnings)),
            ("notes", dict.fromkeys(text for answer in answers for text in answer.infos)),
        ):
            if notes:
                more = f" (and {len(notes) - 1} more)" if len(notes) > 1 else ""
                said.append(f"Prometheus {word}: {self._source.excerpt(next(iter(notes)))}{more}")
        return "; ".join(said)


def _api(url: str) -> tuple[str, list[tuple[str, str]]]:
    """The address of the API below the one configured, and the parameters that one brings along."""
    given = httpx.URL(url)
    plain = str(given.copy_with(query=None, fragment=None)).rstrip("/")
    return f"{plain.removesuffix('/api/v1/query')}/api/v1/query", list(given.params.multi_items())


def _counted(value: float | None, query: str, window: float) -> float | None:
    return value * window if value is not None and promql.per_second(query) else value


def _noted(answers: list[PromAnswer]) -> Facts:
    warnings = dict.fromkeys(("warning", text) for answer in answers for text in answer.warnings)
    infos = dict.fromkeys(("note", text) for answer in answers for text in answer.infos)
    return [*warnings, *infos]
