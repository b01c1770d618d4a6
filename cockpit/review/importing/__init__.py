"""Timelines that people wrote by hand, as report documents."""
