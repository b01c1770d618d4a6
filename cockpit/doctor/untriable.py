"""What is assumed of Slack and cannot be tried with good manners, and why not."""

from __future__ import annotations

from collections.abc import AsyncIterator

from cockpit.doctor.trying import Bench, Row, untried

UNTRIABLE = (
    ("asking too often gets a 429, or ratelimited, or rate_limited; Retry-After may be 0, 3600, no number or missing",
     "a wait", "it would take a flood of calls, and others in the workspace would have to wait too"),
    ("an edit after the time in which the workspace lets messages be edited", "edit_window_closed",
     "it takes a message that is older than that, and not every workspace has such a time"),
    ("an edit of what somebody else posted", "cant_update_message",
     "it takes a message of somebody else, and would change it if this did not hold"),
    ("fatal_error, internal_error, a 5xx, a timeout or a page of HTML leave open whether a message is there",
     "nobody knows", "nobody can bring them about from outside"),
    ("a token that is revoked or has expired", "token_revoked, token_expired",
     "the token that is lent for this would be gone"),
    ("a channel that is archived, or takes nothing from apps", "is_archived, restricted_action",
     "it would be the channel that is lent for this"),
    ("a channel takes 100 pins", "too_many_pins", "it would take a hundred pins, each shown to everybody there"),
    ("an edit wakes nobody, and a mention in escaped text calls nobody", "silence",
     "only somebody who reads there can see it"),
    ("an incoming webhook answers ok without a ts", "ok", "it takes an address of its own, and cannot take back"),
    ("what is not acknowledged comes again over Socket Mode", "the same again",
     "a second line would take presses away from the one that listens"),
)  # fmt: skip
"""Each assumption, what is expected if it holds, and why it is not tried."""


async def untriable(_: Bench) -> AsyncIterator[Row]:
    """Each of them, so that nobody takes it for tried."""
    for assumption, expected, why in UNTRIABLE:
        yield untried(assumption, expected, why)
