"""The heart, pure: what can happen in an incident, and what is so after it has."""
