"""What lint looks for: a file per theme, each with a `check` that yields what it finds in one runbook."""
