"""What a person sees who looks closer: everything with its age, and nothing that is not known."""

from __future__ import annotations

import pytest

from cockpit.clock import SECOND
from cockpit.config.load import parse
from cockpit.config.model import Config
from cockpit.engine import cards, views
from cockpit.engine.board import Board, Lane
from cockpit.incident.alerting import Alert
from cockpit.incident.effects import Effect
from cockpit.incident.vocabulary import (
    AlertSeen,
    ChangeSeen,
    EffectExpected,
    EffectMeasured,
    Figures,
    ProbeState,
)
from cockpit.incident.watching import Change, Watched, Watching
from cockpit.probes.machine import Track
from cockpit.probes.phases import Phases
from cockpit.probes.sample import Sample
from cockpit.protocol.views import CardView
from cockpit.text import SafeText

NOW = 1_700_000_400 * SECOND
CONFIG = parse(
    """\
version: 1
services:
  - name: auth
    title: Sign-in
    owner: Team Identity
    escalation: [Ada]
    links: {logs: "https://logs.example.com"}
    reads: [store]
    probes: [{name: login, url: "https://127.0.0.1:1/login", interval: 10s}]
""",
    "c.yaml",
    Config,
)


@pytest.fixture
def lane() -> Lane:
    made = Board(CONFIG, Watching()).lanes["login"]
    made.take(
        Sample(
            NOW - 3 * SECOND, "bad", SafeText("no handshake"), failure="tls", address="127.0.0.1",
            phases=Phases(dns=0.5, connect=4.0), facts=((SafeText("tried"), SafeText("1 address")),),
        )
    )  # fmt: skip
    made.track = Track(state="down", since=NOW - 60 * SECOND, checked=NOW - 3 * SECOND)
    return made


def told(card: CardView) -> dict[str, str]:
    return {str(fact.label): str(fact.text) for fact in card.facts}


def test_a_card_tells_the_last_look_phase_by_phase_and_where_it_ended(lane: Lane) -> None:
    card = cards.card(lane, "login", Watching(), NOW)
    assert (card.service, card.state, card.owner, card.escalation) == ("Sign-in", "down", "Team Identity", ("Ada",))
    assert [(link.name, link.url) for link in card.links] == [("logs", "https://logs.example.com")]
    assert told(card) == {
        "asked": "GET https://127.0.0.1:1/login", "looked": "3 s ago", "dns": "0.5 ms", "connect": "4 ms",
        "tls": "ended here: tls", "address": "127.0.0.1", "failure": "tls", "tried": "1 address",
        "5 minutes": "100.0 % fail, 1 sample, data 3 s old", "pace": "every 10 s",
    }  # fmt: skip


def test_what_is_stale_says_so(lane: Lane) -> None:
    card = cards.card(lane, "login", Watching(), NOW + 3600 * SECOND)
    assert card.state == "unknown"
    assert told(card)["looked"].endswith(", STALE")


@pytest.mark.parametrize(("previous", "points"), [("up", True), ("unknown", False)])
def test_it_points_at_changes_where_it_was_seen_to_turn_and_tells_what_came_of_them(
    lane: Lane, previous: ProbeState, points: bool
) -> None:
    turned = Watched("login", "auth", "down", NOW - 60 * SECOND, NOW, "no handshake", Figures(), previous=previous)
    seen = ChangeSeen(change="c1", source="ci", what="config #4711", service="store", reviewed=False)
    expected = EffectExpected(
        subject="c2", about="change", what="deploy 2.4", service="auth", since=NOW, until=NOW + 600 * SECOND, before=()
    )
    measured = EffectMeasured(subject="c3", verdict="worse", words="deploy 2.3: WORSE since", after=())
    before = EffectExpected(subject="c3", about="change", what="x", service="auth", since=NOW, until=NOW, before=())
    watching = Watching(
        probes={"login": turned},
        changes=(Change(NOW - 240 * SECOND, seen),),
        effects={"c2": Effect(expected), "c3": Effect(before, measured)},
    )
    card = cards.card(lane, "login", watching, NOW)
    pointed = ("3 min before the first bad sample: config #4711 in store, unreviewed",)
    assert card.suspects == (pointed if points else ())
    (view,) = views.services({"login": lane}, watching, NOW).services
    assert view.suspect == (pointed[0] if points else "")
    assert card.effects == ("deploy 2.3: WORSE since", "watched until 22:30Z, after deploy 2.4")


def test_a_lane_that_is_not_there_is_said_to_be_unknown() -> None:
    card = cards.card(None, "nowhere", Watching(), NOW)
    assert (card.state, card.verdict) == ("unknown", "there is no such probe")


def test_an_alarm_of_a_source_that_does_not_answer_says_that_it_may_be_over() -> None:
    seen = AlertSeen(alert="am:1", source="am", title="Disk full", detail="96 % used")
    watching = Watching(alerts={"am:1": Alert(seen, NOW, NOW)})
    (fresh,) = cards.alerts(watching).alerts
    (doubted,) = cards.alerts(watching, silent_since={"am": NOW}).alerts
    assert fresh.detail == "96 % used"
    assert doubted.detail == "am has not answered since 22:20Z: it may be over.  96 % used"
