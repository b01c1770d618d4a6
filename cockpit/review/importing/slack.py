"""A channel as Slack exports it: the JSON file of a day, or the zip or directory of all of them.

Kept are who said what and when, the names of files and what is quoted. The times are Slack's own, to the second.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from cockpit.config.problems import ConfigError, Problem
from cockpit.review.importing.files import unusable
from cockpit.review.importing.sheet import Row, Sheet

USERS = "users.json"
OTHERS = frozenset({
    USERS, "channels.json", "groups.json", "dms.json", "mpims.json", "integration_logs.json", "canvases.json",
    "file_conversations.json", "org_users.json", "huddle_transcripts.json",
})  # fmt: skip
"""Files of an export that hold no messages."""
_TS = re.compile(r'"ts"\s*:\s*"([^"]*)"')
_SEEN = re.compile(r"\d{1,12}(?:\.\d{1,6})?")
_LABELLED = re.compile(r"<([^<>|\s]+)\|([^<>]*)>")
_PLAIN = re.compile(r"<((?:https?|mailto)[^<>|\s]*)>")
_USER = re.compile(r"<@([A-Z0-9]+)(?:\|[^<>]*)?>")
_DEEP = "is nested too deep, or holds a number too long"


def sheet_of(days: Mapping[str, str], path: str) -> Sheet:
    """The messages of some files, by time; ConfigError with everything that is no JSON."""
    sheet = Sheet(path)
    problems: list[Problem] = []
    read: dict[str, Any] = {}
    for name, text in days.items():
        try:
            read[name] = data(text, name)
        except ConfigError as error:
            problems += error.problems
    if problems:
        raise ConfigError(problems)
    names = _names(next((found for name, found in read.items() if _base(name) == USERS), None))
    rows: list[Row] = []
    for name, found in read.items():
        if _base(name) not in OTHERS:
            if isinstance(found, dict) and {"header", "timeline"} <= found.keys():
                raise unusable(name, "is a report of the cockpit already", "`cockpit report FILE.json` renders it")
            rows += _messages(found, days[name], name, names)
    # An export has a file a day: their order is that of the clock, and what has no time stays at the end.
    sheet.rows = sorted(rows, key=lambda row: (not row.stamp, row.stamp))
    return sheet


def data(text: str, path: str) -> Any:
    """The JSON in a text; ConfigError with the line that is none."""
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        raise unusable(path, f"is not JSON: {error.msg}", line=error.lineno) from None
    except (RecursionError, ValueError):
        raise unusable(path, _DEEP) from None


def _base(name: str) -> str:
    return name.replace("\\", "/").rpartition("/")[2]


def _names(users: Any) -> dict[str, str]:
    found = {}
    for user in users if isinstance(users, list) else []:
        if isinstance(user, dict) and isinstance(user.get("id"), str):
            found[user["id"]] = _name(user) or user["id"]
    return found


def _name(user: Mapping[str, Any]) -> str:
    profile = user.get("profile")
    inner = profile if isinstance(profile, dict) else {}
    said = (inner.get("display_name"), user.get("display_name"), user.get("name"), user.get("real_name"),
            inner.get("real_name"))  # fmt: skip
    return next((name for name in said if isinstance(name, str) and name), "")


def _messages(found: Any, text: str, path: str, names: Mapping[str, str]) -> Iterator[Row]:
    if isinstance(found, dict) and isinstance(found.get("messages"), list):
        # What the interface of Slack answers, saved as it was.
        found = found["messages"]
    lines = _lines(text)
    channel = path.replace("\\", "/").rpartition("/")[0].rpartition("/")[2]
    for message in found if isinstance(found, list) else [found]:
        if isinstance(message, dict) and isinstance(message.get("ts"), str):
            yield _row(message, next(lines.get(message["ts"], iter(())), None), channel, names)
        else:
            yield Row(None, "", json.dumps(message, ensure_ascii=False))


def _row(message: Mapping[str, Any], line: int | None, channel: str, names: Mapping[str, str]) -> Row:
    ts = message["ts"]
    stamp = ts
    if _SEEN.fullmatch(ts):
        try:
            stamp = datetime.fromtimestamp(float(ts), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        except (OverflowError, OSError, ValueError):
            pass
    words = [_words(message.get("text"), names), *_attached(message.get("attachments"), names)]
    words += [f"[file {one}]" for one in _files(message.get("files"))]
    where = f"#{channel} " if channel else ""
    text = "\n".join(word for word in words if word) or f"({message.get('subtype', 'no text')})"
    return Row(line, stamp, text, actor=_actor(message, names), evidence=f"{where}{ts}")


def _actor(message: Mapping[str, Any], names: Mapping[str, str]) -> str:
    user, profile = message.get("user"), message.get("user_profile")
    if isinstance(user, str) and user in names:
        return names[user]
    if isinstance(profile, dict) and (name := _name({"profile": profile})):
        return name
    said = (message.get("username"), user, message.get("bot_id"))
    return next((name for name in said if isinstance(name, str) and name), "")


def _words(text: Any, names: Mapping[str, str]) -> str:
    if not isinstance(text, str):
        return "" if text is None else json.dumps(text, ensure_ascii=False)
    said = _USER.sub(lambda match: f"@{names.get(match[1], match[1])}", text)
    said = _LABELLED.sub(lambda match: f"{match[2]} ({match[1]})", said)
    said = _PLAIN.sub(r"\1", said)
    return said.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def _attached(found: Any, names: Mapping[str, str]) -> Iterator[str]:
    for one in found if isinstance(found, list) else []:
        if isinstance(one, dict):
            parts = [_words(one.get(part), names) for part in ("pretext", "title", "text")]
            yield "\n".join(part for part in parts if part) or _words(one.get("fallback"), names)


def _files(found: Any) -> Iterator[str]:
    for one in found if isinstance(found, list) else []:
        if isinstance(one, dict):
            said: Sequence[Any] = (one.get("name"), one.get("title"), one.get("id"))
            yield next((name for name in said if isinstance(name, str) and name), "without a name")


def _lines(text: str) -> dict[str, Iterator[int]]:
    """The lines on which each time stands."""
    found: dict[str, list[int]] = {}
    line, at = 1, 0
    for match in _TS.finditer(text):
        line += text.count("\n", at, match.start())
        at = match.start()
        found.setdefault(match[1], []).append(line)
    return {ts: iter(lines) for ts, lines in found.items()}
