"""Plays a runbook over the socket: starts it or goes on with it, follows it, and takes up what is offered first."""

from __future__ import annotations

import asyncio
import os
import uuid
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Protocol

from cockpit.exits import Exit
from cockpit.protocol.client import Client
from cockpit.protocol.commands import AnyCommand, Declare, SeverityWord, StartRun
from cockpit.protocol.messages import Answer, FetchRunbooks, Goodbye, Runbooks
from cockpit.protocol.progress import Progress, summary
from cockpit.protocol.taking import Reply, command_of, due
from cockpit.protocol.unattended import Halt, unattended
from cockpit.protocol.views import HeaderView, Offer, OutputView, ParamView, RunbookView, RunView
from cockpit.tasks import TaskSet

QUIET = 0.05
"""Real seconds without a word after which everything that belongs together has come."""
LONGEST = 1.0
"""Real seconds after which it is acted on even if the engine never pauses."""
AGAIN = 0.3
"""Real seconds before the engine is attached to again, or asked once more."""
TRIES = 20
"""How often a yes that came too late is given anew where nobody is asked."""


@dataclass(frozen=True, slots=True)
class Wish:
    """Which runbook, with what: its values, the secret ones, and what is needed to start it."""

    runbook: str
    params: Mapping[str, str] = field(default_factory=dict)
    secrets: Mapping[str, str] = field(default_factory=dict)
    take_over: str = ""
    trust: str = ""
    declare: str = ""
    severity: SeverityWord = "SEV3"


class Person(Protocol):
    """Somebody who can be asked."""

    async def param(self, param: ParamView) -> str | None:
        """A value; None when there is none to be had."""

    async def reply(self, run: RunView, secrets: Mapping[str, str]) -> Reply | None:
        """What to do of all that is offered; None to leave the run as it is."""


class _Sight:
    """What the engine showed last."""

    def __init__(self) -> None:
        self.header: HeaderView | None = None
        self.run: RunView | None = None
        self.output: OutputView | None = None
        self.books: Runbooks | None = None
        self.lost = False
        self.why = ""


class Play:
    """One runbook played to its end, or to where it stops. Nothing is confirmed twice: every yes has an id of its own,
    and goes under that again if the engine went away before it answered."""

    def __init__(
        self, connect: Callable[[], Awaitable[Client]], wish: Wish, person: Person | None, *,
        as_json: bool = False, environ: Mapping[str, str] = os.environ,
    ) -> None:  # fmt: skip
        self._connect = connect
        self._wish = wish
        self._person = person
        self._environ = environ
        self._progress = Progress(as_json=as_json)
        self._sight = _Sight()
        self._changed = asyncio.Event()
        self._run = ""
        self._after = 0
        self._passed: set[str] = set()
        self._unanswered: tuple[AnyCommand, str, tuple[str, int]] | None = None
        self._asking: asyncio.Task[None] | None = None
        self._asked: tuple[Offer, ...] = ()

    async def run(self) -> Exit:
        """Play; the exit code says how it ended."""
        while True:
            client = await self._connect()
            self._sight = _Sight()
            pump = TaskSet().spawn(self._listen(client), "panes")
            try:
                return await self._session(client)
            except ConnectionError:
                self._progress.say(f"{self._sight.why or 'the engine went away'}; attaching again")
            finally:
                pump.cancel()
                await asyncio.gather(pump, return_exceptions=True)
                await client.close()
            await asyncio.sleep(AGAIN)

    def left(self) -> str:
        """What is so when somebody breaks off."""
        if not self._run:
            return "nothing was started"
        return (
            "left as it is: the run stays open, and a command that runs goes on. "
            "Go on in `cockpit`, or with the same command again; ctrl+k in `cockpit` stops a running command"
        )

    async def _listen(self, client: Client) -> None:
        async for message in client.messages():
            match message:
                case HeaderView():
                    self._sight.header = message
                case RunView():
                    self._sight.run = message
                    if self._asking is not None and message.offers != self._asked:
                        self._asking.cancel()
                case OutputView():
                    self._sight.output = message
                    self._print_output()
                case Runbooks():
                    self._sight.books = message
                case Goodbye():
                    self._sight.why = message.text
                case _:
                    continue
            self._changed.set()
        self._sight.lost = True
        self._changed.set()
        if self._asking is not None:
            self._asking.cancel()

    def _print_output(self) -> None:
        """What the command of the run that is played has printed since."""
        run, output = self._sight.run, self._sight.output
        if run is None or output is None or not self._run or run.run != self._run:
            return
        if output.attempt and output.attempt == run.attempt and output.attempt not in self._passed:
            self._progress.output(output)

    def _print_steps(self) -> None:
        """How its steps stand; only once all has come, for their output comes first."""
        self._print_output()
        if self._view.run == self._run:
            self._progress.run(self._view)

    async def _session(self, client: Client) -> Exit:
        """One connection, from the first panes to the end of the run; ConnectionError when it is lost."""
        await self._until(lambda: self._sight.header is not None and self._sight.run is not None)
        if self._unanswered is not None:
            await self._do(client, self._unanswered[0])
        halt = None if self._run else await self._begin(client)
        if halt is None:
            halt = await self._follow(client)
        if halt.words:
            self._progress.say(halt.words, code=int(halt.code))
        return halt.code

    async def _begin(self, client: Client) -> Halt | None:
        """Start the run, or take up the open one; the reason when neither can be."""
        await self._rest()
        if not self._header.open and not self._wish.declare:
            words = "no incident is open: `cockpit declare TITLE` opens one, and so does --declare TITLE here"
            return Halt(Exit.REFUSED, words)
        before = self._view
        if self._header.open and before.run and not before.outcome:
            if before.runbook != self._wish.runbook:
                words = f"{before.title.line} is still open: finish or end it first, in `cockpit`"
                return Halt(Exit.REFUSED, words)
            self._take_up(before, "going on with")
            return None
        start = await self._starting(client)
        if isinstance(start, Halt):
            return start
        if not self._header.open and (halt := await self._declare(client)) is not None:
            return halt
        answer = await self._do(client, start)
        if not answer.ok:
            return _refused(answer)
        await self._until(lambda: self._view.run not in {"", before.run})
        self._take_up(self._view, "started")
        return None

    def _take_up(self, run: RunView, how: str) -> None:
        self._run = run.run
        if due(run) is not None:
            # What its last command printed was for those who looked on then.
            self._passed.add(run.attempt)
        text = f"{how}: {run.title.line}, {len(run.steps)} steps, in {self._header.stream}"
        self._progress.say(text, run=run.run, stream=self._header.stream)

    async def _declare(self, client: Client) -> Halt | None:
        answer = await self._do(client, Declare(title=self._wish.declare, severity=self._wish.severity))
        if not answer.ok:
            return _refused(answer)
        self._progress.say(answer.text)
        await self._until(lambda: self._header.open)
        return None

    async def _starting(self, client: Client) -> StartRun | Halt:
        await client.send(FetchRunbooks())
        await self._until(lambda: self._sight.books is not None)
        books = self._sight.books.runbooks if self._sight.books is not None else ()
        book = next((each for each in books if each.id == self._wish.runbook), None)
        if book is None:
            words = f"there is no runbook {self._wish.runbook} that can be started: see `cockpit runbook list`"
            return Halt(Exit.REFUSED, words)
        if not book.trusted and self._wish.trust != book.digest:
            return Halt(Exit.REFUSED, _untrusted(book))
        if book.holder and not self._wish.take_over:
            return Halt(Exit.REFUSED, f"{book.holder.line}; --take-over REASON takes it over")
        params = dict(self._wish.params)
        for param in book.params:
            if self._person is not None and param.required and param.name not in params and not param.default:
                value = await self._person.param(param)
                if value is None:
                    return Halt(Exit.PERSON_NEEDED, f"{param.name} is missing: give --param {param.name}=VALUE")
                params[param.name] = value
        return StartRun(
            runbook=book.id, trust=self._wish.trust, params=params, take_over=self._wish.take_over,
            holder=str(book.holder) if self._wish.take_over else "",
        )  # fmt: skip

    async def _follow(self, client: Client) -> Halt:
        late = 0
        while True:
            await self._rest()
            self._print_steps()
            run = self._view
            if run.run != self._run:
                return Halt(Exit.REFUSED, f"something else is shown now: {run.title.line or self._header.stream}")
            if run.outcome:
                self._progress.flush()
                return Halt(Exit.OK if run.outcome == "done" else Exit.REFUSED, summary(run))
            if not self._header.open:
                return Halt(Exit.REFUSED, f"{self._header.stream} is closed: nothing more can be run in it")
            offer = due(run) if self._header.head >= self._after else None
            if offer is None:
                await self._change()
                continue
            seen = (self._header.stream, self._header.head)
            reply = await self._reply(run, offer)
            if isinstance(reply, Halt):
                return Halt(reply.code, f"{reply.words}\n{self.left()}")
            if reply is None:
                continue
            answer = await self._do(client, command_of(reply, self._run, self._environ), seen)
            if answer.ok:
                self._after, late = answer.seq, 0
                continue
            late += 1
            if self._person is None and (answer.refusal not in {"stale", "not_offered"} or late > TRIES):
                return _refused(answer)
            self._progress.say(f"not done: {answer.text}", refusal=answer.refusal)
            await asyncio.sleep(AGAIN)

    async def _reply(self, run: RunView, offer: Offer) -> Reply | Halt | None:
        """What is said to the first offer; None when it does not stand any more."""
        self._progress.flush()
        if self._person is None:
            said = unattended(run, offer, self._wish.secrets, self._progress.moved)
            if isinstance(said, Reply):
                self._progress.offer(run, offer)
            return said
        self._asked = run.offers
        person, said_to_it = self._person, list[Reply | None]()

        async def ask() -> None:
            said_to_it.append(await person.reply(run, self._wish.secrets))

        self._asking = TaskSet().spawn(ask(), "asking")
        try:
            await asyncio.wait({self._asking})
            if self._asking.cancelled():
                self._progress.say("\nthings have changed meanwhile; look again")
                return None
            self._asking.result()
            return said_to_it[0] or Halt(Exit.PERSON_NEEDED, "")
        finally:
            self._asking.cancel()
            self._asking = None

    async def _do(self, client: Client, command: AnyCommand, seen: tuple[str, int] | None = None) -> Answer:
        """Ask for it under an id of its own, which it keeps until it is answered; `seen` is what it was decided on."""
        if self._unanswered is None or self._unanswered[0] != command:
            self._unanswered = (command, uuid.uuid4().hex, seen or (self._header.stream, self._header.head))
        _, name, decided_on = self._unanswered
        answer = await client.do(command, decided_on, name)
        self._unanswered = None
        return answer

    @property
    def _header(self) -> HeaderView:
        assert self._sight.header is not None, "a session begins with the first panes"
        return self._sight.header

    @property
    def _view(self) -> RunView:
        assert self._sight.run is not None, "a session begins with the first panes"
        return self._sight.run

    async def _until(self, so: Callable[[], bool]) -> None:
        while not so():
            await self._change()

    async def _change(self) -> None:
        """Wait for the next word of the engine; ConnectionError when there will be none."""
        self._changed.clear()
        if not self._sight.lost:
            await self._changed.wait()
        if self._sight.lost:
            raise ConnectionError(self._sight.why or "the engine went away")

    async def _rest(self) -> None:
        """Wait until all that belongs together has come: a header comes before the run it was drawn with."""
        with suppress(TimeoutError):
            async with asyncio.timeout(LONGEST):
                while True:
                    try:
                        async with asyncio.timeout(QUIET):
                            await self._change()
                    except TimeoutError:
                        return


def _refused(answer: Answer) -> Halt:
    return Halt(Exit.STORAGE if answer.refusal == "storage" else Exit.REFUSED, f"refused: {answer.text}")


def _untrusted(book: RunbookView) -> str:
    changed = "it has changed since it was trusted" if book.diff else "nobody has trusted it yet"
    told = (
        f"{book.path} is not trusted as it is now: {changed}",
        *book.diff,
        f"read it: cockpit runbook show {book.path}",
        f"then trust it: --trust {book.digest}",
    )
    return "\n".join(told)
