"""Every benchmark, one after the other: `make bench`, or `python -m bench NAME`."""

from __future__ import annotations

import importlib
import sys

BENCHMARKS = {
    "journal_append": "one durable append to the journal, beside a bare commit of SQLite",
    "probe_cpu": "CPU per HTTP probe, fresh connections",
}


def main(names: list[str]) -> int:
    """Run the named benchmarks, or all."""
    unknown = [name for name in names if name not in BENCHMARKS]
    if unknown:
        print(f"no such benchmark: {', '.join(unknown)}; there are {', '.join(BENCHMARKS)}", file=sys.stderr)
        return 2
    for name in names or BENCHMARKS:
        print(f"== {name}: {BENCHMARKS[name]}", flush=True)
        importlib.import_module(f"bench.{name}").main()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
