"""Deployments of a GitHub repository, and its queue of workflow runs."""

from __future__ import annotations

from functools import cached_property
from urllib.parse import quote

import msgspec

from cockpit.changes.api import Api
from cockpit.changes.ci import asked_to_cancel, looked
from cockpit.changes.reading import Zoned, each, line, microseconds, oldest_first, whole
from cockpit.changes.source import HISTORY, CannotCancel, Job, Looked, Tools, secret, told
from cockpit.clock import SECOND
from cockpit.config.sources import GitHubSource
from cockpit.incident.vocabulary import ChangeSeen
from cockpit.text import SafeText

LISTED = 30
QUEUES = ("queued", "in_progress", "waiting")
NOT_YET = {"queued", "pending", "waiting"}
"""States in which a deployment has not touched anything."""
FAILED = {"failure": " FAILED", "error": " FAILED"}
SETTLES = 60
"""Seconds that a deployment without any state is given to get its first: a waiting one gets that a moment later."""


class _Person(msgspec.Struct):
    login: str = ""


class _Deployment(msgspec.Struct):
    id: int
    created_at: Zoned
    sha: str = ""
    ref: str = ""
    environment: str = ""
    description: str | None = None
    creator: _Person | None = None


class _Status(msgspec.Struct):
    state: str
    created_at: Zoned
    log_url: str | None = None
    target_url: str | None = None


class _Run(msgspec.Struct):
    id: int
    status: str = ""
    name: str | None = None
    display_title: str | None = None
    head_branch: str | None = None
    html_url: str | None = None
    created_at: Zoned | None = None
    run_started_at: Zoned | None = None
    actor: _Person | None = None
    triggering_actor: _Person | None = None


class _Runs(msgspec.Struct):
    workflow_runs: list[msgspec.Raw]


class GitHub:
    """Asks GitHub's REST interface, with a token that may read deployments and actions."""

    def __init__(self, config: GitHubSource, tools: Tools) -> None:
        self._config = config
        self._tools = tools
        self._known: dict[int, tuple[int, ChangeSeen]] = {}
        self.name = config.name
        self.interval = config.interval

    @cached_property
    def _api(self) -> Api:
        token, name = self._config.token, self._config.repository
        return Api(
            self._tools,
            f"{self._config.url.rstrip('/')}/repos/{name}",
            self._config.timeout,
            {
                "accept": "application/vnd.github+json",
                "authorization": f"Bearer {secret(token, self._tools.env)}",
                "x-github-api-version": "2022-11-28",
            },
            {
                401: f"the token in {token.env} is wrong or has expired: export a new one, then `cockpit restart`",
                403: f"the token in {token.env} may not do this: give it Deployments (read) and Actions (read, and "
                "write to cancel)",
                404: f"no {name} for the token in {token.env}: mend the name, or give the token access to it",
            },
        )

    async def look(self) -> Looked:
        """The deployments of the last day that have begun, and the runs that wait or go on."""
        return await told(self.name, looked(self._deployments, self._queue))

    async def cancel(self, job: str) -> str:
        """Ask GitHub to cancel a workflow run."""
        reply = await asked_to_cancel(self._api, self.name, "/actions/runs", job, "workflow run")
        if reply.status == 202:
            return f"{self.name}: GitHub was asked to cancel run {job}, and agreed"
        if reply.status == 409:
            raise CannotCancel(f"{self.name}: run {job} cannot be cancelled: it is over, or not in the queue yet")
        raise CannotCancel(f"{self.name}: {self._api.fault(reply)}")

    async def _queue(self, problems: list[SafeText]) -> tuple[Job, ...]:
        jobs: dict[str, Job] = {}
        for status in QUEUES:
            body = await self._api.get(f"/actions/runs?status={status}&per_page={LISTED}")
            for run in each(whole(body, _Runs, "a list of runs").workflow_runs, _Run, problems):
                # One that goes on meanwhile may be in two lists: the later word counts.
                jobs[str(run.id)] = _job(run, status)
        return tuple(jobs.values())

    async def _deployments(self, problems: list[SafeText]) -> tuple[tuple[int, ChangeSeen], ...]:
        environment = self._config.environment
        only = f"&environment={quote(environment, safe='')}" if environment else ""
        raws = whole(
            await self._api.get(f"/deployments?per_page={LISTED}{only}"), list[msgspec.Raw], "a list of deployments"
        )
        now = self._tools.clock.now()
        known: dict[int, tuple[int, ChangeSeen]] = {}
        for deployment in each(raws, _Deployment, problems):
            created = microseconds(deployment.created_at)
            if created < now - HISTORY * SECOND:
                continue
            if (told := self._known.get(deployment.id)) is not None:
                known[deployment.id] = told
                continue
            body = await self._api.get(f"/deployments/{deployment.id}/statuses?per_page={LISTED}")
            statuses = list(each(whole(body, list[msgspec.Raw], "a list of statuses"), _Status, problems))
            begun = [status for status in statuses if status.state not in NOT_YET]
            if begun or (not statuses and now - created >= SETTLES * SECOND):
                known[deployment.id] = self._change(deployment, begun, created)
        self._known = known
        return oldest_first(known.values())

    def _change(self, deployment: _Deployment, begun: list[_Status], created: int) -> tuple[int, ChangeSeen]:
        at = min((microseconds(status.created_at) for status in begun), default=created)
        latest = begun[0] if begun else None
        ref = deployment.ref if deployment.ref and not deployment.sha.startswith(deployment.ref) else ""
        version = f"{ref} ({deployment.sha[:7]})" if ref else deployment.sha[:7]
        where = f" to {deployment.environment}" if deployment.environment else ""
        return at, ChangeSeen(
            change=f"{self.name}:deployment-{deployment.id}",
            source=self.name,
            what=line(f"deploy {version}{where}{FAILED.get(latest.state, '') if latest else ''}"),
            service=self._config.service or self._config.repository.rpartition("/")[2],
            who=line(deployment.creator.login if deployment.creator else ""),
            link=line((latest.log_url or latest.target_url) if latest else ""),
            undo="run the deployment before it again",
        )


def _job(run: _Run, queue: str) -> Job:
    began = run.run_started_at or run.created_at
    title = " ".join(part for part in (run.name, run.display_title) if part)
    branch = f" on {run.head_branch}" if run.head_branch else ""
    person = run.triggering_actor or run.actor
    return Job(
        id=str(run.id),
        what=SafeText(line(f"{title or 'a run'}{branch}")),
        state="running" if queue == "in_progress" else "waiting",
        since=microseconds(began) if began is not None else 0,
        who=SafeText(line(person.login if person else "")),
        link=SafeText(line(run.html_url)),
    )
