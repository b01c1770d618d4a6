"""The run in hand as there is to see: its steps, what may be done now, and whether all got worse since. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from cockpit.engine.environment import names
from cockpit.incident.fold import State
from cockpit.incident.run import Run, StepState
from cockpit.incident.vocabulary import Figures
from cockpit.incident.watching import Watching
from cockpit.protocol.views import EMPTY, Offer, Option, RunView, StepView, Tone
from cockpit.runbooks.commandline import unfilled
from cockpit.runbooks.health import Health, health
from cockpit.runbooks.invoking import forward
from cockpit.runbooks.ladder import target_of
from cockpit.runbooks.plan import Plan, PlannedStep
from cockpit.runbooks.player import Action, offers
from cockpit.runbooks.standing import GOING_ON, IN_FLIGHT
from cockpit.runbooks.values import Invocation
from cockpit.text import SafeText

Lacking = Callable[[Run, Invocation], tuple[str, ...]]
"""The secret parameters that a command needs and the engine does not have."""


UNSEEN = Watching()
UNMEASURED: Mapping[str, Figures] = MappingProxyType({})


def current_run(state: State) -> Run | None:
    """The run in hand: the open one, else the last one."""
    runs = list(state.runs.values())
    return next((run for run in reversed(runs) if run.outcome is None), runs[-1] if runs else None)


def run(
    state: State, plans: Mapping[str, Plan], lacking: Lacking,
    watching: Watching = UNSEEN, figures: Mapping[str, Figures] = UNMEASURED,
) -> RunView:  # fmt: skip
    """The run in hand with its steps, what may be done now, and what has become of the probes since."""
    current = current_run(state)
    if current is None:
        return RunView()
    plan = plans.get(current.id, Plan({}))
    outcome = (current.outcome or "") if current.id in plans else UNREAD
    actions = offers(plan, current) if state.lifecycle.open and current.id in plans else ()
    active = next((action.step for action in actions if action.kind in _FORWARD), "")
    live = next((step.attempt for step in current.steps if step.status in _RUNNING), "")
    found = health(plan, current, watching, figures) if state.lifecycle.open else Health()
    latest = max(current.attempts.values(), key=lambda attempt: attempt.intended_at, default=None)
    attempt = live or (latest.id if latest else "")
    return RunView(
        run=current.id,
        title=SafeText(current.title, 200).line,
        outcome=SafeText(outcome.replace("_", " ")),
        steps=tuple(_step(step, plan, current, number, active) for number, step in enumerate(current.steps, 1)),
        offers=tuple(_offer(action, plan, current, lacking) for action in actions),
        undo_depth=len(current.undo_stack),
        attempt=attempt,
        health=SafeText(found.words, 400).line,
        health_tone=found.tone,
        lock=SafeText(current.lost, 300).line if current.lost else EMPTY,
        runbook=current.runbook,
        printed=current.attempts[attempt].step if attempt in current.attempts else "",
    )


UNREAD = "this version of cockpit cannot read the runbook of this run, so it offers nothing"
_RUNNING = IN_FLIGHT
_FORWARD = frozenset({"run", "done", "choose", "settle", "approve", "accept"})
_STATUS: dict[str, tuple[str, Tone]] = {
    "pending": ("to do", "muted"),
    "intended": ("starting", "act"),
    "running": ("running", "act"),
    "announced": ("announced", "act"),
    "checking": ("looking", "act"),
    "repeating": ("in batches", "act"),
    "sending": ("sending", "act"),
    "deciding": ("decide", "act"),
    "verifying": ("verifying", "act"),
    "waiting": ("waiting", "act"),
    "done": ("ok", "good"),
    "failed": ("FAILED", "bad"),
    "unknown": ("UNKNOWN", "bad"),
    "skipped": ("skipped", "muted"),
    "rolling_back": ("undoing", "act"),
    "rolled_back": ("undone", "warn"),
    "rollback_failed": ("UNDO FAILED", "bad"),
    "rollback_unknown": ("UNDO UNKNOWN", "bad"),
    "rollback_skipped": ("not undone", "warn"),
}
_VERDICT: dict[str, tuple[str, Tone]] = {
    "pass": ("ok, HELPED", "good"),
    "no_effect": ("ok, NO EFFECT", "warn"),
    "better": ("ok, better", "warn"),
    "worse": ("ok, WORSE", "bad"),
    "inconclusive": ("ok, can't tell", "warn"),
}


def _step(step: StepState, plan: Plan, run: Run, number: int, active: str) -> StepView:
    word, tone = _STATUS[step.status]
    if step.status == "done" and step.verdict is not None:
        word, tone = ("ok, still up", "good") if step.still else _VERDICT[step.verdict]
    told = step.words
    if step.status == "failed" and _ended_short(step, run):
        word, tone = "ended short", "warn"
    if step.status == "skipped" and step.order:
        # It has run: to go on all the same does not unmake that.
        word, tone = _VERDICT[step.verdict] if step.verdict is not None else ("ran, left so", "warn")
        told = f"gone on: {step.words}"
    planned = plan.steps.get(step.outline.id, PlannedStep(step.outline))
    undo = step.outline.undo or (f"cannot be undone: {step.outline.irreversible}" if step.outline.irreversible else "")
    if step.status == "announced":
        # Why it was held before is over.
        told = ""
    if planned.choose is not None and step.status == "deciding":
        told = planned.choose.question
    elif step.outline.id == active and step.status == "pending":
        told = step.words or " ".join(planned.manual.split())
    return StepView(
        id=step.outline.id,
        number=str(number),
        title=SafeText(_title(step, run), 200).line,
        word=SafeText(word),
        tone=tone,
        effect=step.outline.effect,
        active=step.outline.id == active or step.status in IN_FLIGHT | GOING_ON,
        command=SafeText(_at_work(step, run) or _command(plan, run, planned), 500).line,
        words=SafeText(told, 300).line,
        undo=SafeText(undo, 300).line,
        since=step.changed_at,
        until=step.until if step.status in {"verifying", "waiting", "announced", "deciding"} else 0,
        section=SafeText(step.outline.section.replace("_", " ")),
        role=SafeText(step.outline.role.replace("_", " ")),
    )


def _ended_short(step: StepState, run: Run) -> bool:
    """Whether a series was ended between two batches: none of them has failed."""
    attempt = run.attempts.get(step.attempt)
    return step.outline.kind == "repeat" and attempt is not None and attempt.succeeded


def _title(step: StepState, run: Run) -> str:
    target = target_of(run, step.outline)
    return f"{step.outline.title}: {target.id} {target.title}".rstrip() if target is not None else step.outline.title


_UNDOING = frozenset({"rolling_back", "rollback_failed", "rollback_unknown"})


def _at_work(step: StepState, run: Run) -> str:
    """The very command that is about to run, runs, or has failed to undo: it may be another than the step's own."""
    if step.announced is not None:
        return step.announced.command
    attempt = run.attempts.get(step.attempt)
    return attempt.command if attempt is not None and step.status in IN_FLIGHT | _UNDOING else ""


def _command(plan: Plan, run: Run, planned: PlannedStep) -> str:
    if planned.command is None:
        return ""
    filled = forward(plan, run, planned) if planned.outline.id in plan.steps else None
    return filled.shown if filled is not None and not filled.missing else unfilled(planned.command)


_CONSEQUENCE = {
    "read": "reads only, changes nothing",
    "write": "changes the system",
    "destructive": "DESTROYS something: read it twice",
}


def _offer(action: Action, plan: Plan, current: Run, lacking: Lacking) -> Offer:
    step = current.step(action.step) if action.step else None
    outline = step.outline if step is not None else None
    planned = plan.steps.get(action.step)
    command = action.command.shown if action.command is not None else ""
    # A look undoes nothing and leaves nothing to undo, whatever its step does.
    ahead = None if action.kind == "undo" or action.purpose != "act" else outline
    return Offer(
        action=action.kind,
        step=action.step,
        title=SafeText(_title(step, current) if step is not None else "", 300).line,
        said=SafeText(action.said, 500).line,
        attempt=action.attempt,
        command=SafeText(command),
        consequence=SafeText(_consequence(action, planned), 300).line if command or _posts(action, planned) else EMPTY,
        undo=SafeText(ahead.undo if ahead is not None else "", 300).line,
        irreversible=SafeText(ahead.irreversible if ahead is not None else "", 300).line,
        digest=action.digest,
        typed=SafeText(action.typed),
        env=names(plan) if command else (),
        options=tuple(Option(option, SafeText(title, 200).line) for option, title in action.options),
        manual=SafeText(planned.manual.strip() if action.kind == "done" and planned is not None else ""),
        began=action.kind == "skip" and step is not None and step.order > 0,
        waits=action.kind == "done" and planned is not None and planned.wait is not None,
        secrets=lacking(current, action.command) if action.command is not None else (),
        role=SafeText(outline.role.replace("_", " ") if outline is not None else ""),
        until=step.until if step is not None and step.status in {"deciding", "announced"} else 0,
        at_once=action.kind == "run" and planned is not None and planned.confirm == "none",
        holder=SafeText(current.lost, 300).line if action.kind == "take_over" else EMPTY,
    )


def _posts(action: Action, planned: PlannedStep | None) -> bool:
    """Whether a yes to `done` does not tick something off but sends a message."""
    return action.kind == "done" and planned is not None and bool(planned.message)


def _consequence(action: Action, planned: PlannedStep | None) -> str:
    if action.kind == "undo":
        return "undoes what this step did"
    if planned is None or action.purpose != "act":
        return _CONSEQUENCE["read"]
    if planned.whom:
        return f"calls {planned.whom}"
    if planned.repeat is not None:
        return f"up to {planned.repeat.at_most} batches, until {planned.repeat.until.probe} is up"
    return _CONSEQUENCE[planned.outline.effect]
