"""The word to change nothing, as those see it who cannot reach the engine: published, signed, and asked for in CI."""
