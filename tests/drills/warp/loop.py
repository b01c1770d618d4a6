"""An event loop whose clock jumps: where it would wait for a timer, it is that much later at once."""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Callable, Coroutine, Mapping
from concurrent.futures import Executor, Future
from typing import Any, TypeVar

T = TypeVar("T")

BEGIN = 1_000.0
"""The loop's own time when it starts."""


class Stalled(Exception):
    """What was run cannot come to an end; the text says why."""


class Jumping(selectors.BaseSelector):
    """Looks at the descriptors without waiting; where there is nothing to do now, the time goes to the next timer.

    All that is ever waited for is in this process: what was written into one end of a socket pair can be read at the
    other one at once, so nothing can be on its way while no descriptor is ready.
    """

    def __init__(self) -> None:
        self._inner = selectors.DefaultSelector()
        self.now = BEGIN

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        """What is ready at this moment; with nothing ready, `timeout` seconds have passed. Stalled without one."""
        ready = self._inner.select(0)
        if not ready:
            if timeout is None:
                raise Stalled("nothing is ready, no timer runs and no thread works: nothing can ever happen again")
            self.now += max(0.0, timeout)
        return ready

    def register(self, fileobj: Any, events: int, data: Any = None) -> selectors.SelectorKey:
        return self._inner.register(fileobj, events, data)

    def unregister(self, fileobj: Any) -> selectors.SelectorKey:
        return self._inner.unregister(fileobj)

    def modify(self, fileobj: Any, events: int, data: Any = None) -> selectors.SelectorKey:
        return self._inner.modify(fileobj, events, data)

    def close(self) -> None:
        self._inner.close()

    def get_map(self) -> Mapping[Any, selectors.SelectorKey]:
        return self._inner.get_map()


class WarpLoop(asyncio.SelectorEventLoop):
    """A loop on a clock that jumps. What is given to a thread is over before the loop turns again."""

    def __init__(self) -> None:
        self._jumping = Jumping()
        super().__init__(self._jumping)

    def time(self) -> float:
        """Seconds, as far as the timers have carried them."""
        return self._jumping.now

    def run_in_executor(  # type: ignore[override]
        self, executor: Executor | None, func: Callable[..., T], *args: Any
    ) -> asyncio.Future[T]:
        """The result in the loop's next turn; the clock stands still meanwhile, however long the work takes."""
        job = (executor or Here()).submit(func, *args)
        future: asyncio.Future[T] = self.create_future()
        if (error := job.exception()) is not None:
            self.call_soon(_fail, future, error)
        else:
            self.call_soon(_keep, future, job.result())
        return future


class Here(Executor):
    """Does the work at once, where it is asked for."""

    def submit(self, work: Callable[..., T], /, *args: Any, **named: Any) -> Future[T]:
        """What became of the work."""
        future: Future[T] = Future()
        try:
            future.set_result(work(*args, **named))
        except Exception as error:
            future.set_exception(error)
        return future


def _keep(future: asyncio.Future[T], result: T) -> None:
    if not future.done():
        future.set_result(result)


def _fail(future: asyncio.Future[Any], error: BaseException) -> None:
    if not future.done():
        future.set_exception(error)


def warped(work: Coroutine[Any, Any, T], within: float) -> T:
    """What the work comes to, on a loop of its own; Stalled when it has not ended `within` so many of its seconds."""

    async def bounded() -> T:
        try:
            async with asyncio.timeout(within) as limit:
                return await work
        except TimeoutError as error:
            if not limit.expired():
                raise
            raise Stalled(f"still under way after {within:.0f} s of the loop's time") from error

    with asyncio.Runner(loop_factory=WarpLoop) as runner:
        return runner.run(bounded())
