"""The end of a drill: its score, its debrief and its report, on the screen and beside the journal."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec

from cockpit.clock import moment
from cockpit.drills import debrieftext
from cockpit.drills.debrief import Debrief, debrief
from cockpit.drills.score import score
from cockpit.drills.stage import Stage
from cockpit.incident.event import Event
from cockpit.incident.fold import fold
from cockpit.journal.reader import open_reader
from cockpit.platform.places import Places
from cockpit.review.build import build
from cockpit.review.forms import form_of, formed
from cockpit.review.reading import every, latest, measured

DEBRIEF = "debrief.json"
"""Beside the journal of a drill that is over."""
KEPT = ("report.md", "report.html", "report.json")
"""The report beside it, in every form."""


class NoDebrief(Exception):
    """There is none to show; the text is for people."""


async def close(stage: Stage, say: Callable[[str], None]) -> None:
    """Say how it went, and keep the debrief and the report beside the journal."""
    hidden = await stage.hidden()
    events = await _events(stage.places)
    if not events:
        say(f"The drill is over, and nothing was declared to score. Its journal: {stage.places.journal}")
        return
    now = stage.clock.now()
    report = build(events, fold(events), now, await measured(stage.places.home, events))
    document = debrief(
        events, report, score(events, report, stage.scenario, stage.t0, now, hidden), stage.scenario, stage.t0, hidden
    )
    home = stage.places.home
    text = debrieftext.render(document)
    (home / DEBRIEF).write_bytes(msgspec.json.format(msgspec.json.encode(document), indent=2))
    (home / "debrief.txt").write_text(f"{text}\n", "utf-8")
    for name in KEPT:
        (home / name).write_text(await formed(report, form_of(Path(name))), "utf-8")
    say("")
    say("The drill is over: its engine and its simulator stop now.")
    say("")
    say(text)
    say("")
    # A line each: what is to be copied must not be broken by a narrow terminal.
    say(f"Kept in {home}:")
    say(f"  debrief.txt, {DEBRIEF}, {', '.join(KEPT)}")
    say(f"Again:        cockpit drill debrief {stage.profile}")
    say(f"Step by step: cockpit --profile {stage.profile} replay")
    say(f"Report: {home / KEPT[0]}")


def kept(home: Path, profile: str, *, as_json: bool) -> str:
    """The debrief of a drill that is over; NoDebrief when it has none or it cannot be read."""
    try:
        raw = (home / DEBRIEF).read_bytes()
    except FileNotFoundError:
        raise NoDebrief(f"{profile} has no debrief: {_why(home)}") from None
    except OSError as error:
        raise NoDebrief(f"{home / DEBRIEF} cannot be read: {error.strerror}") from error
    try:
        document = msgspec.json.decode(raw, type=Debrief)
    except msgspec.MsgspecError as error:
        raise NoDebrief(f"{home / DEBRIEF} is no debrief of this version: {error}") from error
    return raw.decode() if as_json else debrieftext.render(document)


def played(state_home: Path) -> Sequence[tuple[str, str]]:
    """Every drill with a debrief, the latest first: its profile, and when it ended."""
    found = sorted(state_home.glob(f"*/{DEBRIEF}"), key=lambda path: path.stat().st_mtime, reverse=True)
    return [(path.parent.name, f"{moment(path.stat().st_mtime_ns // 1000):%Y-%m-%d %H:%M} UTC") for path in found]


def _why(home: Path) -> str:
    return "it is not over yet, or nothing was declared in it" if home.exists() else "there is no such drill"


async def _events(places: Places) -> tuple[Event, ...]:
    reader = await open_reader(places.journal)
    try:
        return await every(reader, await latest(reader))
    finally:
        await reader.close()
