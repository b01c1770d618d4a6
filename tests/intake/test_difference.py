"""What is news, and what is over."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from cockpit.incident.alerting import Alerts, reduce
from cockpit.incident.event import WATCH, Event
from cockpit.incident.vocabulary import AlertEnded, AlertSeen
from cockpit.intake.difference import Told, difference
from cockpit.intake.source import Found

NOW = 1_000_000
LOGIN = AlertSeen(alert="prom:1", source="prom", title="Logins fail", severity="page", started=500)


def told(known: Alerts, bodies: Sequence[Told], at: int = NOW) -> Alerts:
    for seq, body in enumerate(bodies, 1):
        known = reduce(known, Event(WATCH, seq, at, at, "prom", "here", body))
    return known


KNOWN = told({}, [LOGIN])


def test_a_new_alert_is_told_once() -> None:
    found = Found((LOGIN, LOGIN), whole=True)
    assert difference({}, found, "prom", NOW) == (LOGIN,)
    assert difference(KNOWN, found, "prom", NOW) == ()


def test_what_a_whole_list_leaves_out_is_over() -> None:
    assert difference(KNOWN, Found(whole=True), "prom", NOW) == (AlertEnded(alert="prom:1", title="Logins fail"),)


def test_a_failed_or_partial_look_says_nothing_of_what_is_missing() -> None:
    assert difference(KNOWN, Found(), "prom", NOW) == ()


def test_another_source_ends_nothing_here() -> None:
    assert difference(KNOWN, Found(whole=True), "pager", NOW) == ()


def test_each_change_that_a_person_would_see_is_told() -> None:
    for changed in ({"title": "x"}, {"severity": "x"}, {"service": "x"}, {"state": "acknowledged"}, {"who": "ada"}):
        other = msgspec.structs.replace(LOGIN, **changed)
        assert difference(KNOWN, Found((other,)), "prom", NOW) == (other,)


def test_one_that_fires_again_after_its_end_was_learnt_anew() -> None:
    over = told(KNOWN, difference(KNOWN, Found(whole=True), "prom", NOW), NOW + 5)
    again = told(over, difference(over, Found((LOGIN,)), "prom", NOW + 9), NOW + 9)
    assert (again["prom:1"].learnt, again["prom:1"].ended) == (NOW + 9, 0)


def test_one_that_fired_again_between_two_looks_has_its_later_start() -> None:
    later = msgspec.structs.replace(LOGIN, started=900)
    assert difference(KNOWN, Found((later,)), "prom", NOW) == (later,)
    earlier = msgspec.structs.replace(LOGIN, started=100)
    assert difference(KNOWN, Found((earlier,)), "prom", NOW) == ()


def test_a_start_in_the_future_is_not_kept() -> None:
    ahead = msgspec.structs.replace(LOGIN, started=NOW + 1)
    (body,) = difference({}, Found((ahead,)), "prom", NOW)
    assert isinstance(body, AlertSeen) and body.started == 0


def test_what_was_silenced_before_it_rang_here_is_not_news() -> None:
    snoozed = msgspec.structs.replace(LOGIN, state="snoozed")
    assert difference({}, Found((snoozed,), whole=True), "prom", NOW) == ()
    assert difference(KNOWN, Found((snoozed,), whole=True), "prom", NOW) == (snoozed,)


def test_the_late_end_of_an_earlier_firing_ends_nothing() -> None:
    late = AlertEnded(alert="prom:1", ended=400)
    assert difference(KNOWN, Found(ended=(late,)), "prom", NOW) == ()
    said = AlertEnded(alert="prom:1", ended=600)
    assert difference(KNOWN, Found(ended=(said,)), "prom", NOW) == (
        AlertEnded(alert="prom:1", title="Logins fail", ended=600),
    )


def test_an_end_within_an_incident_is_kept_though_the_alert_began_before_it() -> None:
    assert told({}, [AlertEnded(alert="prom:1", title="Logins fail", ended=600)])["prom:1"].ended == 600


_NAMES = st.sampled_from(["prom:1", "prom:2", "prom:3"])
_SEEN = st.builds(
    AlertSeen, alert=_NAMES, source=st.just("prom"), title=st.sampled_from("ab"), severity=st.sampled_from("xy"),
    started=st.integers(0, 2 * NOW), state=st.sampled_from(["firing", "acknowledged", "snoozed"]),
    who=st.sampled_from(["", "ada"]),
)  # fmt: skip
_ENDED = st.builds(AlertEnded, alert=_NAMES, ended=st.integers(0, 2 * NOW))
_FOUND = st.builds(
    Found, alerts=st.lists(_SEEN, max_size=4).map(tuple), whole=st.booleans(),
    ended=st.lists(_ENDED, max_size=2).map(tuple),
)  # fmt: skip


@given(st.lists(_FOUND, min_size=1, max_size=6))
def test_the_same_look_again_is_never_news(looks: list[Found]) -> None:
    known: Alerts = {}
    for found in looks:
        known = told(known, difference(known, found, "prom", NOW))
        assert difference(known, found, "prom", NOW) == ()
        lasting = {name for name, alert in known.items() if not alert.ended}
        if found.whole:
            assert lasting <= {alert.alert for alert in found.alerts}
