"""What it takes to start a runbook, and why one cannot be started. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from cockpit.exits import Exit
from cockpit.protocol.commands import SeverityWord, StartRun
from cockpit.protocol.messages import Answer, Runbooks
from cockpit.protocol.unattended import Halt
from cockpit.protocol.views import ParamView, RunbookView


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


def chosen(books: Runbooks, wish: Wish) -> RunbookView | Halt:
    """The runbook that is wished for, if it may be started as it is."""
    book = next((each for each in books.runbooks if each.id == wish.runbook), None)
    if book is None:
        words = f"there is no runbook {wish.runbook} that can be started: see `cockpit runbook list`"
        return Halt(Exit.REFUSED, words)
    if not book.trusted and wish.trust != book.digest:
        return Halt(Exit.REFUSED, _untrusted(book))
    if book.holder and not wish.take_over:
        return Halt(Exit.REFUSED, f"{book.holder.line}; --take-over REASON takes it over")
    return book


def lacking(book: RunbookView, params: Mapping[str, str]) -> tuple[ParamView, ...]:
    """The values that it cannot be started without, and that nobody has given."""
    return tuple(each for each in book.params if each.required and not each.default and each.name not in params)


def start(book: RunbookView, wish: Wish, params: Mapping[str, str]) -> StartRun:
    """The command that starts it. A lock is taken only from the holder who was seen."""
    holder = str(book.holder) if wish.take_over else ""
    return StartRun(runbook=book.id, trust=wish.trust, params=dict(params), take_over=wish.take_over, holder=holder)


def refused(answer: Answer) -> Halt:
    """An engine's no."""
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
