"""A recorded incident as a drill that plays again: what was recorded answers as it did, and nothing else does."""
