"""Plays a runbook over the socket: starts it or goes on with it, follows it, and takes up what is offered first."""

from __future__ import annotations

import asyncio
import os
import uuid
from collections.abc import Awaitable, Callable, Mapping
from typing import Protocol

from cockpit.exits import Exit
from cockpit.protocol.client import Client
from cockpit.protocol.commands import AnyCommand, Declare, StartRun
from cockpit.protocol.messages import Answer, FetchRunbooks
from cockpit.protocol.progress import Progress, summary
from cockpit.protocol.sight import Sight
from cockpit.protocol.starting import Wish, chosen, lacking, refused, start
from cockpit.protocol.taking import Reply, command_of, due
from cockpit.protocol.unattended import Halt, unattended
from cockpit.protocol.views import Offer, ParamView, RunView
from cockpit.tasks import TaskSet

AGAIN = 0.3
"""Real seconds before the engine is attached to again, or asked once more."""
TRIES = 20
"""How often a yes that came too late is given anew where nobody is asked."""
NO_INCIDENT = "no incident is open: `cockpit declare TITLE` opens one, and so does --declare TITLE here"
LEFT = (
    "left as it is: the run stays open, and a command that runs goes on. "
    "Go on in `cockpit`, or with the same command again; ctrl+k in `cockpit` stops a running command"
)


class Person(Protocol):
    """Somebody who can be asked."""

    async def param(self, param: ParamView) -> str | None:
        """A value; None when there is none to be had."""

    async def reply(self, run: RunView, secrets: Mapping[str, str]) -> Reply | None:
        """What to do of all that is offered; None to leave the run as it is."""


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
        self._sight = Sight(self._question_stands)
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
            self._sight = Sight(self._question_stands)
            pump = TaskSet().spawn(self._sight.listen(client), "panes")
            try:
                return await self._session(client)
            except BrokenPipeError:
                # Nobody reads what is printed any more: that is not the engine.
                raise
            except ConnectionError:
                self._progress.say(f"{self._sight.why}; attaching again")
            finally:
                pump.cancel()
                await asyncio.gather(pump, return_exceptions=True)
                await client.close()
            await asyncio.sleep(AGAIN)

    def left(self) -> str:
        """What is so when somebody breaks off."""
        return LEFT if self._run else "nothing was started"

    def _question_stands(self) -> None:
        """Take back a question that what is shown now does not ask any more."""
        if self._asking is not None and (self._sight.lost or self._sight.run.offers != self._asked):
            self._asking.cancel()

    async def _session(self, client: Client) -> Exit:
        """One connection, from the first panes to the end of the run; ConnectionError when it is lost."""
        await self._sight.ready()
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
        await self._sight.rest()
        header, before = self._sight.header, self._sight.run
        if not header.open and not self._wish.declare:
            return Halt(Exit.REFUSED, NO_INCIDENT)
        if header.open and before.run and not before.outcome:
            if before.runbook != self._wish.runbook:
                words = f"{before.title.line} is still open: finish or end it first, in `cockpit`"
                return Halt(Exit.REFUSED, words)
            self._take_up(before, "going on with")
            return None
        command = await self._starting(client)
        if isinstance(command, Halt):
            return command
        if not header.open and (halt := await self._declare(client)) is not None:
            return halt
        answer = await self._do(client, command)
        if not answer.ok:
            return refused(answer)
        await self._sight.until(lambda: self._sight.run.run not in {"", before.run})
        self._take_up(self._sight.run, "started")
        return None

    def _take_up(self, run: RunView, how: str) -> None:
        self._run = run.run
        if due(run) is not None:
            # What its last command printed was for those who looked on then.
            self._passed.add(run.attempt)
        stream = self._sight.header.stream
        self._progress.say(f"{how}: {run.title.line}, {len(run.steps)} steps, in {stream}", run=run.run, stream=stream)

    async def _declare(self, client: Client) -> Halt | None:
        answer = await self._do(client, Declare(title=self._wish.declare, severity=self._wish.severity))
        if not answer.ok:
            return refused(answer)
        self._progress.say(answer.text)
        await self._sight.until(lambda: self._sight.header.open)
        return None

    async def _starting(self, client: Client) -> StartRun | Halt:
        """The command that starts the runbook, with every value it asks for."""
        await client.send(FetchRunbooks())
        await self._sight.until(lambda: self._sight.books is not None)
        assert self._sight.books is not None
        book = chosen(self._sight.books, self._wish)
        if isinstance(book, Halt):
            return book
        params = dict(self._wish.params)
        for param in lacking(book, params):
            value = await self._person.param(param) if self._person is not None else None
            if value is None:
                return Halt(Exit.PERSON_NEEDED, f"{param.name} is missing: give --param {param.name}=VALUE")
            params[param.name] = value
        return start(book, self._wish, params)

    async def _follow(self, client: Client) -> Halt:
        late = 0
        while True:
            await self._sight.rest()
            self._tell()
            run, header = self._sight.run, self._sight.header
            if (halt := self._over(run)) is not None:
                return halt
            offer = due(run) if header.head >= self._after else None
            if offer is None:
                await self._sight.change()
                continue
            reply = await self._reply(run, offer)
            if isinstance(reply, Halt):
                return Halt(reply.code, f"{reply.words}\n{LEFT}".lstrip())
            if reply is None:
                continue
            command = command_of(reply, self._run, self._environ)
            answer = await self._do(client, command, (header.stream, header.head))
            if answer.ok:
                self._after, late = answer.seq, 0
                continue
            late += 1
            if self._person is None and (answer.refusal not in {"stale", "not_offered"} or late > TRIES):
                return refused(answer)
            self._progress.say(f"not done: {answer.text}", refusal=answer.refusal)
            await asyncio.sleep(AGAIN)

    def _tell(self) -> None:
        """Print what is new: what the command printed, then how the steps stand."""
        run, output = self._sight.run, self._sight.output
        if run.run != self._run:
            return
        if output is not None and output.attempt == run.attempt and output.attempt not in {"", *self._passed}:
            self._progress.output(output)
        self._progress.run(run)

    def _over(self, run: RunView) -> Halt | None:
        """How it ended, if it has."""
        header = self._sight.header
        if run.run != self._run:
            return Halt(Exit.REFUSED, f"something else is shown now: {run.title.line or header.stream}")
        if run.outcome:
            return Halt(Exit.OK if run.outcome == "done" else Exit.REFUSED, summary(run))
        if not header.open:
            return Halt(Exit.REFUSED, f"{header.stream} is closed: nothing more can be run in it")
        return None

    async def _reply(self, run: RunView, offer: Offer) -> Reply | Halt | None:
        """What is said to the first offer; None when it does not stand any more."""
        if self._person is None:
            said = unattended(run, offer, self._wish.secrets, self._progress.moved)
            if isinstance(said, Reply):
                self._progress.offer(run, offer)
            return said
        person, replies = self._person, list[Reply | None]()

        async def ask() -> None:
            replies.append(await person.reply(run, self._wish.secrets))

        self._asked = run.offers
        self._asking = TaskSet().spawn(ask(), "asking")
        try:
            await asyncio.wait({self._asking})
            if self._asking.cancelled():
                self._progress.say("\nthings have changed meanwhile; look again")
                return None
            self._asking.result()
            return replies[0] or Halt(Exit.PERSON_NEEDED, "")
        finally:
            self._asking.cancel()
            self._asking = None

    async def _do(self, client: Client, command: AnyCommand, seen: tuple[str, int] | None = None) -> Answer:
        """Ask for it under an id of its own, which it keeps until it is answered; `seen` is what it was decided on."""
        if self._unanswered is None or self._unanswered[0] != command:
            header = self._sight.header
            self._unanswered = (command, uuid.uuid4().hex, seen or (header.stream, header.head))
        _, name, decided_on = self._unanswered
        answer = await client.do(command, decided_on, name)
        self._unanswered = None
        return answer
