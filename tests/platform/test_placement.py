from __future__ import annotations

import os
import stat
from pathlib import Path

from cockpit.platform.placement import settle
from cockpit.platform.places import Places


def remote(path: Path) -> bool:
    return "nfs" in path.parts


def test_a_local_home_is_kept_without_a_word(tmp_path: Path) -> None:
    places = settle(Places(tmp_path / "home"), remote, [tmp_path])
    assert (places.home, places.notice) == (tmp_path / "home", "")


def test_a_home_on_the_network_moves_to_this_host_and_says_so(tmp_path: Path) -> None:
    wanted, other = Places(tmp_path / "nfs" / "one"), Places(tmp_path / "nfs" / "two")
    roots = [tmp_path / "nfs", tmp_path]
    places = settle(wanted, remote, roots)
    home = places.home
    assert home.parent == tmp_path / f"cockpit-{os.getuid()}"
    assert stat.S_IMODE(home.stat().st_mode) == stat.S_IMODE(home.parent.stat().st_mode) == 0o700
    assert str(wanted.home) in places.notice and str(home) in places.notice
    assert settle(wanted, remote, roots) == places
    assert settle(other, remote, roots).home != home


def test_a_directory_others_could_have_prepared_is_not_trusted(tmp_path: Path) -> None:
    wanted = Places(tmp_path / "nfs" / "home")
    trap, good = tmp_path / "trap", tmp_path / "good"
    for root in (trap, good):
        root.mkdir()
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir(mode=0o700)
    (trap / f"cockpit-{os.getuid()}").symlink_to(elsewhere)
    assert settle(wanted, remote, [trap, good]).home.is_relative_to(good)
    open_to_all = good / f"cockpit-{os.getuid()}"
    open_to_all.chmod(0o777)
    stuck = settle(wanted, remote, [trap, good])
    assert stuck.home == wanted.home
    assert "Run one cockpit only" in stuck.notice
