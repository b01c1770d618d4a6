"""What the shelf says of the runbooks there are."""

from __future__ import annotations

from pathlib import Path

import pytest

from cockpit.config.load import parse
from cockpit.engine.plans import PIECE, Plans, Shelf, Unreadable
from cockpit.incident.run import Run, StepState
from cockpit.runbooks.lint import lint
from cockpit.runbooks.model.runbook import Runbook
from cockpit.runbooks.plan import plan

TEXT = "version: 1\nid: mine\ntitle: Mine\nservice: auth\nsteps:\n  - {id: a, title: A, manual: look}\n"


async def test_the_whole_text_of_an_untrusted_runbook_is_told(tmp_path: Path) -> None:
    long = "# " + "x" * 3 * PIECE
    (tmp_path / "mine.yaml").write_text(TEXT + long + "\n", "utf-8")
    shelf = Shelf([tmp_path], tmp_path / "trusted", ())
    views = {view.id: view for view in (await shelf.listing()).runbooks}
    assert not views["mine"].trusted
    assert "".join(views["mine"].source) == (TEXT + long).replace("\n", "")
    await shelf.take("mine", views["mine"].digest)
    views = {view.id: view for view in (await shelf.listing()).runbooks}
    assert views["mine"].trusted and not views["mine"].source


async def test_a_runbook_with_a_mere_warning_can_be_started(tmp_path: Path) -> None:
    warned = TEXT.replace("service: auth\n", "service: auth\nparams:\n  idle: {title: Not used}\n")
    (tmp_path / "mine.yaml").write_text(warned, "utf-8")
    assert lint(warned, "mine.yaml")[1], "it is warned of"
    views = {view.id: view for view in (await Shelf([tmp_path], tmp_path / "trusted", ()).listing()).runbooks}
    assert views["mine"].problems == () and views["mine"].params


async def test_nothing_of_a_long_line_that_is_new_is_cut_off(tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_text(TEXT, "utf-8")
    shelf = Shelf([tmp_path], tmp_path / "trusted", ())
    await shelf.take("mine", next(view.digest for view in (await shelf.listing()).runbooks if view.id == "mine"))
    long = "# " + "x" * 3 * PIECE
    (tmp_path / "mine.yaml").write_text(TEXT + long + "\n", "utf-8")
    found = {view.id: view for view in (await shelf.listing()).runbooks}["mine"].diff
    start = next(place for place, line in enumerate(found) if line.startswith("+# "))
    assert found[start] + "".join(line[1:] for line in found[start + 1 : start + 4]) == "+" + long
    assert all(line.startswith("\\") for line in found[start + 1 : start + 4])


def _run(name: str, source: str) -> Run:
    outlines = plan(parse(TEXT, "mine.yaml", Runbook)).outlines
    steps = tuple(StepState(outline) for outline in outlines)
    return Run(name, "mine", f"The {name}", name, source, "mine.yaml", 0, "ada", steps)


def test_a_run_goes_on_although_its_runbook_could_not_be_started_any_more() -> None:
    refused = TEXT + "  - {id: b, title: B, effect: read, command: {argv: [echo, '{{x}}']}}\n"
    assert lint(refused, "mine.yaml")[0] is None
    assert list(Plans().of(_run("r", refused)).steps) == ["a", "b"]


@pytest.mark.parametrize("source", [TEXT.replace("version: 1", "version: 9"), TEXT.replace("id: a", "id: z")])
def test_a_run_that_this_version_cannot_read_is_left_out_and_said_so(source: str) -> None:
    plans, runs = Plans(), [_run("old", source), _run("new", TEXT)]
    with pytest.raises(Unreadable, match="cannot read the runbook of The old"):
        plans.of(runs[0])
    assert list(plans.all(runs)) == ["new"]
    assert plans.alarms(runs) == ("this version of cockpit cannot read the runbook of The old",)
