"""Open incidents of PagerDuty, by its REST API."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from cockpit.clock import SECOND, Clock, hhmm
from cockpit.config.intake import PagerDutyIntake
from cockpit.incident.vocabulary import AlertSeen
from cockpit.intake.api import Api, Unanswered
from cockpit.intake.incidents import Incident, OnCalls, Page, fault, next_level, seen
from cockpit.intake.source import UNREADABLE, Action, CannotAct, Found
from cockpit.text import SafeText
from cockpit.web import Ask

PAGE = 100
"""Incidents of one answer; PagerDuty gives no more."""
PAGES = 20
MEND = {
    401: "the token is wrong or was revoked",
    402: "the account's plan does not allow that",
    403: "the token may only read, or is not allowed to see this; make one with write access to act",
    404: "not found: it may be over, or the token cannot see it; for an EU account set url to its own address",
    429: "too many requests for this token",
}


class PagerDuty:
    """A source that lists triggered and acknowledged incidents, and acts in the name of the configured user."""

    actions: tuple[Action, ...] = ("acknowledge", "escalate", "snooze")

    def __init__(self, config: PagerDutyIntake, token: str, ask: Ask, clock: Clock) -> None:
        headers = {
            "accept": "application/vnd.pagerduty+json;version=2",
            "authorization": f"Token token={token}",
        }
        self.name = config.name
        self.interval = config.interval
        self._api = Api(ask, config.url, config.timeout, headers, mend=MEND, explain=fault)
        self._from = {"from": config.user}
        self._clock = clock
        # Without a range the API leaves out whatever is older than a month, which would look as if it were over.
        self._query = [("statuses[]", "triggered"), ("statuses[]", "acknowledged"), ("date_range", "all")]
        self._query += [("service_ids[]", each) for each in config.services]
        self._query += [("team_ids[]", each) for each in config.teams]
        self._query += [("sort_by", "created_at:asc"), ("total", "true"), ("limit", str(PAGE))]

    async def look(self) -> Found:
        """All pages. The list is whole when as many came as every page said there are: one may end while we turn."""
        alerts: dict[str, AlertSeen] = {}
        totals: set[int | None] = set()
        problems: tuple[SafeText, ...] = ()
        pause, unread = 0.0, 0
        try:
            for number in range(PAGES):
                page = await self._page(number * PAGE)
                totals.add(page.total)
                unread += self._read(page, alerts)
                if not page.more:
                    break
            else:
                totals.add(None)
                problems = (SafeText(f"more than {PAGES * PAGE} open incidents: name services or teams"),)
        except Unanswered as why:
            problems, pause = (why.words,), why.pause
            totals.add(None)
        if unread:
            problems = (*problems, SafeText(f"{unread} incidents cannot be read"))
        return Found(tuple(alerts.values()), totals == {len(alerts)}, problems, pause=pause)

    async def _page(self, offset: int) -> Page:
        body = await self._api.get("/incidents", [*self._query, ("offset", str(offset))])
        try:
            return msgspec.json.decode(body, type=Page)
        except UNREADABLE:
            raise Unanswered("the answer is not a list of incidents: is this the url of the API?") from None

    def _read(self, page: Page, alerts: dict[str, AlertSeen]) -> int:
        unread = 0
        for raw in page.incidents:
            try:
                alert = seen(self.name, msgspec.json.decode(raw, type=Incident))
            except UNREADABLE:
                unread += 1
            else:
                alerts[alert.alert] = alert
        return unread

    async def act(self, alert: str, action: Action, minutes: float, actor: str) -> str:
        """Acknowledge, escalate by one level, or snooze."""
        path = f"/incidents/{alert.removeprefix(f'{self.name}:')}"
        try:
            match action:
                case "acknowledge":
                    await self._put(path, {"status": "acknowledged"})
                    return f"acknowledged as {self._from['from']}"
                case "escalate":
                    return await self._escalate(path)
                case "snooze":
                    seconds = round(minutes * 60)
                    await self._api.send("POST", f"{path}/snooze", {"duration": seconds}, self._from)
                    return f"snoozed until {hhmm(self._clock.now() + seconds * SECOND)}Z"
        except Unanswered as why:
            raise CannotAct(why.words) from None
        except UNREADABLE:
            raise CannotAct("the answer cannot be read: look at PagerDuty before you repeat it") from None

    async def _escalate(self, path: str) -> str:
        incident = msgspec.json.decode(await self._api.get(path), type=_One).incident
        if incident.escalation_policy is None:
            raise CannotAct("the incident has no escalation policy")
        # The API takes a level, and tells of none: it is that of whoever holds the incident.
        query = [("escalation_policy_ids[]", incident.escalation_policy.id), ("limit", str(PAGE))]
        oncalls = msgspec.json.decode(await self._api.get("/oncalls", query), type=OnCalls).oncalls
        level = next_level(incident, oncalls)
        if level is None:
            raise CannotAct(_no_level([each.escalation_level for each in oncalls]))
        await self._put(path, {"escalation_level": level})
        return f"escalated to level {level}"

    async def _put(self, path: str, wanted: dict[str, str | int]) -> None:
        await self._api.send("PUT", path, {"incident": {"type": "incident_reference", **wanted}}, self._from)


class _One(msgspec.Struct):
    incident: Incident


def _no_level(levels: Sequence[int]) -> str:
    top = max(levels, default=0)
    known = f"its policy has {top} levels" if top > 1 else "its policy has no second level"
    return f"nobody to escalate to: it is with the last level, or with somebody outside of its policy; {known}"
