"""Parts of what errors say."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence


def did_you_mean(name: str, known: Iterable[str], *, prefix: str = "", cutoff: float = 0.6) -> str:
    """A suggestion for a name that is not known: "did you mean …?", or "" where nothing is close.

    What all of them begin with, `prefix`, says nothing about how close two names are.
    """
    near = difflib.get_close_matches(
        name.removeprefix(prefix), [each.removeprefix(prefix) for each in known], n=2, cutoff=cutoff
    )
    return f"did you mean {' or '.join(prefix + each for each in near)}?" if near else ""


def plain_words(message: str) -> str:
    """A message of pydantic's as part of a sentence of ours."""
    message = message.removeprefix("Value error, ")
    return message[:1].lower() + message[1:]


def path_to(path: str, location: Sequence[int | str]) -> str:
    """`path` with a location inside it: `nodes[3]` and `("params", "to", 0)` give `nodes[3].params.to[0]`."""
    for part in location:
        path += f"[{part}]" if isinstance(part, int) else f".{part}" if path else part
    return path
