"""Duties that nobody waits for: relaying, watching, chaining, tidying. `python -m listeners.steward`."""
