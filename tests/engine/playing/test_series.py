"""Batches, tries and looks that follow by themselves, and end with the confirmation they stand under."""

from __future__ import annotations

from cockpit.protocol.commands import StopAttempt
from tests.engine.playing.conftest import Stage

DRAIN = """\
  - id: drain
    title: Drain the queue
    effect: write
    irreversible: what was drained is gone
    repeat:
      command: {{run: 'echo batch >> "$HOME/batches"; [ $(wc -l < "$HOME/batches") -lt 3 ] || touch "$HOME/well"'}}
      until: {{probe: sign}}
      at_most: {at_most}
      pause: {pause}
"""


def lines(stage: Stage, name: str = "batches") -> int:
    file = stage.home / name
    return len(file.read_text().splitlines()) if file.exists() else 0


async def test_a_series_goes_on_until_its_probe_is_up(stage: Stage) -> None:
    async with stage.engine(), stage.person() as ada:
        await stage.begin(ada, DRAIN.format(at_most=50, pause="100ms"))
        assert (await ada.confirm("drain", HOME=stage.home)).ok
        step = await ada.word("drain", "ok")
        assert "sign is up after" in step.words
        assert 3 <= lines(stage) < 50
        await ada.until(lambda: ada.run.outcome == "done")


async def test_a_series_ends_at_its_limit_and_says_so(stage: Stage) -> None:
    async with stage.engine(), stage.person() as ada:
        await stage.begin(ada, DRAIN.format(at_most=2, pause="100ms"))
        assert (await ada.confirm("drain", HOME=stage.home)).ok
        step = await ada.word("drain", "ended short")
        assert "not up after 2 batches" in step.words
        assert lines(stage) == 2


async def test_a_series_is_stopped_between_two_batches(stage: Stage) -> None:
    async with stage.engine(), stage.person() as ada:
        await stage.begin(ada, DRAIN.format(at_most=50, pause="1h"))
        assert (await ada.confirm("drain", HOME=stage.home)).ok
        await ada.word("drain", "in batches")
        offer = await ada.offer("stop drain")
        assert (await ada.do(StopAttempt(run=ada.run.run, attempt=offer.attempt))).ok
        step = await ada.word("drain", "ended short")
        assert step.words == "stopped by ada after 1 batch"
        assert ada.offered()[0] == "run drain"
        assert any("to be stopped by ada" in line for line in ada.told)


async def test_after_a_restart_of_the_engine_a_series_waits_for_a_person(stage: Stage) -> None:
    async with stage.engine(), stage.person() as ada:
        await stage.begin(ada, DRAIN.format(at_most=50, pause="1h"))
        assert (await ada.confirm("drain", HOME=stage.home)).ok
        await ada.word("drain", "in batches")
    async with stage.engine(), stage.person() as ada:
        step = await ada.word("drain", "ended short")
        assert "the confirmation does not stand any more" in step.words
        assert lines(stage) == 1


async def test_what_may_be_tried_again_is(stage: Stage) -> None:
    steps = """\
  - id: ask
    title: Ask
    effect: read
    retries: {times: 3, pause: 50ms}
    command: {run: 'echo try >> "$HOME/tries"; [ $(wc -l < "$HOME/tries") -ge 3 ]'}
"""
    async with stage.engine(), stage.person() as ada:
        await stage.begin(ada, steps)
        assert (await ada.confirm("ask", HOME=stage.home)).ok
        await ada.until(lambda: ada.run.outcome == "done")
        assert lines(stage, "tries") == 3


async def test_nothing_is_undone_whose_artefact_is_gone(stage: Stage) -> None:
    steps = """\
  - id: mend
    title: Mend
    effect: write
    command: {argv: ["true"]}
    rollback: {run: 'echo undone >> "$HOME/undone"', check: {run: 'test -e "$HOME/backup"'}}
  - {id: last, title: Last, manual: look}
"""
    async with stage.engine(), stage.person() as ada:
        await stage.begin(ada, steps)
        assert (await ada.confirm("mend")).ok
        await ada.offer("undo mend")
        assert (await ada.confirm("mend", undo=True, HOME=stage.home)).ok
        await ada.until(lambda: "could not look before it" in ada.step("mend").words)
        assert lines(stage, "undone") == 0
        (stage.home / "backup").touch()
        assert (await ada.confirm("mend", undo=True, HOME=stage.home)).ok
        await ada.word("mend", "undone")
        assert lines(stage, "undone") == 1
