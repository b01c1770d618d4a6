"""The people: who is needed for what and until when, where they say they are, who offers help, who looks into what."""

from __future__ import annotations

from textual.content import Content

from cockpit.protocol.views import PersonView, TimerView, Tone
from cockpit.tui.paint import column, line, listed, say, spread, wrapped
from cockpit.tui.roster import OVER, left, over, presence, standing, task, until
from cockpit.tui.widgets.pane import Board

WORD, NAME, SIDE = 11, 16, 15
"""Cells for what somebody is to do, for their name, and at the right for where they are."""


class People(Board):
    TITLE = "PEOPLE"

    def about(self) -> Content:
        return say(self.frame.people.relief.line, "warn")

    def aside(self) -> Content:
        people = self.frame.people.people
        needed, offers = sum(each.needed for each in people), sum(each.offered for each in people)
        return listed(
            [
                say(f"{offers} offer{'s' if offers == 1 else ''} help" if offers else "", "act"),
                say(f"{needed} needed" if people else "", "muted"),
            ]
        )

    def wants(self) -> int:
        return super().wants() + bool(self.frame.people.call)

    def draw(self, width: int, height: int) -> list[Content]:
        call = self.frame.people.call.line
        if not call:
            return super().draw(width, height)
        drawn = super().draw(width, height - 1)
        foot = line(say("the call  ", "muted"), say(call)).pad_left(1)
        return drawn + [Content("")] * (height - 1 - len(drawn)) + [foot]

    def body(self, width: int, height: int) -> list[Content]:
        people, timers = self.frame.people.people, self.frame.people.timers
        if not (people or timers):
            return [say("Nobody is on the roster. l takes the lead.", "muted")]
        drawn = [each for person in people for each in self._person(person, width)]
        return drawn + [self._look(timer, width) for timer in timers]

    def _person(self, person: PersonView, width: int) -> list[Content]:
        now = self.frame.clock.now()
        word, tone = standing(person)
        # The end leaves room for saying that it is over, so that nothing moves when it is.
        room = width - WORD - NAME - SIDE - 1 - (len(OVER) if person.until and not over(person, now) else 0)
        plain: Tone = "plain" if person.needed or person.offered else "muted"
        end = say(*until(person, now))
        about = task(person)
        beside = listed([end, say(about, "muted")], "  ")
        below: list[Content] = []
        if beside.cell_length > room:
            beside, below = end, wrapped(about, width - WORD - NAME, "muted", most=2)
        first = line(column(word, WORD, tone), column(person.name, NAME - 1, plain), " ", beside)
        side = column(presence(person, now)[0], SIDE, presence(person, now)[1], right=True)
        return [spread(first, side, width), *(each.pad_left(WORD + NAME) for each in below)]

    def _look(self, timer: TimerView, width: int) -> Content:
        words, tone = left(timer, self.frame.clock.now())
        first = line(column("looks", WORD, "plain"), column(timer.who, NAME - 1), " ", say(timer.what))
        return spread(first, column(words, SIDE, tone, right=True), width)
