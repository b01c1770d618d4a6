"""A real engine with 1,000 endpoints every 10 s: its share of a core, how late it asks, and its memory."""

from __future__ import annotations

import asyncio

from bench.endpoint import endpoint
from bench.engine import engine, lateness, settle
from bench.proc import cpu_seconds, percentile, rss_mb

ENDPOINTS = 1_000
INTERVAL = 10.0
SECONDS = 60.0


def main() -> None:
    """Measure from outside."""
    with endpoint() as server:
        probes = [
            {
                "name": f"p{number}",
                "url": f"http://127.0.0.1:{server.answering}/{number}",
                "interval": f"{INTERVAL:.0f}s",
            }
            for number in range(ENDPOINTS)
        ]

        async def run() -> None:
            async with engine(probes) as client:
                pid = client.welcome.pid
                await settle(2 * INTERVAL)
                server.asked()
                cpu = cpu_seconds(pid)
                await settle(SECONDS)
                share = (cpu_seconds(pid) - cpu) / SECONDS
                asked = server.asked()
                late = lateness(asked, INTERVAL)
                count = sum(len(moments) for moments in asked.values())
                print(f"{count} looks at {len(asked)} endpoints in {SECONDS:.0f} s")
                print(f"core share    {share * 100:.1f} % (budget 15 %)")
                p50, p99 = percentile(late, 50), percentile(late, 99)
                print(f"lateness      p50 {p50:.1f} ms  p99 {p99:.1f} ms (budget 100 ms)")
                print(f"RSS           {rss_mb(pid):.0f} MB (budget 150 MB)")

        asyncio.run(run())


if __name__ == "__main__":
    main()
