"""What is wrong with a file, where, and how to mend it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong. Line and column count from 1; a line of 0 means the file as a whole.

    `rule` names the kind of mistake for programs, where it has a name.
    """

    path: str
    line: int
    column: int
    field: str
    message: str
    mend: str = ""
    severity: Literal["error", "warning"] = "error"
    rule: str = ""

    def __str__(self) -> str:
        place = f"{self.path}:{self.line}:{self.column}" if self.line else self.path
        field = f"{self.field}: " if self.field else ""
        warning = "warning: " if self.severity == "warning" else ""
        mend = f"; {self.mend}" if self.mend else ""
        return f"{place}: {warning}{field}{self.message}{mend}"

    @property
    def place(self) -> tuple[str, int, int]:
        """What problems are sorted by."""
        return self.path, self.line, self.column


class ConfigError(Exception):
    """A file cannot be used; holds everything found wrong with it, one line each as text."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(sorted(problems, key=lambda problem: problem.place))
        super().__init__("\n".join(str(problem) for problem in self.problems))
