"""The rules of the lint of reports, a file for each family. Pure, over the document alone."""
