"""Which version of the protocol a command takes: an older engine must not be asked what it would read wrongly."""

from __future__ import annotations

from cockpit.protocol.commands import Accept, AnyCommand, Approve, Confirm, Object, StartRun, TakeOver


def since(command: AnyCommand) -> int:
    """The first version in which an engine understands all of this very command."""
    match command:
        case Approve() | Object() | Accept() | TakeOver():
            return 2
        case StartRun() if command.params or command.take_over:
            return 2
        case Confirm() if command.secrets:
            return 2
    return 1
