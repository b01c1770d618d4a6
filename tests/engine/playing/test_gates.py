"""What stands between a confirmation and its command: other people."""

from __future__ import annotations

from cockpit.protocol.commands import Approve, Object
from tests.engine.playing.conftest import CONFIG, Stage

MEND = """\
  - id: mend
    title: Mend
    effect: write
    command: {run: 'echo ran >> "$HOME/ran"'}
    irreversible: it is gone
"""


async def test_others_may_object_while_the_window_is_open(stage: Stage) -> None:
    stage.config = f"{CONFIG}gates: {{{{objection: 1h}}}}\n"
    async with stage.engine(), stage.person("ada") as ada, stage.person("bo") as bo:
        await stage.begin(ada, MEND)
        assert (await ada.confirm("mend", HOME=stage.home)).ok
        offer = await bo.offer("object mend")
        assert (await bo.do(Object(run=bo.run.run, step=offer.step, reason="wrong shop"))).ok
        await ada.until(lambda: ada.step("mend").words == "bo objects: wrong shop")
        assert not (stage.home / "ran").exists()
        assert ada.offered()[0] == "run mend"


async def test_it_runs_when_nobody_objects_in_time(stage: Stage) -> None:
    stage.config = f"{CONFIG}gates: {{{{objection: 300ms}}}}\n"
    async with stage.engine(), stage.person("ada") as ada, stage.person("bo"):
        await stage.begin(ada, MEND)
        assert (await ada.confirm("mend", HOME=stage.home)).ok
        await ada.until(lambda: ada.run.outcome == "done")
        assert (stage.home / "ran").read_text() == "ran\n"
        assert any("unless somebody objects" in line for line in ada.told)


async def test_whoever_is_alone_waits_for_nobody(stage: Stage) -> None:
    stage.config = f"{CONFIG}gates: {{{{objection: 1h}}}}\n"
    async with stage.engine(), stage.person("ada") as ada:
        await stage.begin(ada, MEND)
        assert (await ada.confirm("mend", HOME=stage.home)).ok
        await ada.until(lambda: ada.run.outcome == "done")


async def test_an_announced_command_does_not_outlive_the_engine(stage: Stage) -> None:
    stage.config = f"{CONFIG}gates: {{{{objection: 1h}}}}\n"
    async with stage.engine(), stage.person("ada") as ada, stage.person("bo"):
        await stage.begin(ada, MEND)
        assert (await ada.confirm("mend", HOME=stage.home)).ok
        await ada.offer("object mend")
    async with stage.engine(), stage.person("ada") as ada:
        await ada.offer("run mend")
        assert "the confirmation does not stand any more" in ada.step("mend").words
    assert not (stage.home / "ran").exists()


async def test_another_person_says_yes_first(stage: Stage) -> None:
    steps = MEND.replace("    irreversible", "    approve: {people: 1}\n    irreversible")
    async with stage.engine(), stage.person("ada") as ada, stage.person("bo") as bo:
        await stage.begin(ada, steps)
        offer = await ada.offer("approve mend")
        refused = await ada.confirm("mend", HOME=stage.home)
        assert not refused.ok and "needs the approval of 1 person who does not run it" in refused.text
        assert (await ada.do(Approve(run=ada.run.run, step="mend", digest=offer.digest))).ok
        refused = await ada.confirm("mend", HOME=stage.home)
        assert not refused.ok
        assert (await bo.do(Approve(run=ada.run.run, step="mend", digest=offer.digest))).ok
        assert (await ada.confirm("mend", HOME=stage.home)).ok
        await ada.until(lambda: ada.run.outcome == "done")
