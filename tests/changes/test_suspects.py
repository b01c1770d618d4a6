"""Which change is pointed at."""

from __future__ import annotations

from cockpit.changes.suspects import suspect
from cockpit.clock import SECOND
from cockpit.config.services import ServiceConfig
from cockpit.incident.vocabulary import ChangeSeen
from cockpit.incident.watching import Change

SINCE = 10_000 * SECOND
AUTH = ServiceConfig(name="auth", reads=("features",))


def change(what: str, minutes: float, service: str = "", reviewed: bool | None = None) -> Change:
    seen = ChangeSeen(change=what, source="feed", what=what, service=service, reviewed=reviewed)
    return Change(SINCE - int(minutes * 60 * SECOND), seen)


def test_the_words() -> None:
    flag = change("config #4711 features.onboarding_revamp", 3, "features", reviewed=False)
    assert suspect([flag], AUTH, SINCE) == (
        "changed 3 min before: config #4711 features.onboarding_revamp (unreviewed)"
    )
    assert suspect([change("deploy v12", 0.75, "auth", reviewed=True)], AUTH, SINCE) == (
        "changed 45 s before: deploy v12"
    )
    assert suspect([change("deploy v3", 2, "billing")], AUTH, SINCE) == "changed 2 min before in billing: deploy v3"


def test_only_the_hour_before_counts() -> None:
    assert suspect([], AUTH, SINCE) == ""
    assert suspect([change("after", -1, "auth"), change("long ago", 61, "auth")], AUTH, SINCE) == ""
    assert suspect([change("an hour", 60, "auth")], AUTH, SINCE) == "changed 60 min before: an hour"


def test_ranked_by_time_and_by_what_the_service_reads() -> None:
    own, read, nobody, other = (
        change("own", 20, "auth"), change("read", 4, "features"), change("nobody", 2), change("other", 1, "billing"),
    )  # fmt: skip
    for changes in ((own, read, nobody, other), (other, nobody, read, own)):
        assert "read" in suspect(changes, AUTH, SINCE)
        assert "nobody" in suspect([one for one in changes if one is not read], AUTH, SINCE)
    assert "own" in suspect([own, change("other", 19, "billing")], AUTH, SINCE)


def test_at_the_same_time_the_service_itself_comes_first() -> None:
    assert "own" in suspect([change("read", 5, "features"), change("own", 5, "auth")], AUTH, SINCE)
