"""`python -m cockpit.engine`: what the command line starts when no engine runs."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from cockpit.engine.host import Start, host
from cockpit.platform.places import Places


def main() -> int:
    """Read the arguments and run."""
    parser = argparse.ArgumentParser(prog="cockpit-engine")
    parser.add_argument("--home", type=Path, required=True)
    parser.add_argument("--profile", default="default")
    parser.add_argument("--notice", default="", help="what to tell people about where the files are")
    parser.add_argument("--config", type=Path)
    parser.add_argument("--ready-fd", type=int)
    asked = parser.parse_args()
    start = Start(Places(asked.home, asked.notice), asked.profile, asked.config, asked.ready_fd)
    return host(start)


if __name__ == "__main__":
    sys.exit(main())
