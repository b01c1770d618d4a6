"""Where error rates come from, and what they say."""
