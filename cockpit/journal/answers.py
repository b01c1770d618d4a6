"""What each command was answered, so that one sent again is not done again."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, insert, select, update
from sqlalchemy.exc import IntegrityError

from cockpit.journal.errors import Duplicate, Missing
from cockpit.journal.tables import answers


@dataclass(frozen=True)
class Answered:
    """The answer to a command, kept for as long as the journal."""

    command: str
    answer: bytes


def keep(conn: Connection, answered: Answered, stream: str, first: int, last: int) -> None:
    """Store the answer with the events it came with, `first` to `last`; Duplicate when there is one."""
    try:
        conn.execute(
            insert(answers).values(
                command=answered.command, answer=answered.answer, stream=stream, first=first, last=last
            )
        )
    except IntegrityError as error:
        raise Duplicate(f"The command {answered.command} has been answered before.") from error


def find(conn: Connection, command: str) -> bytes | None:
    """The answer the command got, or None when it is new; Missing when the answer has been erased."""
    answer = conn.execute(select(answers.c.answer).where(answers.c.command == command)).scalar()
    if answer == b"":
        raise Missing("This command was done before; what it said has been erased since.")
    return answer


def erase(conn: Connection, stream: str, seq: int) -> None:
    """Empty the answer that came with that event; the command stays known."""
    conn.execute(
        update(answers)
        .where(answers.c.stream == stream, answers.c.first <= seq, answers.c.last >= seq)
        .values(answer=b"")
    )
