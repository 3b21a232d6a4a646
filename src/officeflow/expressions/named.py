"""Which nodes an expression names, told from its text alone: for where no evaluator is at hand, as while
Airflow reads a DAG file.
"""

from __future__ import annotations

import re

_TEXT = r"""(?:[rR](?:"[^"\n]*"|'[^'\n]*')|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*')"""
_NAMED = re.compile(
    rf"""(?<![\w.])(?<!\.\?)nodes\s*(?:\.\s*\??\s*(?P<field>[A-Za-z_]\w*)|\[\s*\??\s*(?P<key>{_TEXT})\s*\])|(?P<text>{_TEXT})"""
)
_BOUND = re.compile(r"[(,]\s*nodes\s*,")
"""A loop's or `cel.bind`'s own variable of that name."""


def nodes_named(source: str) -> frozenset[str]:
    """The ids in `nodes.<id>` and `nodes["<id>"]`. What cannot be told from the text is left out."""
    if _BOUND.search(source):
        return frozenset()
    found = {
        match["field"] or _unquoted(match["key"])
        for match in _NAMED.finditer(source)
        if match["field"] or match["key"]
    }
    return frozenset(found - {""})


def _unquoted(text: str) -> str:
    inner = text.lstrip("rR")[1:-1]
    return "" if "\\" in inner else inner
