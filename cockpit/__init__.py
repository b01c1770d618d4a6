"""A terminal cockpit for the person on call during an outage."""

__version__ = "0.1.0"
