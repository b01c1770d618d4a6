"""The charts of a report, as SVG of our own. Pure, from the document alone."""
