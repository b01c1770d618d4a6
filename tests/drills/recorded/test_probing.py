"""What turned follows from what was done before it, and from nothing less."""

from __future__ import annotations

from cockpit.clock import SECOND
from cockpit.drills.recorded.commands import Ran
from cockpit.drills.recorded.naming import Clockface
from cockpit.drills.recorded.probing import Probes
from cockpit.drills.recorded.readings import Lane, Reading

T0 = 1_800_000_000 * SECOND


def _ran(seconds: float, position: int) -> Ran:
    return Ran(("svcctl", str(position)), T0 + int(seconds * SECOND), 0.5, 0, ("",), True, position)


def test_a_recovery_is_put_down_to_the_last_change_it_may_have_followed() -> None:
    """The sample is good four seconds after the second change, and one is taken every ten seconds."""
    lane = Lane("shop", "front", "", (Reading(T0 + 60 * SECOND, "down"), Reading(T0 + 164 * SECOND, "up")))
    probes = Probes([lane], {}, Clockface(T0))
    commands = (_ran(100, 0), _ran(160, 1))
    assert [fault.sets for fault in probes.faults(commands)] == [{"shop.front": "down"}]
    (reaction,) = probes.reactions(commands)
    assert (reaction.when, reaction.after) == ({"shop.record": "2"}, 0.5)
