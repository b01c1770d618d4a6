"""How Slack is told: its own markup, its blocks, and its limits."""
