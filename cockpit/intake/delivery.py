"""What Alertmanager's webhook delivers, version 4. Pure."""

from __future__ import annotations

import msgspec

from cockpit.incident.vocabulary import AlertEnded
from cockpit.intake.moments import micros
from cockpit.intake.shape import Told, name_of, seen, title_of
from cockpit.intake.source import UNREADABLE, Found
from cockpit.text import SafeText

VERSION = "4"


class Unreadable(Exception):
    """The body is not what the webhook sends; the text says what is wrong."""


class _Delivered(Told, frozen=True):
    status: str = ""


class _Delivery(msgspec.Struct):
    version: str
    status: str
    groupKey: str
    alerts: list[_Delivered]
    truncatedAlerts: int = 0


def read(source: str, body: bytes, service_label: str) -> Found:
    """What the delivery tells. It is never whole: a group is a part. Raises Unreadable."""
    try:
        delivery = msgspec.json.decode(body, type=_Delivery)
    except UNREADABLE as error:
        raise Unreadable(f"not a delivery of Alertmanager's webhook: {error}") from None
    if delivery.version != VERSION:
        raise Unreadable(f"version {delivery.version} of the webhook is not known here, only {VERSION}")
    if odd := [each.status for each in delivery.alerts if each.status not in ("firing", "resolved")]:
        raise Unreadable(f"an alert is firing or resolved, not {odd[0]!r}")
    over = tuple(
        AlertEnded(alert=name_of(source, each.fingerprint), title=title_of(each), ended=micros(each.endsAt))
        for each in delivery.alerts
        if each.status == "resolved"
    )
    firing = tuple(seen(source, each, service_label) for each in delivery.alerts if each.status == "firing")
    cut = f"the sender left out {delivery.truncatedAlerts} alerts: raise max_alerts" if delivery.truncatedAlerts else ""
    return Found(firing, problems=(SafeText(cut),) if cut else (), ended=over)
