"""What git prints about commits and tags, as changes. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator

from cockpit.changes.reading import line
from cockpit.clock import SECOND
from cockpit.incident.vocabulary import ChangeSeen

_FIELDS = ("%H", "%an", "%cn", "%ct", "%P", "%s", "%b")
COMMIT_FORMAT = "%x00".join(_FIELDS)
"""With `-z`: the fields of a commit, and the commits, all parted by NULs, which no field can hold."""
TAG_FORMAT = "%00".join(("%(refname:strip=2)", "%(objectname)", "%(creatordate:unix)", "%(creator)", "%(subject)"))
"""A tag a line."""

_DATE = re.compile(r"[0-9]{1,11}", re.ASCII)
_REVIEWED_BY = re.compile(r"^Reviewed-by:\s*\S", re.IGNORECASE | re.MULTILINE)
_REQUEST = re.compile(r"^Merge pull request #\d+ |^Merged PR \d+|^Merged in .* \(pull request #\d+\)$")
_SEE = re.compile(r"^See merge request \S*!\d+", re.MULTILINE)
_SQUASHED = re.compile(r" \(#\d+\)$")


def commits(printed: bytes, source: str, service: str | None) -> list[tuple[int, ChangeSeen]]:
    """A change for each commit of `git log -z` in COMMIT_FORMAT."""
    fields = printed.decode(errors="replace").split("\0")
    size = len(_FIELDS)
    rows = [fields[at : at + size] for at in range(0, len(fields) - size + 1, size)]
    # An object that no git wrote may have a date that git itself cannot read.
    return [_commit(row, source, service) for row in rows if _DATE.fullmatch(row[3])]


def _commit(fields: list[str], source: str, service: str | None) -> tuple[int, ChangeSeen]:
    sha, author, committer, committed, parents, subject, body = fields
    mainline = "-m 1 " if " " in parents else ""
    return int(committed) * SECOND, ChangeSeen(
        change=f"{source}:{sha[:12]}:{service}" if service else f"{source}:{sha[:12]}",
        source=source,
        what=line(f"commit {sha[:7]} {subject}"),
        service=service or "",
        who=line(author),
        reviewed=_reviewed(committer, subject, body),
        undo=f"git revert {mainline}{sha[:12]}",
    )


def _reviewed(committer: str, subject: str, body: str) -> bool:
    """Whether the commit itself tells of a review: nothing else of it is in a clone."""
    squashed = committer == "GitHub" and _SQUASHED.search(subject)
    return bool(_REVIEWED_BY.search(body) or _REQUEST.search(subject) or _SEE.search(body) or squashed)


def tags(printed: bytes, source: str, service: str) -> list[tuple[int, ChangeSeen]]:
    """A change for each tag of `git for-each-ref` in TAG_FORMAT, newest first; the one before is the way back."""
    rows = [row.split("\0") for row in printed.decode(errors="replace").splitlines()]
    return list(_tags([row for row in rows if len(row) == 5 and _DATE.fullmatch(row[2])], source, service))


def _tags(rows: list[list[str]], source: str, service: str) -> Iterator[tuple[int, ChangeSeen]]:
    before = (row[0] for row in rows[1:])
    for name, sha, created, creator, subject in rows:
        earlier = next(before, "")
        yield (
            int(created) * SECOND,
            ChangeSeen(
                # With the object: a tag that was moved is another change.
                change=line(f"{source}:{name}@{sha[:12]}:{service}"),
                source=source,
                what=line(f"tag {name} {subject}"),
                service=service,
                who=line(creator.partition(" <")[0]),
                undo=line(f"back to {earlier}") if earlier else "",
            ),
        )
