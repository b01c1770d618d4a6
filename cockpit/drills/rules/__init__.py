"""What may be wrong with a scenario although it is well formed, by theme. Pure."""
