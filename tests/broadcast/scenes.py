"""Every message there is, from incidents as they happen, and what Slack is sent of it.

`python -m tests.broadcast.scenes` writes the golden files anew: read the difference before you commit it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, get_args

import msgspec

from cockpit.broadcast.compose import card, post, summons, switch
from cockpit.broadcast.due import overdue
from cockpit.broadcast.lateness import as_of
from cockpit.broadcast.material import automatic
from cockpit.broadcast.merging import merge, rewritten, titled
from cockpit.broadcast.message import Message, Post
from cockpit.broadcast.news import News
from cockpit.broadcast.sender import Outgoing
from cockpit.broadcast.slack.blocks import minimal, payload
from cockpit.broadcast.templates import dressed
from cockpit.config.templates import CardTemplate, PostTemplate, TemplateLink, Templates
from cockpit.incident.attendance import PersonNeeded, PersonReleased, RoleTaken, TimerSet
from cockpit.incident.broadcasts import CadenceSet, UpdatePosted
from cockpit.incident.event import Body, Event
from cockpit.incident.fold import State, fold
from cockpit.incident.runs import (
    AttemptFinished,
    AttemptIntended,
    AttemptStarted,
    AttemptUnknown,
    RunStarted,
    StepOutline,
    Verdict,
    VerifyFinished,
)
from cockpit.incident.vocabulary import (
    Figures,
    FreezeSet,
    ImpactChanged,
    IncidentDeclared,
    IncidentResolved,
    ProbeChanged,
    SeverityChanged,
    Status,
    StatusChanged,
)
from cockpit.protocol.thanks import thanks

GOLDEN = Path(__file__).parent / "golden"
TEN = 1_700_042_400_000_000
"""Microseconds: ten o'clock UTC."""
MINUTE = 60_000_000
PEOPLE = {"ada": "U024BE7LH", "ops-1": "W012A3CDE", "zoe": "U0EXAMPLE1"}
CALL = "https://meet.example.com/inc-7?room=a&b"
HOSTILE = (
    "<!channel> <@U024BE7LH> &lt; *b* `x`\n\u202egnp \x1b[31m" + "\U0001f525" * 150 + " e\u0301 https://x.example/a?b&c"
)
Story = Sequence[tuple[float, Body]]

DOWN = ProbeChanged(
    probe="checkout-synthetic", service="shop", state="down", previous="up", since=TEN, verdict="3/3 HTTP 500",
    figures=Figures(error_rate=0.796, at=TEN + MINUTE, since=TEN + MINUTE),
)  # fmt: skip
HEALTHY = ProbeChanged(
    probe="search-healthz", service="search", state="up", previous="unknown", since=TEN - 60 * MINUTE, verdict="200",
    figures=Figures(error_rate=0.0, at=TEN),
)  # fmt: skip
STEPS = (StepOutline("restore.revert", "Revert config 4711", "command", "write", "reapply"),)
BEGUN: Story = (
    (1, DOWN),
    (2, IncidentDeclared(title="Checkout failing", severity="SEV2", began=TEN, seen=(HEALTHY, DOWN))),
    (3, RoleTaken(person="ada", role="incident_commander")),
    (3, PersonNeeded(person="ops-1", reason="database", until=TEN + 60 * MINUTE)),
    (4, ImpactChanged(impact="80 % of payments fail.", unaffected=("search", "login"))),
    (5, TimerSet(timer="t", what="database latency", who="ada", until=TEN + 40 * MINUTE)),
    (5, RunStarted(run="r1", runbook="b", title="Roll back", digest="", source="", path="", steps=STEPS)),
    (6, AttemptIntended(run="r1", step="restore.revert", attempt="a1", command="configctl revert 4711", digest="")),
    (6, AttemptStarted(run="r1", step="restore.revert", attempt="a1", pid=9)),
)
SAID = UpdatePosted(
    update="u1", reason="update", headline="We are reverting a change of the configuration.",
    know="Config 4711 went out at 09:58 and broke the payment form.", doing="Reverting it.",
    unknown="Why the canary did not see it.", next_due=TEN + 27 * MINUTE, eta=TEN + 80 * MINUTE, eta_by="ada",
)  # fmt: skip
TOLD: Story = (*BEGUN, (7, SAID))
LATER = msgspec.structs.replace(SAID, update="u2", eta=TEN + 100 * MINUTE, next_due=TEN + 102 * MINUTE)


def verified(verdict: Verdict, after: float) -> VerifyFinished:
    return VerifyFinished(
        run="r1", step="restore.revert", probe="checkout-synthetic", verdict=verdict, words="",
        before=Figures(error_rate=0.796), after=Figures(error_rate=after),
    )  # fmt: skip


MATERIAL: Mapping[str, Sequence[Body]] = {
    "resolved": (IncidentResolved(note="Config 4711 is reverted."),),
    "severity_up": (SeverityChanged(severity="SEV1", why="all of Europe"),),
    "severity": (SeverityChanged(severity="SEV3", why="only guests are hit"),),
    "needed": (PersonNeeded(person="zoe", reason="payments"),),
    "step": (verified("no_effect", 0.794),),
    "step-failed": (AttemptFinished(run="r1", step="restore.revert", attempt="a1", ok=False, exit_code=1),),
    "step-unknown": (AttemptUnknown(run="r1", step="restore.revert", attempt="a1", why="its supervisor died"),),
    "freeze": (FreezeSet(scope=("ci", "flags"), until=TEN + 60 * MINUTE, reason="checkout fails"),),
    "verified": (verified("pass", 0.001),),
    "status": (StatusChanged(status="mitigating"),),
    "cadence": (CadenceSet(seconds=3600.0, why="nothing changes fast"),),
    "released": (PersonReleased(person="ops-1"),),
    "several": (StatusChanged(status="mitigating"), PersonNeeded(person="zoe"), SeverityChanged(severity="SEV1")),
}
"""What is news by itself, by the reason it is told for."""
TEAM = Templates(
    card=(CardTemplate(
        severity=("SEV2",), words={"act": "{text} Support: see page 7."}, headings={"know": "What we know:"},
        order=("impact", "act", "lines"), lines=("Questions about {incident} go to {lead}.",),
    ),),
    post=(PostTemplate(reason=("update",), headings={"know": "What we know:"}, lines=("Please do not share this.",)),),
    links=(TemplateLink(label="Dashboard", url="https://board.example.com/d/checkout?from=a&to=b"),),
)  # fmt: skip


def scenes() -> Iterator[tuple[str, Message]]:
    """Every message by name."""
    yield (
        "card-before-anything-is-known",
        card(_state(((0, IncidentDeclared(title="Something", severity="SEV3")),)), TEN),
    )
    for status in get_args(Status):
        turned = IncidentResolved() if status == "resolved" else StatusChanged(status=status)
        yield f"card-{status}", card(_state((*TOLD, (8, turned))), TEN + 9 * MINUTE)
    reverted = AttemptFinished(run="r1", step="restore.revert", attempt="a1", ok=True, exit_code=0)
    up = ProbeChanged(
        probe="checkout-synthetic", service="shop", state="up", previous="down", since=TEN + 8 * MINUTE, verdict="200",
        figures=Figures(error_rate=0.001, at=TEN + 8 * MINUTE, since=TEN + 8 * MINUTE),
    )  # fmt: skip
    steps = (reverted, up, verified("pass", 0.001), StatusChanged(status="monitoring"))
    yield "card-recovered", card(_state((*TOLD, *((8, step) for step in steps))), TEN + 9 * MINUTE)
    yield "card-overdue", card(_state(TOLD), TEN + 30 * MINUTE)
    yield "card-estimate-missed", card(_state((*TOLD, (82, LATER))), TEN + 85 * MINUTE)
    yield "card-released", card(_state((*TOLD, (8, PersonReleased(person="ops-1")))), TEN + 9 * MINUTE)
    yield "card-days-later", card(_state(TOLD), TEN + 3 * 24 * 60 * MINUTE)
    crowd = [(7, PersonNeeded(person=f"responder-{number}", reason="everything")) for number in range(60)]
    yield "card-sixty-responders", card(_state((*TOLD, *crowd)), TEN + 9 * MINUTE)
    yield "card-hostile", card(_state(_hostile()), TEN + 9 * MINUTE)
    yield "card-drill", card(_state(_drill()), TEN + 9 * MINUTE)
    yield "card-of-a-team", dressed(card(_state(TOLD), TEN + 9 * MINUTE), TEAM)
    yield "post-opened", _news((), (IncidentDeclared(title="Checkout failing", severity="SEV2"),))
    yield "post-update", post(SAID, _state(TOLD))
    yield "post-update-estimate-missed", post(LATER, _state((*TOLD, (82, LATER))))
    yield "post-of-a-team", dressed(post(SAID, _state(TOLD)), TEAM)
    for name, bodies in MATERIAL.items():
        yield f"post-{name}", _news(TOLD, bodies)
    yield "post-overdue", _overdue(TOLD, 28)
    again = UpdatePosted(update="o", reason="overdue", headline="h", automatic=True, next_due=TEN + 57 * MINUTE)
    yield "post-overdue-again", _overdue((*TOLD, (28, again)), 58)
    lead = RoleTaken(person="zoe", role="incident_commander")
    yield "post-lead", _news((*TOLD, (28, again)), (lead,))
    left = (*TOLD, (8, PersonReleased(person="ops-1")))
    farewell = UpdatePosted(
        update="f", reason="released", headline=thanks([("ada", "incident commander")]), automatic=True
    )
    yield "post-stand-down", post(farewell, _state((*left, (8, farewell))))
    yield "post-drill", _news(_drill(), (StatusChanged(status="mitigating"),))
    hostile = UpdatePosted(
        update="h",
        reason="update",
        headline=HOSTILE,
        know=HOSTILE,
        doing=HOSTILE,
        unknown=HOSTILE,
        eta=TEN,
        eta_by=HOSTILE,
    )
    yield "post-hostile", post(hostile, _state((*_hostile(), (9, hostile))))
    yield from _deliveries()
    yield "switch", switch(_state(TOLD), TEN + 7 * MINUTE, 300.0)
    yield "switch-nobody-leads", switch(_state((*BEGUN[:2], (7, SAID))), TEN + 7 * MINUTE, 300.0)
    yield "direct", summons("zoe", "payments", TEN + 60 * MINUTE, _state(TOLD), CALL)
    yield "direct-hostile", summons(HOSTILE, HOSTILE, 0, _state(_hostile()), CALL)


def shown(message: Message) -> dict[str, Any]:
    """What is kept of a message: plain text, what Slack is sent, and what when it refuses that."""
    return {
        "lines": list(message.lines),
        "slack": payload(message, PEOPLE, listening=True),
        "minimal": minimal(message),
    }


def _deliveries() -> Iterator[tuple[str, Message]]:
    """Letters that came late, together, or perhaps twice."""
    update = _letter(post(SAID, _state(TOLD)), 2)
    yield "post-late", _message(as_of(update, TEN + 14 * MINUTE, 0))
    yield "post-late-with-another-promise", _message(as_of(update, TEN + 30 * MINUTE, TEN + 50 * MINUTE))
    repeated = msgspec.structs.replace(update, repeated=True)
    yield "post-repeated", _message(as_of(repeated, TEN + 3 * MINUTE, 0))
    yield "post-repeated-and-late", _message(as_of(repeated, TEN + 14 * MINUTE, 0))
    told = _letter(card(_state(TOLD), TEN + 7 * MINUTE), 7)
    yield "card-repeated", _message(as_of(msgspec.structs.replace(told, repeated=True), TEN + 8 * MINUTE, 0))
    yield "card-late", _message(as_of(told, TEN + 40 * MINUTE, TEN + 50 * MINUTE))
    waited = [_letter(_news(TOLD, MATERIAL[name]), minute) for name, minute in (("status", 2), ("step", 8))]
    together = merge([*waited, _letter(_news(TOLD, MATERIAL["freeze"]), 14)])
    yield "post-merged", _message(as_of(titled(together, "Slack"), TEN + 15 * MINUTE, 0))
    yield "post-coalesced", _message(as_of(titled(together, ""), TEN + 15 * MINUTE, 0))


def _letter(message: Message, minute: float) -> Outgoing:
    empty = Outgoing("k", "thread", TEN + int(minute * MINUTE), "INC-7", "")
    return rewritten(empty, message)


def _message(letter: Outgoing) -> Message:
    assert letter.message is not None
    return letter.message


def _events(story: Story) -> list[Event]:
    return [
        Event("INC-7", seq, TEN + int(minute * MINUTE), TEN + int(minute * MINUTE), "ada", "host", body)
        for seq, (minute, body) in enumerate(story, start=1)
    ]


def _state(story: Story) -> State:
    return fold(_events(story))


def _news(story: Story, bodies: Sequence[Body]) -> Post:
    """What is told by itself when this happens at eight past ten."""
    whole = [*story, *((8.0, body) for body in bodies)]
    events = _events(whole)
    news = automatic(_state(story), fold(events), events[len(story) :])
    assert news is not None
    return _posted(whole, news, 8)


def _overdue(story: Story, minute: float) -> Post:
    news = overdue(_state(story), TEN + int(minute * MINUTE), {})
    assert news is not None
    return _posted(story, news, minute)


def _posted(story: Story, news: News, minute: float) -> Post:
    update = UpdatePosted(
        update="n", reason=news.reason, headline=news.headline, know=news.know, doing=news.doing, unknown=news.unknown,
        automatic=True, next_due=0 if news.reason == "resolved" else TEN + int((minute + 20) * MINUTE),
    )  # fmt: skip
    return post(update, _state((*story, (minute, update))))


def _hostile() -> Story:
    return (
        (2, IncidentDeclared(title=HOSTILE, severity="SEV1", began=TEN, impact=HOSTILE)),
        (3, RoleTaken(person=HOSTILE, role="incident_commander")),
        *((3, PersonNeeded(person=f"{number} {HOSTILE}", reason=HOSTILE)) for number in range(5)),
        (4, ImpactChanged(impact=HOSTILE, unaffected=(HOSTILE,) * 20)),
        (5, TimerSet(timer="t", what=HOSTILE, who=HOSTILE, until=TEN + 40 * MINUTE)),
        (6, PersonReleased(person=f"1 {HOSTILE}")),
        (7, msgspec.structs.replace(SAID, headline=HOSTILE, know=HOSTILE, doing=HOSTILE, unknown=HOSTILE)),
    )


def _drill() -> Story:
    return tuple(
        (minute, msgspec.structs.replace(body, drill="checkout-flag") if isinstance(body, IncidentDeclared) else body)
        for minute, body in TOLD
    )


def written(message: Message) -> str:
    """The text of a golden file."""
    return json.dumps(shown(message), indent=2, ensure_ascii=False) + "\n"


def renew() -> None:
    """Write all golden files, and take away those of no message."""
    found = {f"{name}.json": written(message) for name, message in scenes()}
    for path in GOLDEN.glob("*.json"):
        if path.name not in found:
            path.unlink()
    for name, text in found.items():
        (GOLDEN / name).write_text(text)


if __name__ == "__main__":
    renew()
