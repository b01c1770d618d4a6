"""Deployments of a GitLab project, and its queue of pipelines."""

from __future__ import annotations

from functools import cached_property
from urllib.parse import quote

import msgspec

from cockpit.changes.api import Api
from cockpit.changes.ci import asked_to_cancel, looked
from cockpit.changes.reading import Zoned, each, line, microseconds, oldest_first, whole
from cockpit.changes.source import HISTORY, CannotCancel, Job, Looked, Tools, secret, told
from cockpit.clock import SECOND, iso
from cockpit.config.sources import GitLabSource
from cockpit.incident.vocabulary import ChangeSeen
from cockpit.text import SafeText

LISTED = 50
QUEUES = ("pending", "running")
BEGUN = {"running": "", "success": "", "failed": " FAILED", "canceled": " CANCELED"}
"""States in which a deployment may have touched something, with what to say of each."""


class _Person(msgspec.Struct):
    username: str = ""
    name: str = ""


class _Pipeline(msgspec.Struct):
    id: int
    ref: str | None = None
    sha: str = ""
    source: str | None = None
    web_url: str | None = None
    created_at: Zoned | None = None


class _Job(msgspec.Struct):
    started_at: Zoned | None = None
    web_url: str | None = None
    pipeline: _Pipeline | None = None


class _Environment(msgspec.Struct):
    name: str = ""


class _Deployment(msgspec.Struct):
    id: int
    status: str
    created_at: Zoned
    ref: str = ""
    sha: str = ""
    user: _Person | None = None
    environment: _Environment | None = None
    deployable: _Job | None = None


class GitLab:
    """Asks GitLab's REST interface, with a token that may read the project's API."""

    def __init__(self, config: GitLabSource, tools: Tools) -> None:
        self._config = config
        self._tools = tools
        self.name = config.name
        self.interval = config.interval

    @cached_property
    def _api(self) -> Api:
        token, name = self._config.token, self._config.project
        return Api(
            self._tools,
            f"{self._config.url.rstrip('/')}/projects/{quote(name, safe='')}",
            self._config.timeout,
            {"private-token": secret(token, self._tools.env)},
            {
                401: f"the token in {token.env} is wrong or has expired: export a new one, then `cockpit restart`",
                403: f"the token in {token.env} may not do this: give it the scope read_api (api to cancel) and the "
                "role Developer",
                404: f"no project {name} for the token in {token.env}: mend the name, or give the token access to it",
            },
        )

    async def look(self) -> Looked:
        """The deployments of the last day that have begun, and the pipelines that wait or go on."""
        return await told(self.name, looked(self._deployments, self._queue))

    async def cancel(self, job: str) -> str:
        """Ask GitLab to cancel a pipeline."""
        reply = await asked_to_cancel(self._api, self.name, "/pipelines", job, "pipeline")
        if reply.status in {200, 201}:
            return f"{self.name}: GitLab was asked to cancel pipeline {job}, and agreed"
        raise CannotCancel(f"{self.name}: {self._api.fault(reply)}")

    async def _queue(self, problems: list[SafeText]) -> tuple[Job, ...]:
        jobs: dict[str, Job] = {}
        for status in QUEUES:
            body = await self._api.get(f"/pipelines?status={status}&per_page={LISTED}")
            for pipeline in each(whole(body, list[msgspec.Raw], "a list of pipelines"), _Pipeline, problems):
                jobs[str(pipeline.id)] = _job(pipeline, status)
        return tuple(jobs.values())

    async def _deployments(self, problems: list[SafeText]) -> tuple[tuple[int, ChangeSeen], ...]:
        now, environment = self._tools.clock.now(), self._config.environment
        only = f"&environment={quote(environment, safe='')}" if environment else ""
        # By the minute, so that the question stays the same for a while and need not be answered in full.
        since = iso((now // (60 * SECOND)) * 60 * SECOND - HISTORY * SECOND)
        asked = f"/deployments?order_by=updated_at&sort=desc&updated_after={since}&per_page={LISTED}{only}"
        raws = whole(await self._api.get(asked), list[msgspec.Raw], "a list of deployments")
        return oldest_first(
            self._change(deployment) for deployment in each(raws, _Deployment, problems) if deployment.status in BEGUN
        )

    def _change(self, deployment: _Deployment) -> tuple[int, ChangeSeen]:
        job = deployment.deployable
        began = job.started_at if job is not None and job.started_at is not None else deployment.created_at
        version = f"{deployment.ref} ({deployment.sha[:7]})" if deployment.ref else deployment.sha[:7]
        where = f" to {deployment.environment.name}" if deployment.environment and deployment.environment.name else ""
        person = deployment.user
        return microseconds(began), ChangeSeen(
            change=f"{self.name}:deployment-{deployment.id}",
            source=self.name,
            what=line(f"deploy {version}{where}{BEGUN[deployment.status]}"),
            service=self._config.service or line(self._config.project.rpartition("/")[2]),
            who=line((person.username or person.name) if person else ""),
            link=line(_link(job)),
            undo="run the deployment before it again",
        )


def _link(job: _Job | None) -> str | None:
    if job is None:
        return None
    return job.web_url or (job.pipeline.web_url if job.pipeline is not None else None)


def _job(pipeline: _Pipeline, status: str) -> Job:
    source = f" ({pipeline.source})" if pipeline.source else ""
    return Job(
        id=str(pipeline.id),
        what=SafeText(line(f"pipeline on {pipeline.ref or pipeline.sha[:7]}{source}")),
        state="running" if status == "running" else "waiting",
        since=microseconds(pipeline.created_at) if pipeline.created_at is not None else 0,
        link=SafeText(line(pipeline.web_url)),
    )
