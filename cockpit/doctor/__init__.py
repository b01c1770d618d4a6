"""What would fail in a bad night, found out before it: every check looks, and changes nothing."""
