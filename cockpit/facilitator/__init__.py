"""Whoever leads a drill: sees what the responders do not, and turns its clock. On top of drills and terminal."""
