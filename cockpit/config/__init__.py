"""Strict YAML to typed models: every mistake is named with its place in the file and the way to mend it."""
