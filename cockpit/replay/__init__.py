"""A recorded incident on the same screen. It reads, and nothing else: it starts no command and tells nobody."""
