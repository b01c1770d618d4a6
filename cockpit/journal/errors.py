"""What can go wrong with the journal, each with a message a person can act on."""

from __future__ import annotations


class JournalError(Exception):
    """The journal could not do what was asked; unless a subclass says otherwise, nothing was changed."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class StorageFull(JournalError):
    """There is no room left, not even with the ballast released."""


class StorageFault(JournalError):
    """The disk failed. Whether the last write was kept can only be seen by reading it back."""


class ReadOnly(JournalError):
    """The journal, or its directory, cannot be written."""


class Busy(JournalError):
    """Another process held the journal for longer than the busy timeout."""


class Damaged(JournalError):
    """The file is no journal, or no longer a whole one."""


class TooNew(JournalError):
    """A newer program wrote this journal."""


class TooOld(JournalError):
    """The journal must be brought up to date first, and this reader may not write."""


class Duplicate(JournalError):
    """The command was answered before, or the letter is in the outbox already."""


class Missing(JournalError):
    """There is no such event or letter, or what it said has been erased."""


class Closed(JournalError):
    """The journal was closed before the work began."""
