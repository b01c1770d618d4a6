"""A ladder over releases: what it restores, fixed once, and whether what serves is what it should be."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import msgspec

from cockpit.incident.run import Attempt, Run, StepState
from cockpit.incident.runs import LadderPinned, StepOutline, Target
from cockpit.runbooks.plan import CURRENT, TARGETS, PlannedStep
from cockpit.runbooks.taking import HIDDEN, LONGEST, NotThere
from cockpit.text import MASK


@dataclass(frozen=True, slots=True)
class Pinned:
    """The releases to go back to from `original`, the nearest first, and what was left out with the reason."""

    original: str
    targets: tuple[Target, ...]
    dropped: tuple[str, ...] = ()

    def packed(self) -> str:
        """As the output of the step that found them."""
        return msgspec.json.encode((self.original, self.targets, self.dropped)).decode()

    @classmethod
    def unpacked(cls, text: str) -> Pinned:
        """What `packed` made."""
        return cls(*msgspec.json.decode(text, type=tuple[str, tuple[Target, ...], tuple[str, ...]]))


def find(text: str, original: str, tried: Collection[str], *, at_least: int, at_most: int) -> Pinned:
    """The releases in a listing that can be restored; NotThere when they are fewer than asked for.

    Left out are what serves now and whatever is newer, what failed, what was tried in this incident, and what has the
    digest of one of these.
    """
    listed = tuple(_listed(text))
    targets: list[Target] = []
    dropped: list[str] = []
    digests = {
        target.digest: target.id
        for target, failed in reversed(listed)
        if target.digest and (failed or target.id == original or target.id in tried)
    }
    seen: set[str] = set()
    serving = next((place for place, (target, _) in enumerate(listed) if target.id == original), 0)
    for place, (target, failed) in enumerate(listed):
        why = _left_out(target, failed, original, tried, seen, digests)
        if place < serving:
            why = "newer than what serves now"
        seen.add(target.id)
        if target.digest and not why:
            digests[target.digest] = target.id
        if why:
            dropped.append(f"{target.id}: {why}")
        elif len(targets) < at_most:
            targets.append(target)
    if len(targets) < at_least:
        left = f" ({'; '.join(dropped)})" if dropped else ""
        raise NotThere(f"found {len(targets)} releases to go back to, needs at least {at_least}{left}")
    return Pinned(original, tuple(targets), tuple(dropped))


def _left_out(
    target: Target, failed: bool, original: str, tried: Collection[str], seen: set[str], digests: dict[str, str]
) -> str:
    if target.id == original:
        return "it serves now"
    if target.id in seen:
        return "listed twice"
    if failed:
        return "it failed"
    if target.id in tried:
        return "tried in this incident, and it did not help"
    return f"the same as {digests[target.digest]}" if target.digest in digests else ""


def _listed(text: str) -> Iterator[tuple[Target, bool]]:
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        if line.lstrip().startswith("{"):
            yield _from_json(line, number)
        else:
            name, _, title = line.strip().partition(" ")
            yield Target(release(name, _of_list(number)), title.strip()[:200]), False


def _from_json(line: str, number: int) -> tuple[Target, bool]:
    try:
        told: dict[str, Any] = json.loads(line)
    except (ValueError, RecursionError):
        raise NotThere(f"line {number} of the list is no JSON object") from None
    text = {key: str(told.get(key) or "") for key in ("id", "title", "digest", "barrier")}
    return Target(
        release(text["id"], _of_list(number)), text["title"][:200], text["digest"][:200], text["barrier"][:300]
    ), bool(told.get("failed"))  # fmt: skip


def _of_list(number: int) -> str:
    return f"line {number} of the list begins with no id"


def release(name: str, otherwise: str) -> str:
    """The name if it can be the id of a release, else NotThere with the words `otherwise`.

    An id is one word, and no option; one in which a secret was masked is another id by now.
    """
    if not name or len(name) > LONGEST or not name.isprintable() or name.startswith("-") or " " in name:
        raise NotThere(otherwise)
    if MASK in name:
        raise NotThere(f"{otherwise}: {HIDDEN}")
    return name


def tried(runs: Iterable[Run], runbook: str) -> frozenset[str]:
    """The releases that runs of this runbook began with or restored in this incident, and that did not help."""
    mine = [run for run in runs if run.runbook == runbook]
    began_with = {pinned.original for run in mine for pinned in run.ladders.values()}
    return frozenset(began_with) | frozenset(
        pinned.targets[step.outline.rung - 1].id
        for run in mine
        for step in run.steps
        if (pinned := run.ladders.get(step.outline.ladder)) is not None
        and 0 < step.outline.rung <= len(pinned.targets)
        and run.acted(step.outline.id)
        and step.verdict != "pass"
    )


def pinned_by(run: Run, planned: PlannedStep) -> LadderPinned | None:
    """The ladder as its two looks have found it; None while they have not."""
    outline = planned.outline
    if not planned.at_most or outline.ladder in run.ladders:
        return None
    found = _latest_output(run.of(outline.id), TARGETS)
    if found is None:
        return None
    pinned = Pinned.unpacked(found)
    return LadderPinned(
        run=run.id, ladder=outline.ladder, original=pinned.original, targets=pinned.targets, dropped=pinned.dropped
    )


def original_of(run: Run, ladder: str) -> str:
    """What served when the ladder was begun, empty when that was not read yet."""
    return _latest_output(run.of(f"{ladder}.{CURRENT}"), CURRENT) or ""


def _latest_output(attempts: Iterable[Attempt], name: str) -> str | None:
    outputs = [each.finished.outputs for each in attempts if each.finished is not None and each.finished.ok]
    return next((given[name] for given in reversed(outputs) if name in given), None)


def target_of(run: Run, outline: StepOutline) -> Target | None:
    """The release that a rung restores; None when there are not so many, or none were pinned yet."""
    pinned = run.ladders.get(outline.ladder)
    if pinned is None or not 0 < outline.rung <= len(pinned.targets):
        return None
    return pinned.targets[outline.rung - 1]


def served_before(run: Run, step: str, visit: int) -> str:
    """What served before that rung was taken, which undoing it restores."""
    looks = [each for each in run.of(step, visit) if each.purpose == "before" and each.direction == "forward"]
    return _latest_output(looks, CURRENT) or ""


def expected(run: Run, ladder: str) -> frozenset[str]:
    """What may serve now if nobody else has deployed: what was last applied, or what was there before it.

    Of a rung that failed, or of which nobody knows, both may serve.
    """
    if ladder in run.accepted:
        return frozenset((run.accepted[ladder],))
    pinned = run.ladders.get(ladder)
    serving = frozenset((pinned.original,) if pinned is not None else ())
    places = {step.outline.id: step.outline for step in run.steps if step.outline.ladder == ladder}
    for attempt in run.attempts.values():
        target = target_of(run, places[attempt.step]) if attempt.step in places else None
        if target is None or attempt.purpose != "act" or attempt.open:
            continue
        if attempt.direction == "rollback":
            back = served_before(run, attempt.step, attempt.visit)
            # A rollback that did not succeed and was left so may or may not have restored it.
            undone = attempt.undid and attempt.settled != "skipped"
            serving = frozenset((back,)) if undone else serving | {back}
        elif attempt.acted:
            sure = attempt.settled in {"took_effect", "by_hand"} or (
                attempt.succeeded and not _found_without_effect(run, attempt)
            )
            serving = frozenset((target.id,)) if sure else serving | {target.id}
    return serving


def _found_without_effect(run: Run, applied: Attempt) -> bool:
    """Whether the look after a rung that exited with 0 found something else serving."""
    looks = [each for each in run.of(applied.step, applied.visit) if each.order > applied.order]
    return any(
        look.purpose == "after" and look.finished is not None and not look.finished.ok and look.finished.outputs
        for look in looks[:1]
    )


def serves_instead(run: Run, step: StepState) -> str:
    """What the last look before this visit of a rung found serving instead of what was last applied, else empty."""
    looks = [each for each in run.of(step.outline.id, step.visit) if each.direction == "forward"]
    last = looks[-1] if looks else None
    if last is None or last.purpose != "before" or last.finished is None or last.finished.ok:
        return ""
    found, target = last.finished.outputs.get(CURRENT, ""), target_of(run, step.outline)
    known = {run.accepted.get(step.outline.ladder), target.id if target is not None else None}
    return "" if found in known else found


def amiss_before(run: Run, outline: StepOutline, current: str) -> str:
    """Why a rung must not be applied now that `current` serves; empty when it may be."""
    may_serve = expected(run, outline.ladder)
    target = target_of(run, outline)
    if target is not None and current == target.id:
        return f"{current} serves already: there is nothing to restore"
    if current in may_serve:
        return ""
    return f"{current} serves, not {' or '.join(sorted(may_serve))}: somebody else has deployed meanwhile"


def amiss_undoing(run: Run, outline: StepOutline, visit: int, current: str) -> str:
    """Why a rung must not be undone now that `current` serves; empty when it may be."""
    back = served_before(run, outline.id, visit)
    if current == back:
        return f"{current} serves already: there is nothing to undo"
    may_serve = expected(run, outline.ladder)
    if current in may_serve:
        return ""
    return f"{current} serves, not {' or '.join(sorted(may_serve))}: somebody else has deployed meanwhile"


def amiss_after(run: Run, outline: StepOutline, current: str) -> str:
    """Why a rung that was applied is not what it should be; empty when it is."""
    target = target_of(run, outline)
    return "" if target is None or current == target.id else f"exit 0, but {current} serves, not {target.id}"
