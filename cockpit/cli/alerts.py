"""Alarms of other systems: what there is, and asking those systems about one."""

from __future__ import annotations

import json
from typing import Any, Literal

import click
import msgspec

from cockpit.cli.numbers import Between
from cockpit.cli.root import main
from cockpit.cli.setting import JSON, Setting, do, look, to_act
from cockpit.clock import hhmm
from cockpit.endings import fail
from cockpit.exits import Exit
from cockpit.protocol import commands
from cockpit.protocol.views import AlertsView, AlertView


@main.group(invoke_without_command=True, epilog="Example: cockpit alerts ack pager:PT4")
@JSON
@click.pass_obj
@click.pass_context
def alerts(context: click.Context, setting: Setting, as_json: bool) -> None:
    """List the alerts of other systems, or act on one."""
    if context.invoked_subcommand is None:
        found, _ = look(setting, AlertsView)
        click.echo(as_document(found) if as_json else as_lines(found))


@alerts.command(epilog="Example: cockpit alerts ack pager:PT4")
@click.argument("alert", metavar="ID")
@JSON
@click.pass_obj
def ack(setting: Setting, alert: str, as_json: bool) -> None:
    """Acknowledge an alert.

    The beginning of its id is enough.
    """
    _act(setting, alert, "acknowledge", 0, as_json)


@alerts.command(epilog="Example: cockpit alerts escalate pager:PT4")
@click.argument("alert", metavar="ID")
@JSON
@click.pass_obj
def escalate(setting: Setting, alert: str, as_json: bool) -> None:
    """Escalate an alert by one level.

    The beginning of its id is enough.
    """
    _act(setting, alert, "escalate", 0, as_json)


@alerts.command(epilog="Example: cockpit alerts snooze prom:4f2a --minutes 30")
@click.argument("alert", metavar="ID")
@click.option("--minutes", type=Between(1, 10_080), default=60, show_default=True, help="For how long.")
@JSON
@click.pass_obj
def snooze(setting: Setting, alert: str, minutes: float, as_json: bool) -> None:
    """Snooze an alert.

    The beginning of its id is enough.
    """
    _act(setting, alert, "snooze", minutes, as_json)


def _act(
    setting: Setting,
    beginning: str,
    action: Literal["acknowledge", "escalate", "snooze"],
    minutes: float,
    as_json: bool,
) -> None:
    alert = meant(look(to_act(setting), AlertsView)[0], beginning)
    do(setting, commands.ActOnAlert(alert=alert, action=action, minutes=minutes), as_json)


def meant(found: AlertsView, beginning: str) -> str:
    """The id of the one alert that lasts and begins so, with or without its source; ends the program otherwise."""
    lasting = [each.alert for each in found.alerts if each.state != "over"]
    if beginning in lasting:
        return beginning
    hits = [name for name in lasting if name.startswith(beginning) or name.partition(":")[2].startswith(beginning)]
    if len(hits) == 1:
        return hits[0]
    if hits:
        fail(f"{beginning} may be {', '.join(hits[:5])}: write more of it", Exit.REFUSED)
    fail(f"no alert that lasts begins with {beginning}: see `cockpit alerts`", Exit.REFUSED)


def as_document(found: AlertsView) -> str:
    """One JSON document; times in microseconds since the epoch, 0 for never."""
    return json.dumps({"alerts": [_fields(alert) for alert in found.alerts]}, ensure_ascii=False, indent=2)


def _fields(alert: AlertView) -> dict[str, Any]:
    return {str(name): value for name, value in msgspec.structs.asdict(alert).items()}


def as_lines(found: AlertsView) -> str:
    """Two lines an alert: how it stands, then where it comes from."""
    if not found.alerts:
        return "no alerts"
    return "\n".join(line for alert in found.alerts for line in _lines(alert))


def _lines(alert: AlertView) -> tuple[str, str]:
    stands = (alert.state.upper().ljust(12), alert.severity, alert.title, alert.service, _times(alert))
    who = f"acknowledged by {alert.who}" if alert.who else ""
    comes = (alert.alert, who, alert.detail, alert.link)
    return "  ".join(part for part in stands if part), " " * 14 + "  ".join(part for part in comes if part)


def _times(alert: AlertView) -> str:
    started = f"since {hhmm(alert.started)}Z" if alert.started else "since when is not told"
    learnt = f"(heard of it {hhmm(alert.learnt)}Z)"
    over = f", over {hhmm(alert.ended)}Z" if alert.ended else ""
    return f"{started} {learnt}{over}"
