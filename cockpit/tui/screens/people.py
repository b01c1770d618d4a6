"""Questions about people: who is needed, who stays, who takes a role and what they must know, who looks into what."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.content import Content
from textual.types import CSSPathType

from cockpit.protocol.commands import ROLES, AnyCommand, EndTimer, Need, SetTimer, StandDown, TakeRole
from cockpit.protocol.messages import Answer
from cockpit.protocol.thanks import thanks
from cockpit.protocol.views import EMPTY, PersonView, TimerView
from cockpit.text import SafeText
from cockpit.tui import asked
from cockpit.tui.attachment import Attachment
from cockpit.tui.handover import handed_over
from cockpit.tui.paint import say, wrapped
from cockpit.tui.roster import task
from cockpit.tui.screens.form import Form, Incomplete, entry, paragraph, pick
from cockpit.tui.screens.modal import Words
from cockpit.tui.widgets.ticks import Ticks

WIDTH = 68


class NeedForm(Form):
    """Asks for somebody: by name, for what and until when."""

    def __init__(self, desk: Attachment, person: SafeText = EMPTY, reason: SafeText = EMPTY) -> None:
        super().__init__(desk, "Who is needed?")
        self._person = person
        self._reason = reason

    def parts(self) -> ComposeResult:
        yield from entry("Name", "person", self._person)
        yield from entry("What for (may stay empty)", "reason", self._reason)
        yield from entry("Until when: 16:00 (UTC) or 30 m (empty: until released)", "until")

    def commands(self) -> Sequence[AnyCommand]:
        if not self.typed("person"):
            raise Incomplete("Say who.")
        until = asked.until(self.typed("until"), self.desk.frame.clock.now()) if self.typed("until") else 0
        if until is None:
            raise Incomplete("A time such as 16:00 (UTC), or a length such as 30 m.")
        return (Need(person=self.typed("person"), reason=self.typed("reason"), until=until),)


class StandDownForm(Form):
    """Who stays is ticked; what everybody will be told is shown before it is."""

    CSS_PATH: ClassVar[CSSPathType | None] = ["modal.tcss", "people.tcss"]

    def __init__(self, desk: Attachment) -> None:
        super().__init__(desk, "Who stays?")
        self.foot = "Enter sends it    Space stays or leaves    j k move    Esc back"
        self._people = self._needed()

    def parts(self) -> ComposeResult:
        yield Ticks(self._entries(), [place for place, person in enumerate(self._people) if person.roles], "stay")
        yield Words(say("What the channel will read:"), classes="label")
        yield Words(Content(""), "draft")
        yield Words(Content(""), "leaving")

    def on_mount(self) -> None:
        self._draft()

    def on_ticks_changed(self) -> None:
        self._draft()

    def on_ticks_submitted(self) -> None:
        self._submit()

    def commands(self) -> Sequence[AnyCommand]:
        staying = self._staying()
        lead = next((person for person in self._people if "lead" in person.roles), None)
        if not staying:
            raise Incomplete("Somebody has to stay: Space ticks. When it is over, R resolves.")
        if lead is not None and lead not in staying:
            raise Incomplete(f"{lead.name.line} leads and has to stay; or somebody else takes the lead first (l).")
        if len(staying) == len(self._people):
            raise Incomplete("Everybody stays: nobody to thank yet.")
        return (StandDown(stay=tuple(person.name for person in staying)),)

    def refused(self, command: AnyCommand, answer: Answer) -> None:
        """Somebody was asked for meanwhile: they stay unless the person says otherwise, and are seen first."""
        if answer.refusal == "stale":
            leaving = {person.name for person in self._people} - {person.name for person in self._staying()}
            self._people = self._needed()
            staying = [place for place, person in enumerate(self._people) if person.name not in leaving]
            self.query_one("#stay", Ticks).take(self._entries(), staying)

    def _needed(self) -> list[PersonView]:
        return [person for person in self.desk.frame.people.people if person.needed]

    def _entries(self) -> list[tuple[str, str]]:
        return [(person.name, task(person)) for person in self._people]

    def _staying(self) -> list[PersonView]:
        return [self._people[place] for place in self.query_one("#stay", Ticks).places]

    def _draft(self) -> None:
        staying = self._staying()
        leaving = [person.name.line for person in self._people if person not in staying]
        draft = thanks([(person.name, task(person)) for person in staying]) if staying and leaving else "Nothing yet."
        self.query_one("#draft", Words).update(_lines(draft, 4))
        self.query_one("#leaving", Words).update(_lines(f"Released: {', '.join(leaving) or 'nobody'}.", 2))


class RoleForm(Form):
    """Takes a role or hands it over; what the next one must know is drafted from what is on the screen."""

    CSS_PATH: ClassVar[CSSPathType | None] = ["modal.tcss", "people.tcss"]

    def __init__(self, desk: Attachment) -> None:
        lead = desk.frame.header.lead.line
        super().__init__(desk, f"Hand over a role; {lead} leads now" if lead else "Take or hand over a role")

    def parts(self) -> ComposeResult:
        yield from pick("Role", "role", tuple(ROLES), "lead")
        yield from entry("Who takes it (empty: you)", "person")
        # An engine that knows of no notes would refuse the whole hand-over.
        if not self.desk.frame.older:
            yield from paragraph("What they must know", "note", handed_over(self.desk.frame))

    def commands(self) -> Sequence[AnyCommand]:
        note = "" if self.desk.frame.older else self.prose("note")
        return (TakeRole(role=ROLES[self.choice("role")], person=self.typed("person"), note=note),)


class LookForm(Form):
    """Somebody looks into something, and says by when."""

    def __init__(self, desk: Attachment) -> None:
        super().__init__(desk, "Look into something")

    def parts(self) -> ComposeResult:
        yield from entry("What", "what")
        yield from entry("For how many minutes (or 2 h)", "minutes", SafeText("10"))
        yield from entry("Who (empty: you)", "who")

    def commands(self) -> Sequence[AnyCommand]:
        if not self.typed("what"):
            raise Incomplete("Say what is looked into, such as database latency.")
        length = asked.minutes(self.typed("minutes"))
        if length is None:
            raise Incomplete("A length such as 10, 90 m or 2 h.")
        return (SetTimer(what=self.typed("what"), minutes=length, who=self.typed("who")),)


class EndLookForm(Form):
    """What came of a look."""

    def __init__(self, desk: Attachment, timer: TimerView) -> None:
        super().__init__(desk, f"What came of it? {timer.what.line} ({timer.who.line})")
        self._timer = timer

    def parts(self) -> ComposeResult:
        yield from entry("Found (empty: nothing)", "found")

    def commands(self) -> Sequence[AnyCommand]:
        return (EndTimer(timer=self._timer.timer, found=self.typed("found") or "nothing found"),)


def _lines(text: str, most: int) -> Content:
    return Content("\n").join(wrapped(text, WIDTH, most=most))
