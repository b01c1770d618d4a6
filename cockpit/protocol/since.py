"""Which version of the protocol a command takes: an older engine must not be asked what it would read wrongly."""

from __future__ import annotations

from cockpit.protocol.commands import (
    Accept,
    AnyCommand,
    Approve,
    Confirm,
    DeclarePresence,
    EndTimer,
    Hold,
    Need,
    Object,
    SendNow,
    SetCadence,
    SetTimer,
    StandDown,
    StartRun,
    TakeOver,
    TakeRole,
    Update,
)


def since(command: AnyCommand) -> int:
    """The first version in which an engine understands all of this very command."""
    match command:
        case Approve() | Object() | Accept() | TakeOver():
            return 2
        case Hold() | SendNow() | SetCadence() | StandDown() | DeclarePresence() | SetTimer() | EndTimer():
            return 2
        case Update() if command.replaces or command.eta:
            return 2
        case Need() if command.until:
            return 2
        case TakeRole() if command.note:
            return 2
        case StartRun() if command.params or command.take_over:
            return 2
        case Confirm() if command.secrets:
            return 2
    return 1
