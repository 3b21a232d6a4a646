"""A file that cannot be parsed."""

raise RuntimeError("broken on purpose")
