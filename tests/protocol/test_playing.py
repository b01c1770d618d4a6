"""The player of runs over a socket that fails: what is asked twice is done once, and nothing is answered unseen."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from typing import Any

import pytest

from cockpit.exits import Exit
from cockpit.protocol.client import Client, Told
from cockpit.protocol.commands import AnyCommand, Confirm, StartRun
from cockpit.protocol.messages import Answer, Fetch, FetchRunbooks, Runbooks, Shutdown
from cockpit.protocol.playing import Play
from cockpit.protocol.starting import Wish
from cockpit.protocol.taking import Reply
from cockpit.protocol.views import HeaderView, Offer, ParamView, RunbookView, RunView, StepView
from cockpit.text import SafeText

Acts = Callable[["Engine", AnyCommand], Answer | None]


class Engine:
    """An engine with a run of one step. `acts` says what comes of each command; None for gone without an answer."""

    def __init__(self, *acts: Acts) -> None:
        self._acts = list(acts)
        self.asked: list[tuple[AnyCommand, tuple[str, int] | None, str]] = []
        self.head = 1
        self.run = RunView()
        self.lines: list[Line] = []

    async def connect(self) -> Client:
        line = Line(self)
        self.lines.append(line)
        line.show()
        return line  # type: ignore[return-value]

    def moves(self, run: RunView) -> None:
        """Something happened: everybody attached sees it."""
        self.head += 1
        self.run = run
        self.lines[-1].show()

    def take(self, command: AnyCommand) -> Answer | None:
        return self._acts.pop(0)(self, command)


class Line:
    """One connection."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._told: asyncio.Queue[Told | None] = asyncio.Queue()

    def show(self) -> None:
        self._told.put_nowait(HeaderView(stream="INC-1", head=self._engine.head, open=True, profile=SafeText("p")))
        self._told.put_nowait(self._engine.run)

    async def messages(self) -> AsyncIterator[Told]:
        while (told := await self._told.get()) is not None:
            yield told

    async def send(self, message: Fetch | Shutdown) -> None:
        assert isinstance(message, FetchRunbooks)
        self._told.put_nowait(Runbooks((BOOK,)))

    async def do(self, command: AnyCommand, decided_on: tuple[str, int] | None = None, command_id: str = "") -> Answer:
        self._engine.asked.append((command, decided_on, command_id))
        answer = self._engine.take(command)
        if answer is None:
            self._told.put_nowait(None)
            raise ConnectionError("the engine is gone")
        return answer

    async def close(self) -> None:
        pass


BOOK = RunbookView(
    id="b", title=SafeText("B"), service=SafeText(""), path=SafeText("/b.yaml"), digest="d", trusted=True,
    params=(ParamView("word", SafeText("Which word")), ParamView("other", SafeText("Other"), required=False)),
)  # fmt: skip
WISH = Wish("b", {"word": "w"})


def view(word: str, tone: Any, *offers: Offer, outcome: str = "") -> RunView:
    step = StepView(id="a", number="1", title=SafeText("A"), word=SafeText(word), tone=tone, effect="write")
    return RunView(run="r", title=SafeText("B"), steps=(step,), offers=offers, runbook="b", outcome=SafeText(outcome))


RUN_A = Offer(action="run", step="a", title=SafeText("A"), command=SafeText("do a"), digest="1", env=("PATH",))
OTHER = Offer(action="run", step="a", title=SafeText("A"), command=SafeText("do b"), digest="2")
TO_DO = view("to do", "muted", RUN_A)


def begins(engine: Engine, _: AnyCommand) -> Answer:
    engine.moves(TO_DO)
    return Answer("", True, SafeText("started"), stream="INC-1", seq=engine.head)


def ends(engine: Engine, _: AnyCommand) -> Answer:
    engine.moves(view("ok", "good", outcome="done"))
    return Answer("", True, SafeText("done"), stream="INC-1", seq=engine.head)


def dies(engine: Engine, _: AnyCommand) -> None:
    return None


def stale(engine: Engine, _: AnyCommand) -> Answer:
    return Answer("", False, SafeText("things changed"), "stale", "INC-1", engine.head)


def full(engine: Engine, _: AnyCommand) -> Answer:
    return Answer("", False, SafeText("not recorded: the disk is full"), "storage", "INC-1", engine.head)


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Attach again without a pause."""
    monkeypatch.setattr("cockpit.protocol.playing.AGAIN", 0.0)


async def played(engine: Engine, person: Person | None = None, wish: Wish = WISH) -> Exit:
    return await Play(engine.connect, wish, person, environ={"PATH": "/bin", "OTHER": "x"}).run()


async def test_it_starts_confirms_and_ends() -> None:
    engine = Engine(begins, ends)
    assert await played(engine) is Exit.OK
    (start, _, _), (confirm, seen, _) = engine.asked
    assert start == StartRun(runbook="b", params={"word": "w"})
    assert confirm == Confirm(run="r", step="a", digest="1", env={"PATH": "/bin"})
    assert seen == ("INC-1", 2)


@pytest.mark.parametrize("acts", [(dies, begins, ends), (begins, dies, ends), (begins, dies, dies, ends)])
async def test_what_got_no_answer_goes_again_under_its_own_id(acts: tuple[Acts, ...]) -> None:
    engine = Engine(*acts)
    assert await played(engine) is Exit.OK
    by_command: dict[str, set[object]] = {}
    for command, seen, name in engine.asked:
        by_command.setdefault(type(command).__name__, set()).add((name, seen))
    assert len(engine.asked) == len(acts)
    assert {kind: len(ids) for kind, ids in by_command.items()} == {"StartRun": 1, "Confirm": 1}


async def test_a_yes_that_came_too_late_is_looked_at_again(capsys: pytest.CaptureFixture[str]) -> None:
    engine = Engine(begins, stale, ends)
    assert await played(engine) is Exit.OK
    assert len({name for _, _, name in engine.asked}) == 3
    assert "not done: things changed" in capsys.readouterr().out


async def test_what_cannot_be_recorded_ends_with_its_own_code() -> None:
    assert await played(Engine(begins, full)) is Exit.STORAGE


async def test_an_answer_that_is_ahead_of_what_is_shown_confirms_nothing_anew() -> None:
    def slowly(engine: Engine, command: AnyCommand) -> Answer:
        asyncio.get_running_loop().call_later(0.3, ends, engine, command)
        return Answer("", True, SafeText("done"), stream="INC-1", seq=engine.head + 1)

    engine = Engine(begins, slowly)
    assert await played(engine) is Exit.OK
    assert len(engine.asked) == 2


class Person:
    """Somebody who answers when told to."""

    def __init__(self) -> None:
        self.asked: asyncio.Queue[RunView] = asyncio.Queue()
        self.says: asyncio.Queue[Reply | None] = asyncio.Queue()

    async def param(self, param: ParamView) -> str | None:
        return "typed"

    async def reply(self, run: RunView, secrets: Mapping[str, str]) -> Reply | None:
        self.asked.put_nowait(run)
        return await self.says.get()


async def test_a_question_goes_away_when_something_else_is_offered(capsys: pytest.CaptureFixture[str]) -> None:
    engine, person = Engine(begins, ends), Person()
    async with asyncio.TaskGroup() as group:
        play = group.create_task(played(engine, person, Wish("b")))
        assert (await person.asked.get()).offers == (RUN_A,)
        engine.moves(view("to do", "muted", OTHER))
        assert (await person.asked.get()).offers == (OTHER,)
        person.says.put_nowait(Reply(OTHER))
    assert play.result() is Exit.OK
    start, (confirm, seen, _) = engine.asked[0][0], engine.asked[1]
    assert isinstance(start, StartRun) and start.params == {"word": "typed"}
    assert isinstance(confirm, Confirm) and confirm.digest == "2" and seen == ("INC-1", 3)
    assert "things have changed meanwhile; look again" in capsys.readouterr().out


async def test_whoever_says_nothing_leaves_the_run_open(capsys: pytest.CaptureFixture[str]) -> None:
    engine, person = Engine(begins), Person()
    person.says.put_nowait(None)
    assert await played(engine, person) is Exit.PERSON_NEEDED
    assert "left as it is: the run stays open" in capsys.readouterr().out


async def test_a_run_of_another_runbook_is_left_alone() -> None:
    engine = Engine()
    engine.run = TO_DO
    assert await played(engine, wish=Wish("other")) is Exit.REFUSED
    assert engine.asked == []
