"""The actions of a report in the shapes in which trackers take issues. Pure; nothing is sent."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from cockpit.review.model import Action, ActionState, Report

_LOGIN = re.compile(r"(?<![\w@/.+-])@([A-Za-z0-9](?:-?[A-Za-z0-9]){0,38})(?!\.?[\w/-])")
"""An account on GitHub as people write it, no team and no address. Any other owner is only named in the text."""
_ASSIGNEES = 10
"""People to whom GitHub assigns one issue at most."""
_BLANKS = re.compile(r"[^\w.-]+")
_TITLE = 255
"""Characters of a title at most: Jira takes no more, GitHub one more."""
_CLOSED: Mapping[ActionState, str] = {
    "done": "completed",
    "rejected": "not_planned",
    "dismissed": "not_planned",
    "never_done": "not_planned",
    "superseded": "not_planned",
}
"""The six states in GitHub's words; what those words do not tell apart, a label does."""


def github(report: Report) -> str:
    """A JSON list of issues for GitHub's REST API: what is open is created, the rest is created and then closed."""
    return _dumped([_github(report, action) for action in report.human.actions])


def jira(report: Report, project: str) -> str:
    """The body of Jira's bulk creation, version 3; its states belong to each project, so a label tells the action's."""
    return _dumped({"issueUpdates": [_jira(report, action, project) for action in report.human.actions]})


def _github(report: Report, action: Action) -> dict[str, Any]:
    return {
        "title": _title(action),
        "body": "\n\n".join(_said(report, action)),
        "labels": _labels(action),
        "assignees": list(dict.fromkeys(_LOGIN.findall(action.owner)))[:_ASSIGNEES],
        "state": "open" if action.state == "open" else "closed",
        "state_reason": _CLOSED.get(action.state),
    }


def _jira(report: Report, action: Action, project: str) -> dict[str, Any]:
    said = {"incident": report.header.id, "id": action.id, "state": action.state, "owner": action.owner}
    return {
        "fields": {
            "project": {"key": project},
            "summary": _title(action),
            "description": {
                "type": "doc",
                "version": 1,
                "content": [
                    {"type": "paragraph", "content": [{"type": "text", "text": words}]}
                    for words in _said(report, action)
                ],
            },
            "issuetype": {"name": "Task"},
            "labels": [_BLANKS.sub("-", label) for label in _labels(action)],
        },
        "properties": [{"key": "cockpit.action", "value": said}],
    }


def _title(action: Action) -> str:
    line = " ".join(action.text.split())
    return line if len(line) <= _TITLE else f"{line[: _TITLE - 1]}…"


def _labels(action: Action) -> list[str]:
    return ["postmortem", action.type, action.state.replace("_", "-")]


def _said(report: Report, action: Action) -> Iterator[str]:
    yield action.text
    title = f" ({report.header.title})" if report.header.title else ""
    yield f"Action {action.id} of the report of {report.header.id}{title}."
    if action.owner:
        yield f"Owner: {action.owner}"
    if action.state != "open":
        decided = f" by {action.by}" if action.by else ""
        yield f"State: {action.state.replace('_', ' ')}{decided}{f': {action.why}' if action.why else ''}"
    if action.link:
        yield f"See: {action.link}"


def _dumped(data: Any) -> str:
    return json.dumps(data, indent=2, ensure_ascii=False)


EXPORTS: Mapping[str, Callable[[Report, str], str]] = {
    "github": lambda report, project: github(report),
    "jira": jira,
}
"""By the tracker; the second value is the key of the project, where that is needed."""
