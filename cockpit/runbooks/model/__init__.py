"""What a runbook may say, version 1."""
