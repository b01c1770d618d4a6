"""The assumptions about Slack tried with the config's own token, in a channel that somebody names for it."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import asdict
from pathlib import Path

from cockpit.broadcast.slack.web import DEADLINE, Web
from cockpit.clock import Clock, SystemClock
from cockpit.config.broadcasting import SlackDestination
from cockpit.config.load import read
from cockpit.config.model import Config
from cockpit.config.secrets import resolve
from cockpit.doctor.assumptions import TRIALS
from cockpit.doctor.trying import Bench, Row, Trial, tried
from cockpit.text import Redactor, SafeText

CHANNEL = re.compile(r"[CG][A-Z0-9]{2,20}")


class Unready(Exception):
    """Nothing can be tried; the text says why, and what would mend it."""


async def slack_live(
    path: Path | None, environ: Mapping[str, str], channel: str, *, clock: Clock | None = None,
    trials: Sequence[Trial] = TRIALS,
) -> AsyncGenerator[Row, None]:  # fmt: skip
    """Each assumption as it is tried, without secrets; `Unready` when there is no token or channel for it.

    The first destination of kind slack lends its token and address; `ConfigError` for a config that cannot be used.
    """
    if not CHANNEL.fullmatch(channel):
        raise Unready("name a channel by its id, such as C0123456789: it is in the channel's details, at the end")
    if path is None:
        raise Unready("there is no config with a token of Slack: name one with --config")
    config = read(path, Config)
    found = next((each for each in config.broadcast.destinations if isinstance(each, SlackDestination)), None)
    if found is None:
        raise Unready("the config has no destination of kind slack: add one to broadcast.destinations")
    secrets = resolve(config, environ, str(path))
    if found.token.name not in secrets.values:
        raise Unready(f"{found.token.words} gives no token")
    redact = Redactor(secrets.values.values())
    clock = clock or SystemClock()
    bench = Bench(Web(secrets.values[found.token.name], found.api, environ, clock, DEADLINE), channel, clock)
    # Closed at once when nobody reads on: what was posted is taken away then.
    async with aclosing(tried(bench, trials)) as rows:
        async for row in rows:
            yield Row(row.assumption, row.expected, SafeText(redact(row.seen)).line, row.verdict)


def document(rows: Sequence[Row]) -> str:
    """The same as JSON."""
    return json.dumps({"assumptions": [asdict(row) for row in rows]}, indent=2, ensure_ascii=False)
