"""The headless process that probes, records, runs steps and tells: it wires the rooms, and decides nothing."""
