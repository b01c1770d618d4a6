"""The screens: the cockpit itself, and the questions that come up over it."""
