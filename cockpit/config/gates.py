"""What stands between a confirmation and its command."""

from __future__ import annotations

from cockpit.config.fields import Duration, Strict


class GatesConfig(Strict):
    """For `objection` the other people attached may object to a confirmed command; off unless it is set.

    Whoever is alone waits for nobody.
    """

    objection: Duration = 0.0
