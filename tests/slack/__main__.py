"""A fake Slack to try by hand, or for a storm: `python -m tests.slack --port 8080`."""

from __future__ import annotations

import argparse
import asyncio
import os
import signal
from pathlib import Path

import msgspec

from tests.slack.faults import Rule
from tests.slack.server import FakeSlack
from tests.slack.steering import Steering
from tests.slack.storm import storm
from tests.slack.times import ShiftedClock
from tests.slack.workspace import APP_LEVEL, CHANNEL, FULL, WRITE_ONLY, Rules, Workspace

SAVING = 0.2
"""Seconds between two looks at whether there is something to save."""


def main() -> None:
    """Serve until a signal comes."""
    parser = argparse.ArgumentParser(prog="python -m tests.slack", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="0 for any that is free")
    parser.add_argument("--state", type=Path, help="keep the workspace in this file, and go on from it")
    parser.add_argument("--faults", default="", help="`storm`, or a JSON file with rules")
    parser.add_argument("--seed", type=int, default=0, help="settles which calls a storm hits")
    parser.add_argument("--post-every", type=float, default=0.0, help="least seconds between two posts of a channel")
    asyncio.run(_serve(parser.parse_args()))


async def _serve(args: argparse.Namespace) -> None:
    clock = ShiftedClock()
    rules, space = Rules(post_every=args.post_every), _kept(args.state)
    slack = FakeSlack(clock=clock, rules=rules, port=args.port, space=space, seed=args.seed)
    slack.weather.rules = _rules(args.faults)
    slack.app_routes = Steering(slack, clock).routes()
    ending = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, ending.set)
    async with slack:
        print(f"listening on http://127.0.0.1:{slack.port}", flush=True)
        print(f"tokens {FULL} {WRITE_ONLY} {APP_LEVEL}; channel {CHANNEL}; webhook {slack.webhook}", flush=True)
        await _save_until(ending, slack, args.state)


async def _save_until(ending: asyncio.Event, slack: FakeSlack, state: Path | None) -> None:
    saved = -1
    while True:
        over = ending.is_set()
        if state is not None and (saved != len(slack.books.calls) or over):
            saved = len(slack.books.calls)
            _keep(state, slack.books.space)
        if over:
            return
        try:
            async with asyncio.timeout(SAVING):
                await ending.wait()
        except TimeoutError:
            continue


def _kept(state: Path | None) -> Workspace | None:
    if state is None or not state.exists():
        return None
    return msgspec.json.decode(state.read_bytes(), type=Workspace)


def _keep(state: Path, space: Workspace) -> None:
    part = state.with_suffix(".part")
    part.write_bytes(msgspec.json.encode(space))
    os.replace(part, state)


def _rules(faults: str) -> list[Rule]:
    if not faults:
        return []
    return storm() if faults == "storm" else msgspec.json.decode(Path(faults).read_bytes(), type=list[Rule])


if __name__ == "__main__":
    main()
