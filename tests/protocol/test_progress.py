"""A run as it goes, in lines."""

from __future__ import annotations

import json
from typing import Any

import pytest

from cockpit.protocol.progress import Progress, summary
from cockpit.protocol.views import OutputView, RunView, StepView
from cockpit.text import SafeText


def view(*words: tuple[str, Any], **fields: Any) -> RunView:
    steps = tuple(
        StepView(id=f"s{n}", number=str(n), title=SafeText(f"Step {n}"), word=SafeText(word), tone=tone, effect="read")
        for n, (word, tone) in enumerate(words, 1)
    )
    return RunView(run="r", title=SafeText("Book"), steps=steps, **fields)


def output(text: str, total: int = -1, attempt: str = "a") -> OutputView:
    return OutputView(attempt, len(text) if total < 0 else total, SafeText(text, 20_000))


def test_only_what_changed_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    progress = Progress(as_json=False)
    for _ in range(2):
        progress.run(view(("ok", "good"), ("to do", "muted")))
    progress.run(view(("ok", "good"), ("FAILED", "bad")))
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[:4] for line in lines] == [["1", "of", "2", "ok"], ["2", "of", "2", "FAILED"]]
    assert progress.moved == {"s2"}


def test_each_line_of_output_is_said_once_and_the_last_one_when_it_ends(capsys: pytest.CaptureFixture[str]) -> None:
    progress = Progress(as_json=False)
    for text in ("one\ntw", "one\ntwo\n", "one\ntwo\n", "one\ntwo\nno end"):
        progress.output(output(text))
    assert capsys.readouterr().out == "  | one\n  | two\n"
    progress.output(output("other\n", attempt="b"))
    assert capsys.readouterr().out == "  | no end\n  | other\n"


def test_of_a_window_that_moved_on_only_the_new_part_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    progress = Progress(as_json=False)
    progress.output(output("same\n" * 10))
    # The same line again, and the window has moved by one: neither lost nor said twice.
    progress.output(output("same\n" * 9 + "new\n", total=54))
    assert capsys.readouterr().out.splitlines() == ["  | same"] * 10 + ["  | new"]


def test_what_went_by_unseen_is_counted(capsys: pytest.CaptureFixture[str]) -> None:
    progress = Progress(as_json=False)
    progress.output(output("begin"))
    progress.output(output("end\n", total=1_009))
    assert capsys.readouterr().out.splitlines() == ["  | begin", "  | ... 1000 bytes are not shown ...", "  | end"]


def test_hostile_output_stays_visible_text_also_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    progress = Progress(as_json=True)
    progress.output(output("\x1b]0;title\x07a\x08b\n"))
    (line,) = capsys.readouterr().out.splitlines()
    assert json.loads(line) == {"text": "a^Hb", "attempt": "a"}


def test_health_is_said_when_it_turns(capsys: pytest.CaptureFixture[str]) -> None:
    progress = Progress(as_json=False)
    for health in ("", "worse since step 4; rollback ready", "worse since step 4; rollback ready", ""):
        progress.run(view(health=SafeText(health)))
    assert capsys.readouterr().out == "health: worse since step 4; rollback ready\n"


def test_the_summary_counts_and_says_what_can_be_undone() -> None:
    ended = view(
        ("ok", "good"), ("ok, NO EFFECT", "warn"), ("skipped", "muted"), ("undone", "warn"), ("FAILED", "bad"),
        outcome=SafeText("not clean"), undo_depth=2,
    )  # fmt: skip
    assert summary(ended) == (
        "Book: not clean; of 5 steps 2 done, 1 skipped, 1 undone, 1 failed; 2 can still be undone: x in `cockpit`"
    )
    assert summary(view(("ok", "good"), outcome=SafeText("done"))).endswith("1 done; nothing is left to undo")
