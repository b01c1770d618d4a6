"""The panes: each draws one view, and knows no other."""
