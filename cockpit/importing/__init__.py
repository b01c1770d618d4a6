"""From the files of other tools to our config: what can be carried over is, and what cannot is named with its line."""
