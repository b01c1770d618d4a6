"""While an incident runs, the earlier ones like it are put on record, once, with what helped then."""

from __future__ import annotations

from cockpit.protocol.commands import Declare, Redact, Resolve, Skip
from cockpit.protocol.views import PastView, SeenBeforeView
from cockpit.review.history import FILE
from tests.engine.playing.conftest import Person, Stage

MEND = """\
  - id: kick
    title: Kick it
    effect: write
    command: {argv: ["true"]}
    rollback: {command: ["true"]}
    verify: {probe: sign, within: 1s, hold: 100ms}
  - id: mend
    title: Mend it
    effect: write
    command: {argv: [touch, HOME_IS/well]}
    rollback: {command: [rm, -f, HOME_IS/well]}
    verify: {probe: sign, within: 5s, hold: 100ms}
"""


def past(person: Person) -> tuple[PastView, ...]:
    pane = person.panes.get(SeenBeforeView)
    return pane.past if isinstance(pane, SeenBeforeView) else ()


async def first_time(stage: Stage, ada: Person) -> None:
    """An outage that a kick does not end, and mending does."""
    await ada.until(lambda: any("sign DOWN" in line for line in ada.told))
    await stage.begin(ada, MEND.replace("HOME_IS", str(stage.home)))
    assert (await ada.confirm("kick")).ok
    await ada.until(lambda: "NO EFFECT" in str(ada.step("kick").word).upper())
    assert (await ada.do(Skip(run=ada.run.run, step="kick", reason="it did not help"))).ok
    assert (await ada.confirm("mend")).ok
    await ada.until(lambda: ada.run.outcome == "done")
    assert (await ada.do(Resolve(note="over", override="a test"))).ok


async def test_the_second_time_says_what_helped_the_first(stage: Stage) -> None:
    async with stage.engine(), stage.person() as ada:
        await first_time(stage, ada)
        assert past(ada) == ()
        stage.well(False)
        await ada.until(lambda: ada.told[-1].startswith("sign DOWN") or "sign DOWN" in " ".join(ada.told[-3:]))
        assert (await ada.do(Declare(title="Again", severity="SEV2"))).ok
        await ada.until(lambda: past(ada))
        (found,) = past(ada)
        assert (found.incident, found.title) == ("INC-1", "The shop is down")
        assert "sign DOWN" in found.alike
        assert [each.split()[0] for each in found.helped] == ["touch"] and found.harmed == ("true",)
        # The pane may be told before its row.
        await ada.until(lambda: any(line.startswith("like INC-1") for line in ada.told))
        (row,) = [line for line in ada.told if line.startswith("like INC-1")]
        assert "helped then: touch" in row and "did not help then: true" in row
    # An engine that comes later does not tell it again.
    async with stage.engine(), stage.person() as ada:
        await ada.until(lambda: past(ada))
        stage.well()
        await ada.until(lambda: any("sign UP" in line for line in ada.told[-4:]))
        assert len([line for line in ada.told if line.startswith("like INC-1")]) == 1


async def test_what_was_erased_is_not_kept_beside_the_journal(stage: Stage) -> None:
    async with stage.engine(), stage.person() as ada:
        await first_time(stage, ada)
        assert (await ada.do(Declare(title="Again", severity="SEV2"))).ok
        await ada.until(lambda: (stage.home / FILE).exists())
        assert b"shop" in (stage.home / FILE).read_bytes()
        assert (await ada.do(Redact(stream="INC-1", seq=1, reason="a name"))).ok
        assert not (stage.home / FILE).exists()
