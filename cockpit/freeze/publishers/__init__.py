"""The places a freeze is published to."""
