"""Any order of outcomes, a crash at every transition: told once, in order, or labelled, or said to be lost."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Literal

from hypothesis import given, settings
from hypothesis import strategies as st

from cockpit.broadcast import outbox
from cockpit.broadcast.merging import headlines, merge
from cockpit.broadcast.message import Post
from cockpit.broadcast.outbox import Parcel, Place, Verdict
from cockpit.broadcast.sender import Absent, Ambiguous, Finding, Outcome, Outgoing, Refused, Sent, Thread, Unsearchable
from cockpit.clock import SECOND

WINDOW = 30
Chance = Literal["fine", "slow", "limited", "malformed", "lost", "unanswered", "late", "killed before", "killed after"]
CHANCES: tuple[Chance, ...] = (
    "fine", "fine", "slow", "limited", "malformed", "lost", "unanswered", "late", "killed before", "killed after",
)  # fmt: skip


@dataclass
class Server:
    """A chat: what it shows, and what it has been sent and shows only later."""

    searchable: bool
    shown: list[tuple[str, Outgoing]] = field(default_factory=list)
    late: list[tuple[int, str, Outgoing]] = field(default_factory=list)

    def take(self, update: str, said: Outgoing) -> None:
        self.shown.append((update, said))

    def arrive(self, now: int) -> None:
        for each in [each for each in self.late if each[0] <= now]:
            self.late.remove(each)
            self.take(each[1], each[2])

    def find(self, update: str) -> Finding:
        if not self.searchable:
            return Unsearchable("a webhook tells nothing back")
        there = any(shown == update for shown, _ in self.shown)
        return Sent(f"at {update}") if there else Absent()


@dataclass
class Outbox:
    """One destination's letters, as the journal keeps them, and an engine that may die at any moment."""

    server: Server
    now: int = 0
    letters: list[Parcel] = field(default_factory=list)
    tried_at: dict[int, int] = field(default_factory=dict)
    lost: set[str] = field(default_factory=set)

    def write(self, kind: Literal["card", "thread"], reason: str) -> None:
        number = len(self.letters) + 1
        update = f"u{number:03}"
        message = Post(reason, update) if kind == "thread" else None
        outgoing = Outgoing(update, kind, self.now, "INC-1", update, message)
        self.letters.append(Parcel(number, "INC-1", update, kind, "pending", outgoing))

    @property
    def waiting(self) -> list[Parcel]:
        return [letter for letter in self.letters if letter.state in {"pending", "sending", "ambiguous"}]

    def keep(self, letter: Parcel) -> None:
        self.letters[letter.id - 1] = letter

    def start_anew(self) -> None:
        self.tried_at.clear()
        for letter in self.waiting:
            if letter.state == "sending":
                self.keep(replace(letter, state="ambiguous", absences=0))

    def step(self, chance: Chance, delay: int) -> None:
        self.server.arrive(self.now)
        for number in outbox.superseded(self.waiting):
            self.keep(replace(self.letters[number - 1], state="superseded"))
        cards = [letter for letter in self.letters if letter.kind == "card" and letter.state == "sent"]
        place = Place(threaded=True, thread=Thread(root="there" if cards else ""))
        runs = outbox.ready(self.waiting, {"INC-1": place}, self.now)
        if not runs:
            return
        if runs[0][0].state == "ambiguous":
            self._look_for(runs[0][0], place)
        else:
            self._send(list(runs[0]), place, chance, delay)

    def _look_for(self, letter: Parcel, place: Place) -> None:
        left = max(0.0, (self.tried_at.setdefault(letter.id, self.now) - self.now) / SECOND + WINDOW)
        if outbox.sent_anew(letter, place):
            self._settle(letter, outbox.late_arrival(letter, self.now, left))
            return
        finding = self.server.find(letter.update)
        self._settle(letter, outbox.after_looking(letter, finding, self.now, left, WINDOW))

    def _send(self, run: list[Parcel], place: Place, chance: Chance, delay: int) -> None:
        for other in run[:-1]:
            self.keep(replace(other, state="superseded"))
        whole = merge([each.outgoing for each in run])
        letter = replace(run[-1], outgoing=whole, state="sending", tries=run[-1].tries + 1, absences=0)
        self.keep(letter)
        if chance == "killed before":
            self.start_anew()
            return
        self.tried_at[letter.id] = self.now
        if chance in {"fine", "unanswered", "killed after"}:
            self.server.take(letter.update, whole)
        elif chance == "late":
            self.server.late.append((self.now + delay * SECOND, letter.update, whole))
        if chance == "killed after":
            self.start_anew()
            return
        self._settle(letter, outbox.after_sending(letter, OUTCOMES[chance], place, self.now))

    def _settle(self, letter: Parcel, verdict: Verdict) -> None:
        if verdict.state == "dead":
            self.lost.update(headlines(letter.outgoing) or (letter.update,))
        said = verdict.outgoing or letter.outgoing
        self.keep(
            replace(
                letter, state=verdict.state, not_before=verdict.not_before, absences=verdict.absences, outgoing=said
            )
        )


OUTCOMES: dict[str, Outcome] = {
    "fine": Sent("there"),
    "slow": Refused("refused the connection"),
    "limited": Refused("ratelimited", fault="wait", wait=3),
    "malformed": Refused("invalid_blocks", fault="payload"),
    "lost": Ambiguous("reset"),
    "unanswered": Ambiguous("no answer"),
    "late": Ambiguous("no answer"),
}

_WRITING = st.tuples(
    st.just("write"), st.sampled_from(("card", "thread")), st.sampled_from(("step", "status", "needed"))
)
_STEPPING = st.tuples(st.just("step"), st.sampled_from(CHANCES), st.integers(0, WINDOW - 1))
_WAITING = st.tuples(st.just("wait"), st.integers(1, 40), st.none())


@settings(max_examples=400, deadline=None)
@given(st.booleans(), st.lists(_WRITING | _STEPPING | _WAITING, max_size=40))
def test_told_once_in_order_or_labelled_or_said_to_be_lost(searchable: bool, deeds: list[tuple[str, str, str]]) -> None:
    box = Outbox(Server(searchable))
    for deed in deeds:
        _do(box, deed)
    for _ in range(400):
        box.step("fine", 0)
        box.now += SECOND
    box.now += WINDOW * SECOND
    box.server.arrive(box.now)
    assert not box.waiting
    posts = [(update, said) for update, said in box.server.shown if said.kind == "thread"]
    plainly = [update for _, said in posts if not said.repeated for update in headlines(said)]
    every = {update for _, said in posts for update in headlines(said)}
    written = {letter.update for letter in box.letters if letter.kind == "thread"}
    assert len(plainly) == len(set(plainly)), "told twice without a label"
    assert written - every <= box.lost, "lost, and nobody was told"
    if searchable:
        assert plainly == sorted(plainly), "out of order"
        assert not any(said.repeated for _, said in posts)
    cards = [said for _, said in box.server.shown if said.kind == "card"]
    newest = max((letter.update for letter in box.letters if letter.kind == "card"), default="")
    assert not cards or cards[-1].key == newest or newest in box.lost


def _do(box: Outbox, deed: tuple[str, str, str]) -> None:
    match deed:
        case ("write", ("card" | "thread") as kind, reason):
            box.write(kind, reason)
        case ("step", chance, delay):
            box.step(chance, int(delay))  # type: ignore[arg-type]
        case (_, seconds, _):
            box.now += int(seconds) * SECOND
