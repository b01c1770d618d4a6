"""The habits that make an outage longer, each found with its evidence. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator

import msgspec

from cockpit.clock import moment
from cockpit.drills.case import Case
from cockpit.incident.attendance import PersonReleased, RoleTaken
from cockpit.incident.broadcasts import UpdatePosted
from cockpit.incident.runs import (
    AttemptFinished,
    AttemptIntended,
    OptionChosen,
    RepeatEnded,
    VerifyFinished,
    VerifyStarted,
)
from cockpit.incident.vocabulary import ChangeSeen, FreezeSet, IncidentDeclared, IncidentResolved, NoteAdded

LEAD_WITHIN = 5.0
SCOPE_WITHIN = 10.0
"""Minutes after the declaration: five for the first word, five more for who is hit and who is not."""
ETA_OFF = 5.0
"""Minutes that an estimate may be off before it is worth a word."""


class Evidence(msgspec.Struct, frozen=True):
    """What shows it: the minute after T0, and what was recorded or what the world knows."""

    minute: float
    text: str


class Finding(msgspec.Struct, frozen=True):
    """A habit that was seen, what shows it, and what helps instead."""

    name: str
    instead: str
    evidence: tuple[Evidence, ...]


def findings(case: Case) -> tuple[Finding, ...]:
    """Every habit of which there is evidence, in the order of the list below."""
    seen = ((name, instead, tuple(look(case))) for name, instead, look in _HABITS)
    return tuple(Finding(name, instead, evidence) for name, instead, evidence in seen if evidence)


def _late_lead(case: Case) -> Iterator[Evidence]:
    declared, led = case.score.minute_of("declared"), case.score.lead_minute
    if declared is not None and (case.end if led is None else led) > declared + LEAD_WITHIN:
        yield Evidence(declared, "declared, and " + ("nobody took the lead" if led is None else f"led from T{led:.1f}"))


def _unrelieved(case: Case) -> Iterator[Evidence]:
    """Each stretch in which one person led for longer than was agreed."""
    lead, since = "", 0.0
    for event in case.events:
        minute = case.minute(event.occurred_at)
        match event.body:
            case RoleTaken(role="incident_commander", person=person) if person != lead:
                yield from _led(case, lead, since, minute)
                lead, since = person, minute
            case PersonReleased(person=person) if person == lead:
                yield from _led(case, lead, since, minute)
                lead = ""
            case IncidentResolved():
                yield from _led(case, lead, since, minute)
                return
    yield from _led(case, lead, since, case.end)


def _led(case: Case, lead: str, since: float, until: float) -> Iterator[Evidence]:
    if lead and until - since > case.relief:
        words = f"{lead} led from T{since:.1f} for {until - since:.0f} minutes, where {case.relief:.0f} were agreed"
        yield Evidence(round(since + case.relief, 1), words)


def _silence(case: Case) -> Iterator[Evidence]:
    for one in case.score.overdue:
        came = "never came" if one.came is None else f"came at T{one.came:.1f}"
        asked = _asked(case, one.due, case.end if one.came is None else one.came)
        who = f"; since the last word {asked} questions came from outside" if asked > 1 else ""
        yield Evidence(one.due, f"an update was due and {came}{who}")


def _asked(case: Case, due: float, came: float) -> int:
    """The questions from outside since somebody last told anything before `due`, until it `came`; minutes after T0."""
    told, asked = 0.0, list[float]()
    for event in case.events:
        minute = case.minute(event.occurred_at)
        match event.body:
            case UpdatePosted(automatic=False) if minute <= due:
                told = minute
            case NoteAdded(source=source, text=text) if source and "?" in text:
                asked.append(minute)
    return sum(told <= minute <= came for minute in asked)


def _no_scope(case: Case) -> Iterator[Evidence]:
    declared, said = case.score.minute_of("declared"), case.score.scope_minute
    if declared is not None and (case.end if said is None else said) > declared + SCOPE_WITHIN:
        when = "never said" if said is None else f"said at T{said:.1f}"
        yield Evidence(declared + SCOPE_WITHIN, f"who is hit and what is not affected: {when}")


def _exit_for_effect(case: Case) -> Iterator[Evidence]:
    """The command of a change ended well, and the next thing was to look away or to call it over."""
    changing = case.changing()
    latest: tuple[float, str] | None = None
    for event in case.events:
        match event.body:
            case AttemptFinished(ok=True, attempt=attempt) if attempt in changing:
                latest = case.minute(event.occurred_at), changing[attempt]
            case VerifyFinished(verdict="pass") | RepeatEnded(reached=True) | AttemptIntended(purpose="act"):
                latest = None
            case IncidentResolved() if latest is not None:
                words = f"resolved after {latest[1]} ended well, and no probe had said that it helped"
                yield Evidence(case.minute(event.occurred_at), words)
                latest = None
    if latest is not None and case.score.minute_of("mitigated") is None:
        yield Evidence(latest[0], f"{latest[1]} ended well, it did not help, and nothing was done after it")


def _several_at_once(case: Case) -> Iterator[Evidence]:
    """A second change while nobody knows yet what the first one did."""
    changing = case.changing()
    open_: dict[str, str] = {}
    for event in case.events:
        match event.body:
            case AttemptIntended(attempt=attempt) if attempt in changing:
                if others := sorted({step for step in open_.values() if step != changing[attempt]}):
                    words = f"{changing[attempt]} was begun while nobody knew yet what {', '.join(others)} did"
                    yield Evidence(case.minute(event.occurred_at), words)
                open_[attempt] = changing[attempt]
            case VerifyStarted(step=step):
                open_ = {attempt: name for attempt, name in open_.items() if name != step} | {step: step}
            case VerifyFinished(step=step):
                open_ = {attempt: name for attempt, name in open_.items() if name != step}
            case AttemptFinished(attempt=attempt):
                # Without a verification nothing more is to be waited for.
                open_.pop(attempt, None)


def _again(case: Case) -> Iterator[Evidence]:
    harmless = {"no_effect", "worse", "not_verified"}
    useless: Counter[str] = Counter()
    following = {
        (moment(event.occurred_at), event.body.command)
        for event in case.events
        if isinstance(event.body, AttemptIntended) and event.body.under
    }
    for one in case.report.tried:
        # A series of batches is confirmed once, and is one try.
        if one.undo or (one.time, one.command) in following:
            continue
        if useless[one.command]:
            yield Evidence(case.on(one.time), f"{one.command}, which had not helped before")
        if one.helped in harmless:
            useless[one.command] += 1


def _round_the_cockpit(case: Case) -> Iterator[Evidence]:
    for deed in case.by_hand():
        words = f"{' '.join(deed.command)}, in a shell of one's own: no undo, no verification, not on record"
        yield Evidence(round(deed.at / 60, 1), words)


def _changed_meanwhile(case: Case) -> Iterator[Evidence]:
    declared = frozen = False
    for event in case.events:
        match event.body:
            case IncidentDeclared():
                declared = True
            case FreezeSet():
                frozen = True
            case ChangeSeen(what=what) if declared and not frozen:
                yield Evidence(case.minute(event.occurred_at), f"{what}, with no freeze set")


def _hole(case: Case) -> Iterator[Evidence]:
    for doubt in case.report.data_quality:
        if doubt.rule == "gap" and doubt.time is not None:
            yield Evidence(case.on(doubt.time), doubt.text)


def _late_choice(case: Case) -> Iterator[Evidence]:
    for event in case.events:
        if isinstance(event.body, OptionChosen) and event.body.late:
            words = f"{event.body.step}: decided after {event.body.seconds / 60:.0f} minutes, past its time"
            yield Evidence(case.minute(event.occurred_at), words)


def _audience(case: Case) -> Iterator[Evidence]:
    for one in case.score.idle:
        yield Evidence(one.since, f"{one.person} was on the call for {one.minutes:.0f} minutes with nothing to do")


def _promise(case: Case) -> Iterator[Evidence]:
    for one in case.score.promises:
        if one.off is None:
            yield Evidence(one.made, f"{one.by} promised T{one.eta:.0f}, and it never came")
        elif abs(one.off) > ETA_OFF:
            yield Evidence(one.made, f"{one.by} promised T{one.eta:.0f}; it came at T{one.eta + one.off:.0f}")


def _false_end(case: Case) -> Iterator[Evidence]:
    resolved = case.score.minute_of("resolved")
    if resolved is not None:
        for why in case.score.false_resolved:
            yield Evidence(resolved, why)


def _harm(case: Case) -> Iterator[Evidence]:
    for one in case.score.side_effects:
        yield Evidence(one.minute, f"{one.text} ({one.command})" if one.command else one.text)


_HABITS: tuple[tuple[str, str, Callable[[Case], Iterator[Evidence]]], ...] = (
    ("Nobody leads", "take the lead with the declaration; it can be handed over later", _late_lead),
    ("Nobody relieves the lead", "hand over by name (l), before you are tired, with what must be known", _unrelieved),
    ("Silence towards everybody else", "say something before it is due, also that nothing is known yet", _silence),
    ("Nobody says what still works", "say with the first words who is hit and what is not affected", _no_scope),
    ("An exit code is taken for an effect", "let a probe say whether it helped before anything else", _exit_for_effect),
    ("Several changes at once", "one change, one verification, then the next", _several_at_once),
    ("The same once more", "what had no effect is undone, and the next rung is taken", _again),
    ("Round the cockpit", "type it as a step, so that it can be undone and others see it", _round_the_cockpit),
    ("Others go on changing things", "set a freeze as soon as a change is suspected", _changed_meanwhile),
    ("A hole in the record", "a note every few minutes costs less than the guessing afterwards", _hole),
    ("The timebox is forgotten", "when its time is over, go back and look for the cause afterwards", _late_choice),
    ("An audience on the call", "release everybody who has nothing to do: the channel tells them", _audience),
    ("A promise that did not hold", "give an estimate of your own, with its reason, and correct it early", _promise),
    ("Called over too early", "watch the probe for as long as agreed, and look downstream", _false_end),
    ("Harm beside the mend", "ask what else a change does before it is made", _harm),
)
