"""The destinations: one small file for each kind."""
