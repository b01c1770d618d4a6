"""The people: who is needed, and who may leave."""

from __future__ import annotations

from textual.content import Content

from cockpit.tui.paint import column, line, say
from cockpit.tui.widgets.pane import Board


class People(Board):
    TITLE = "PEOPLE"

    def body(self, width: int, height: int) -> list[Content]:
        people = self.frame.people.people
        if not people:
            return [say("Nobody is on the roster. l takes the lead.", "muted")]
        return [
            line(
                column("needed" if person.needed else "may leave", 11, "act" if person.needed else "muted"),
                column(person.name, 20, "plain" if person.needed else "muted"),
                say(person.reason, "muted"),
            )
            for person in people
        ]
