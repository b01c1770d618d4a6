"""Syncs, from what `argocd app list -o json` prints. Pure."""

from __future__ import annotations

import msgspec

from cockpit.changes.document import Found
from cockpit.changes.reading import Zoned, each, line, microseconds, oldest_first, whole
from cockpit.incident.vocabulary import ChangeSeen
from cockpit.text import SafeText


class _Meta(msgspec.Struct):
    name: str


class _Initiator(msgspec.Struct):
    username: str = ""
    automated: bool = False


class _Sync(msgspec.Struct, rename="camel"):
    id: int
    deployed_at: Zoned
    deploy_started_at: Zoned | None = None
    revision: str = ""
    revisions: tuple[str, ...] = ()
    initiated_by: _Initiator = msgspec.field(default_factory=_Initiator)


class _Status(msgspec.Struct):
    history: tuple[_Sync, ...] = ()


class _App(msgspec.Struct):
    metadata: _Meta
    status: _Status = msgspec.field(default_factory=_Status)


class _List(msgspec.Struct):
    items: list[msgspec.Raw]


def syncs(body: bytes, source: str, service: str | None, since: int) -> Found:
    """Every sync after `since`; Unanswered for what is no list of apps.

    `service` is that of all of them; without one it is the app's name.
    """
    problems: list[SafeText] = []
    found: list[tuple[int, ChangeSeen]] = []
    what = "a list of apps"
    apps = whole(body, _List, what).items if body.lstrip().startswith(b"{") else whole(body, list[msgspec.Raw], what)
    for app in each(apps, _App, problems):
        before: _Sync | None = None
        for sync in sorted(app.status.history, key=lambda sync: sync.id):
            # From its start on it can break things; what it broke must not look older than it.
            at = microseconds(sync.deploy_started_at or sync.deployed_at)
            if at >= since:
                found.append((at, _change(app.metadata.name, sync, before, source, service)))
            before = sync
    return oldest_first(found), tuple(problems)


def _change(name: str, sync: _Sync, before: _Sync | None, source: str, service: str | None) -> ChangeSeen:
    versions = ", ".join(revision[:7] for revision in sync.revisions) or sync.revision[:7]
    by = sync.initiated_by
    return ChangeSeen(
        change=line(f"{source}:{name}@{sync.id}"),
        source=source,
        what=line(f"deploy {name} {versions}"),
        service=service or line(name),
        who=line(by.username) or ("argocd, by itself" if by.automated else ""),
        undo=line(f"argocd app rollback {name} {before.id}") if before is not None else "",
    )
