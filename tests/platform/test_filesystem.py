from __future__ import annotations

from pathlib import Path

import pytest

from cockpit.platform.filesystem import is_networked, kind_of

MOUNTINFO = r"""
21 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw
30 21 0:40 / /home rw,relatime shared:2 master:1 - nfs4 filer:/home rw,vers=4.2
31 30 8:2 / /home/local rw,relatime - xfs /dev/sdb1 rw
32 21 0:41 / /srv/my\040share rw - cifs //filer/share rw
33 21 0:42 / /data rw - ext4 /dev/sdc1 rw
34 33 0:43 / /data rw - fuse.sshfs host:/data rw
35 21 0:44 / /vm rw - fuse.lxcfs lxcfs rw
"""
MACOS = """
/dev/disk3s1s1 on / (apfs, sealed, local, read-only, journaled)
/dev/disk3s5 on /System/Volumes/Data (apfs, local, journaled)
//ana@filer/team (old) on /Volumes/team (old) (smbfs, nodev, nosuid)
"""


@pytest.mark.parametrize(
    ("path", "kind", "networked"),
    [
        ("/var/lib/x", "ext4", False),
        ("/home/ana/.local/state", "nfs4", True),
        ("/home", "nfs4", True),
        ("/homestead", "ext4", False),
        ("/home/local/ana", "xfs", False),
        ("/srv/my share/x", "cifs", True),
        ("/data/x", "fuse.sshfs", True),
        ("/vm/x", "fuse.lxcfs", False),
    ],
)
def test_the_innermost_and_latest_mount_counts(path: str, kind: str, networked: bool) -> None:
    assert kind_of(Path(path), MOUNTINFO) == kind
    assert is_networked(Path(path), MOUNTINFO) is networked


def test_the_list_of_macos_is_read_too() -> None:
    assert is_networked(Path("/Volumes/team (old)/x"), MACOS)
    assert kind_of(Path("/Users/ana"), MACOS) == "apfs"


def test_a_link_is_followed_to_where_it_leads(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path / "there")
    mounts = f"1 0 0:1 / / rw - ext4 a rw\n2 1 0:2 / {tmp_path.resolve()}/there rw - nfs b rw\n"
    assert is_networked(tmp_path / "link" / "deep", mounts)


def test_this_host_says_what_its_root_is() -> None:
    assert kind_of(Path("/"))


def test_a_host_that_says_nothing_is_taken_for_local() -> None:
    assert kind_of(Path("/home"), "") == ""
    assert not is_networked(Path("/home"), "")
