"""A run as it goes, in plain lines or as JSON, one object a line."""

from __future__ import annotations

import json
from typing import Any

from cockpit.protocol.views import EMPTY, Offer, OutputView, RunView, StepView

TO_DO = "to do"
BAR = "  | "
"""What stands before each line that a command printed."""


class Progress:
    """Says what has changed since it was shown last; of a command's output each line once, as far as it was seen."""

    def __init__(self, *, as_json: bool) -> None:
        self._as_json = as_json
        self._words: dict[str, tuple[str, str]] = {}
        self._health = EMPTY
        self._attempt = ""
        self._total = 0
        self._text = ""
        self._rest = ""
        self.moved: set[str] = set()

    def say(self, text: str, **fields: Any) -> None:
        """One line, or one object with these words in it."""
        print(json.dumps({"text": text, **fields}, ensure_ascii=False) if self._as_json else text, flush=True)

    def run(self, run: RunView) -> None:
        """What is new of the steps."""
        if run.health != self._health:
            self._health = run.health
            if run.health:
                self.say(f"health: {run.health.line}", health=run.health.line)
        known = bool(self._words)
        for step in run.steps:
            told = (step.word, step.words if step.tone != "muted" else "")
            before = self._words.get(step.id, (TO_DO, ""))
            self._words[step.id] = told
            if told[0] != before[0] or (told != before and told[1]):
                if known:
                    self.moved.add(step.id)
                self._step(run, step)

    def _step(self, run: RunView, step: StepView) -> None:
        if step.tone != "act":
            self.flush()
        words = f"  {step.words.line}" if step.words else ""
        text = f"{step.number} of {len(run.steps)}  {step.word:<12}  {step.title.line}{words}"
        self.say(text, step=step.id, state=step.word, words=step.words.line)

    def output(self, output: OutputView) -> None:
        """The lines a command has printed since; what went by unseen is counted."""
        if output.attempt != self._attempt:
            self.flush()
            self._attempt, self._total, self._text = output.attempt, 0, ""
        added = output.total - self._total
        if output.text.startswith(self._text):
            new = output.text[len(self._text) :]
        elif added < len(output.text):
            # As near as bytes tell: what was made visible is longer than it was.
            new = output.text[max(0, len(output.text) - added) :]
        else:
            self.flush()
            self._print(f"... {added - len(output.text)} bytes are not shown ...")
            new = output.text
        self._total, self._text = output.total, output.text
        *lines, self._rest = (self._rest + new).split("\n")
        for line in lines:
            self._print(line)

    def flush(self) -> None:
        """The last line of a command, which had no end yet."""
        if self._rest:
            self._print(self._rest)
            self._rest = ""

    def _print(self, line: str) -> None:
        self.say(line if self._as_json else f"{BAR}{line}", attempt=self._attempt)

    def offer(self, run: RunView, offer: Offer) -> None:
        """What is confirmed now without being asked for."""
        step = next((each for each in run.steps if each.id == offer.step), None)
        place = f"{step.number} of {len(run.steps)}  " if step is not None else ""
        self.say(f"{place}confirming    {offer.title.line}  {offer.command.line}".rstrip(),
                 step=offer.step, command=str(offer.command))  # fmt: skip


def summary(run: RunView) -> str:
    """How it ended, in a line: outcome, steps, and what can still be undone."""
    counts = [
        ("done", sum(step.tone == "good" or step.word.startswith("ok") for step in run.steps)),
        ("skipped", sum(step.word == "skipped" for step in run.steps)),
        ("undone", sum(step.word == "undone" for step in run.steps)),
        ("failed", sum("FAILED" in step.word or "UNKNOWN" in step.word for step in run.steps)),
    ]
    told = ", ".join(f"{count} {word}" for word, count in counts if count or word == "done")
    left = f"{run.undo_depth} can still be undone: x in `cockpit`" if run.undo_depth else "nothing is left to undo"
    return f"{run.title.line}: {run.outcome.line or 'still open'}; of {len(run.steps)} steps {told}; {left}"
