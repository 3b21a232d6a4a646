"""What `query` of `users.list` and `groups.list` is made of.

https://developers.google.com/workspace/admin/directory/v1/guides/search-users
"""

from __future__ import annotations


def equals(**fields: str) -> str:
    """Clauses that all have to hold. No value can end its clause."""
    return " ".join(f"{name}={quoted(value)}" for name, value in fields.items())


def quoted(value: str) -> str:
    """In single quotes; a quote and a backslash in it are written with a backslash."""
    inner = value.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{inner}'"
