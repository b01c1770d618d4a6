"""Every benchmark, one after the other: `make bench`, or `python -m bench NAME`."""

from __future__ import annotations

import importlib
import sys

BENCHMARKS = {
    "journal_append": "one durable append to the journal, beside a bare commit of SQLite",
    "steps_output": "1 GB of a step's output, beside cat > file (COCKPIT_BENCH_GB=10 for more)",
    "steps_spawn": "a step that does nothing, beside a bare subprocess.run",
    "probe_cpu": "CPU per HTTP probe at 200 endpoints, new connections, beside blackbox_exporter",
    "probe_scale": "1,000 endpoints every 10 s: core share, lateness, memory",
    "probe_hung": "one healthy endpoint beside 500 that hang",
    "broadcast": "from a change of state to the request at a fake Slack, and what is told after six hours without it",
    "report": "the report of an incident of 100,000 events, in each form",
    "probe_cancels": "file descriptors over 10,000 cancelled requests",
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
