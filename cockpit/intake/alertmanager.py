"""Alarms of an Alertmanager, and of whatever speaks its API v2."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence

import msgspec

from cockpit.clock import SECOND, Clock, hhmm
from cockpit.incident.vocabulary import AlertSeen
from cockpit.intake.api import Api, Unanswered
from cockpit.intake.moments import micros
from cockpit.intake.shape import Listed, seen, silence
from cockpit.intake.source import UNREADABLE, Action, CannotAct, Found
from cockpit.text import SafeText

MEND = {
    401: "check the headers in the config",
    403: "these headers may not do that",
    404: "check the url, with the prefix it may be served under",
}
Complete = Callable[[], Awaitable[bool]]
"""Whether a list that was just read is all there is; raises Unanswered when that cannot be known."""


class Alertmanager:
    """A source that lists alarms by fingerprint and can silence them; it knows no acknowledgement.

    What is silenced or inhibited is asked for too: else an alarm that somebody silences would seem to be over.
    """

    actions: tuple[Action, ...] = ("snooze",)

    def __init__(
        self, name: str, interval: float, api: Api, clock: Clock, *,
        filters: Sequence[str], service_label: str, complete: Complete,
    ) -> None:  # fmt: skip
        self.name = name
        self.interval = interval
        self._api = api
        self._clock = clock
        self._query = [("active", "true"), ("silenced", "true"), ("inhibited", "true")]
        self._query += [("filter", matcher) for matcher in filters]
        self._service_label = service_label
        self._complete = complete
        self._labels: Mapping[str, Mapping[str, str]] = {}

    async def look(self) -> Found:
        """All alarms, each once; one that cannot be read leaves the list incomplete and spoils no other."""
        try:
            entries = msgspec.json.decode(await self._api.get("/alerts", self._query), type=list[msgspec.Raw])
            complete = await self._complete()
        except Unanswered as why:
            return Found(problems=(why.words,), pause=why.pause)
        except UNREADABLE:
            return Found(problems=(SafeText("the answer is not a list of alerts: is this the url of the API?"),))
        alerts: dict[str, AlertSeen] = {}
        labels: dict[str, Mapping[str, str]] = {}
        unread = 0
        for entry in entries:
            try:
                listed = msgspec.json.decode(entry, type=Listed)
            except UNREADABLE:
                unread += 1
                continue
            alert = seen(self.name, listed, self._service_label, listed.status)
            alerts[alert.alert], labels[alert.alert] = alert, listed.labels
        self._labels = labels
        problems = (SafeText(f"{unread} of {len(entries)} alerts cannot be read"),) if unread else ()
        return Found(tuple(alerts.values()), complete and not unread, problems)

    async def act(self, alert: str, action: Action, minutes: float, actor: str) -> str:
        """Silence the alarm for so many minutes, by all of its labels."""
        labels = self._labels.get(alert)
        if labels is None:
            raise CannotAct(f"{self.name} does not list this alert now: wait for the next look")
        if action not in self.actions:
            raise CannotAct(f"{self.name} can only snooze")
        now = self._clock.now()
        try:
            await self._api.send("POST", "/silences", silence(labels, minutes, actor, now))
        except Unanswered as why:
            raise CannotAct(why.words) from None
        return f"silenced until {hhmm(now + round(minutes * 60 * SECOND))}Z"


class _Running(msgspec.Struct):
    uptime: str


def settled(api: Api, clock: Clock, after: float) -> Complete:
    """Whether the Alertmanager has run for `after` seconds: it keeps no alarms, and Prometheus repeats its own."""

    async def complete() -> bool:
        try:
            began = micros(msgspec.json.decode(await api.get("/status"), type=_Running).uptime)
        except UNREADABLE:
            raise Unanswered("its status cannot be read, so nothing is taken to be over") from None
        return clock.now() - began >= after * SECOND

    return complete
