"""What CI systems have in common: deployments, a queue beside them, and jobs that can be cancelled by number."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import httpx

from cockpit.changes.api import Api
from cockpit.changes.source import CannotCancel, Job, Looked, Unanswered
from cockpit.incident.vocabulary import ChangeSeen
from cockpit.text import SafeText
from cockpit.web import Reply

Deployments = Callable[[list[SafeText]], Awaitable[tuple[tuple[int, ChangeSeen], ...]]]
Queue = Callable[[list[SafeText]], Awaitable[tuple[Job, ...]]]
"""Both add what is wrong with single entries to the list they are given."""


async def looked(deployments: Deployments, queue: Queue) -> Looked:
    """Both, or the deployments and why there is no queue; raises what the deployments raise."""
    problems: list[SafeText] = []
    changes = await deployments(problems)
    try:
        jobs = await queue(problems)
    except (Unanswered, httpx.HTTPError) as fault:
        # What was deployed is known all the same.
        pause = fault.pause if isinstance(fault, Unanswered) else 0.0
        return Looked(changes, (), (*problems, SafeText(f"no queue: {fault}")), answered=False, pause=pause)
    return Looked(changes, jobs, tuple(problems))


async def asked_to_cancel(api: Api, name: str, path: str, job: str, what: str) -> Reply:
    """The answer to a cancellation at `path` of a job by its number; raises CannotCancel where nothing is known.

    `name` is of the source, `what` is what the system calls a job.
    """
    if not (job.isascii() and job.isdecimal()):
        raise CannotCancel(f"{job} is no number of a {what}: `cockpit ci list` shows them")
    try:
        reply = await api.post(f"{path}/{job}/cancel")
    except (Unanswered, httpx.HTTPError) as fault:
        raise CannotCancel(f"{name}: {fault}; whether {what} {job} was cancelled is not known") from None
    if reply.status == 404:
        raise CannotCancel(f"{name}: there is no {what} {job}, or the token may not see it")
    return reply
