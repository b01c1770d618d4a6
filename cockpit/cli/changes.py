"""What was changed, and the queues of the CI systems."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator

import click
import msgspec

from cockpit.cli.root import main
from cockpit.cli.setting import JSON, Setting, ask, do
from cockpit.clock import SECOND, SystemClock, hhmm, moment, span
from cockpit.protocol import commands
from cockpit.protocol.messages import FetchChanges
from cockpit.protocol.views import ChangesView, ChangeView, JobView

WIDTH = 80
INDENT = " " * 8


@main.command(epilog="Example: cockpit changes --service shop")
@click.option("--service", default="", help="Only the changes of this service.")
@JSON
@click.pass_obj
def changes(setting: Setting, service: str, as_json: bool) -> None:
    """Show what was changed lately, and the CI queues.

    The newest comes first. No change listed here is claimed to be the cause of anything.
    """
    found = of_service(ask(setting, FetchChanges(), ChangesView), service)
    click.echo(document(found) if as_json else "\n".join(lines(found, SystemClock().now())))


@main.group()
def ci() -> None:
    """What waits or runs in GitHub and GitLab."""


@ci.command("list")
@JSON
@click.pass_obj
def ci_list(setting: Setting, as_json: bool) -> None:
    """List the jobs that wait or run, as the sources last told of them."""
    found = msgspec.structs.replace(ask(setting, FetchChanges(), ChangesView), changes=())
    click.echo(document(found) if as_json else "\n".join(queue_lines(found, SystemClock().now())))


@ci.command("cancel", epilog="Example: cockpit ci cancel shop-ci 4711")
@click.argument("source")
@click.argument("job")
@JSON
@click.pass_obj
def ci_cancel(setting: Setting, source: str, job: str, as_json: bool) -> None:
    """Ask the CI system to cancel a job.

    SOURCE and JOB are what `cockpit ci list` shows.
    """
    do(setting, commands.CancelJob(source=source, job=job), as_json)


def of_service(found: ChangesView, service: str) -> ChangesView:
    """Only the changes of that service; all of them without one."""
    kept = tuple(change for change in found.changes if not service or change.service == service)
    return msgspec.structs.replace(found, changes=kept)


def document(found: ChangesView) -> str:
    """The whole view as one JSON object."""
    return msgspec.json.encode(found, enc_hook=str).decode()


def lines(found: ChangesView, now: int) -> Iterator[str]:
    """Everything for people, at most 80 columns wide."""
    yield "CHANGES (UTC, newest first)"
    for change in found.changes:
        yield from _change(change, now)
    if not found.changes:
        yield "none that any source or mark tells of"
    yield ""
    yield from queue_lines(found, now)


def queue_lines(found: ChangesView, now: int) -> Iterator[str]:
    """The queue and the problems of sources."""
    yield "QUEUE"
    for job in found.jobs:
        yield from _job(job, now)
    if not found.jobs:
        yield "no job that a source tells of"
    if found.problems:
        yield ""
        yield "PROBLEMS"
        for problem in found.problems:
            yield from _wrapped(problem, "")


def _change(change: ChangeView, now: int) -> Iterator[str]:
    review = {True: "reviewed", False: "UNREVIEWED", None: ""}[change.reviewed]
    marks = (change.service, f"by {change.who}" if change.who else "", review, "BREACH" if change.breach else "")
    yield from _wrapped("  ".join((_when(change.at, now), *(mark for mark in marks if mark))), "")
    yield from _wrapped(change.what, INDENT)
    for word, text in (("undo:", change.undo), ("link:", change.link), ("effect:", change.effect)):
        if text:
            yield from _wrapped(f"{word} {text}", INDENT)


def _job(job: JobView, now: int) -> Iterator[str]:
    marks = (job.source, job.state.upper(), f"by {job.who}" if job.who else "")
    when = _when(job.since, now) if job.since else ""
    yield from _wrapped("  ".join(mark for mark in (when, *marks) if mark), "")
    yield from _wrapped(job.what, INDENT)
    for text in (f"link: {job.link}" if job.link else "", f"cancel: {job.command}"):
        if text:
            yield from _wrapped(text, INDENT)


def _when(at: int, now: int) -> str:
    """`10:47Z  3 m 05 s ago`, with the day when it was another."""
    day = "" if moment(at).date() == moment(now).date() else f"{moment(at):%m-%d} "
    ago = f"{span((now - at) / SECOND)} ago" if at <= now else f"in {span((at - now) / SECOND)}"
    return f"{day}{hhmm(at)}Z  {ago}"


def _wrapped(text: str, indent: str) -> Iterator[str]:
    """The text over as many lines as it needs. A link or a command longer than a line stays whole, to be copied."""
    yield from textwrap.wrap(
        text, WIDTH, initial_indent=indent, subsequent_indent=indent + "  ", break_long_words=False,
        break_on_hyphens=False,
    ) or [indent]  # fmt: skip
