"""500 endpoints that accept and never answer, beside one that is well: what the well one notices of them."""

from __future__ import annotations

import asyncio

from bench.endpoint import endpoint
from bench.engine import engine, lateness, settle
from bench.proc import cpu_seconds, descriptors, percentile

HUNG = 500
SECONDS = 30.0


def main() -> None:
    """Ask the well one every second, alone and then beside the hung ones."""
    with endpoint() as server:
        well = {"name": "well", "url": f"http://127.0.0.1:{server.answering}/well", "interval": "1s"}
        silent = [
            {"name": f"hung{number}", "url": f"http://127.0.0.1:{server.silent}/{number}", "interval": "10s",
             "timeout": "3s"}
            for number in range(HUNG)
        ]  # fmt: skip

        async def run(label: str, probes: list[dict[str, str]]) -> None:
            async with engine(list(probes)) as client:
                await settle(3.0)
                server.asked()
                cpu = cpu_seconds(client.welcome.pid)
                await settle(SECONDS)
                share = (cpu_seconds(client.welcome.pid) - cpu) / SECONDS * 100
                moments = server.asked().get("/well", [])
                late = lateness({"/well": moments}, 1.0)
                print(
                    f"{label:16} {len(moments)} looks in {SECONDS:.0f} s, lateness p99 {percentile(late, 99):.1f} ms, "
                    f"{share:.1f} % of a core, {descriptors(client.welcome.pid)} descriptors"
                )

        asyncio.run(run("alone", [well]))
        asyncio.run(run(f"beside {HUNG} hung", [well, *silent]))


if __name__ == "__main__":
    main()
