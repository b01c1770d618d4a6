"""Processes found by a variable in their environment."""

from __future__ import annotations

import subprocess
import uuid

from cockpit.platform.process import carrying


def test_a_process_is_found_by_its_whole_variable_while_it_lives() -> None:
    mark = uuid.uuid4().hex
    with subprocess.Popen(["sleep", "1000"], env={"MARK": mark}) as child:
        # The call returned after exec, so its environment is there.
        assert carrying("MARK", mark) == (child.pid,)
        assert carrying("MARK", mark[:-1]) == ()
        assert carrying("ARK", mark) == ()
        child.kill()
    assert carrying("MARK", mark) == ()
